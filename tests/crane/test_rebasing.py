"""
Images on another base, over places.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ocikit._records import FrozenMap
from ocikit.content.image import Image, Index
from ocikit.content.partial import index_of
from ocikit.content.stack import NotBasedOn
from ocikit.crane.bases import BASE_DIGEST, BASE_NAME, BaseUnknown
from ocikit.crane.build import append
from ocikit.crane.places import flush
from ocikit.crane.rebasing import rebase, rebase_conflicts
from ocikit.http.faults import ManifestUnknown
from ocikit.mutate.layers import append as put
from ocikit.mutate.members import annotations as annotate
from ocikit.mutate.rebase import rebase as moved
from ocikit.mutate.settings import labels
from ocikit.name.faults import NameInvalid
from ocikit.query.conflicts import conflicts
from ocikit.query.select import PlatformMissing
from ocikit.testing.building import archive, image
from tests.crane.conftest import Reach
from tests.crane.filesystems import images
from tests.query.builders import layer as small

OS, APP = "r.example/os:12", "r.example/app:1"
OLD, NEW = image(archive("os-1")), image(archive("os-2"), archive("more"))
OLD_ARM, NEW_ARM = (image(archive(f"arm-{n}"), platform="linux/arm64") for n in (1, 2))
TOP = small("app")
BUILT = put(OLD, TOP)


def flushed(reach: Reach, **contents: Image | Index) -> None:
    """
    Put content into the registry, by tags of its repositories.
    """
    for name, content in contents.items():
        repository, _, tag = name.partition("_")
        flush(f"r.example/{repository}:{tag}", content, reach.options)
    reach.asked()


def test_it_is_the_pure_one_and_says_so(reach: Reach) -> None:
    """
    The result is that of `mutate.rebase`, and names its base by tag and digest.
    """
    flushed(reach, os_11=OLD, os_12=NEW, app_1=BUILT)
    made = rebase(APP, reach.options, old_base="r.example/os:11", new_base=OS)
    said = {BASE_DIGEST: str(NEW.digest), BASE_NAME: OS}
    assert made == annotate(moved(BUILT, OLD, NEW), said)
    assert reach.notices == []


def test_no_layer_moves(reach: Reach) -> None:
    """
    None is read, and those of the new base are mounted from where they are.
    """
    flushed(reach, os_11=OLD, os_12=NEW, app_1=BUILT)
    made = rebase(APP, reach.options, old_base="r.example/os:11", new_base=OS)
    flush(APP, made, reach.options)
    asked = reach.asked()
    assert sum("from=os" in line for line in asked) == len(NEW.layers)
    digests = [str(each.digest) for each in (*BUILT.layers, *NEW.layers)]
    assert not any(line.startswith("GET") and d in line for line in asked for d in digests)


def test_annotations_say_the_bases(reach: Reach) -> None:
    """
    What `append` recorded is enough, once the tag of the base is another image.
    """
    flushed(reach, os_12=OLD)
    built = append(OS, [TOP], reach.options, base_annotations=True)
    assert isinstance(built, Image)
    flushed(reach, app_1=built, os_12=NEW)
    made = rebase(APP, reach.options)
    assert isinstance(made, Image)
    assert made.layers == (*NEW.layers, built.layers[-1])
    assert made.manifest.annotations == {BASE_DIGEST: str(NEW.digest), BASE_NAME: OS}
    flush(APP, made, reach.options)
    assert rebase(APP, reach.options) == made
    assert reach.notices == [f"{APP}: is on that base already; rebasing changed no layer"]


def test_labels_say_them_too(reach: Reach) -> None:
    """
    Where annotations do not; and afterwards they still tell the truth.
    """
    said = {BASE_DIGEST: str(OLD.digest), BASE_NAME: OS, "other": "x"}
    flushed(reach, os_11=OLD, os_12=NEW, app_1=labels(BUILT, said))
    made = rebase(APP, reach.options)
    assert isinstance(made, Image)
    new = {BASE_DIGEST: str(NEW.digest), BASE_NAME: OS}
    assert made.config_file.config.labels == {**new, "other": "x"}
    assert made.manifest.annotations == new


def test_every_image_of_an_index_goes_on_its_own_platform(reach: Reach) -> None:
    """
    Trap: an index is rebased whole; what is recorded is the index that the name is of.
    """
    old, new = index_of([OLD, OLD_ARM]), index_of([NEW_ARM, NEW])
    built = index_of([BUILT, put(OLD_ARM, TOP)])
    flushed(reach, os_11=old, os_12=new, app_1=built)
    made = rebase(APP, reach.options, old_base="r.example/os:11", new_base=OS)
    both = images(made)
    assert [each.layers[:-1] for each in both] == [NEW.layers, NEW_ARM.layers]
    for each in both:
        assert each.manifest.annotations == {BASE_DIGEST: str(new.digest), BASE_NAME: OS}
    assert isinstance(made, Index)
    assert made.manifest.annotations == {}
    flush(APP, made, reach.options)
    assert rebase(APP, reach.options) == made


def test_an_index_that_names_its_base(reach: Reach) -> None:
    """
    It serves its images that do not, and names the new one afterwards.
    """
    old, new = index_of([OLD, OLD_ARM]), index_of([NEW, NEW_ARM])
    said = FrozenMap({BASE_DIGEST: str(old.digest), BASE_NAME: OS})
    built = index_of([BUILT, put(OLD_ARM, TOP)], annotations=said)
    flushed(reach, os_11=old, os_12=new, app_1=built)
    made = rebase(APP, reach.options)
    assert isinstance(made, Index)
    assert made.manifest.annotations == {BASE_DIGEST: str(new.digest), BASE_NAME: OS}
    assert [each.layers[:-1] for each in images(made)] == [NEW.layers, NEW_ARM.layers]


def test_a_base_without_a_name(reach: Reach, tmp_path: Path) -> None:
    """
    A base in a layout is known by digest; the name of the old one does not stay.
    """
    flushed(reach, os_12=OLD)
    flushed(reach, app_1=append(OS, [TOP], reach.options, base_annotations=True))
    new = flush(f"oci:{tmp_path}/out:1", NEW, reach.options)
    made = rebase(APP, reach.options, new_base=new)
    assert isinstance(made, Image)
    assert made.manifest.annotations == {BASE_DIGEST: str(NEW.digest)}


@pytest.mark.parametrize(
    ("said", "given", "which"),
    [
        ({}, (None, None), "new"),
        ({BASE_DIGEST: str(OLD.digest)}, (None, None), "new"),
        ({}, (OS, None), "new"),
        ({}, (None, OS), "old"),
        ({BASE_NAME: OS}, (None, None), "old"),
    ],
)
def test_what_nobody_says(
    reach: Reach, said: dict[str, str], given: tuple[str | None, str | None], which: str
) -> None:
    """
    It is asked for by name.
    """
    flushed(reach, os_12=NEW, app_1=annotate(BUILT, said))
    with pytest.raises(BaseUnknown, match=f"--{which}-base") as raised:
        rebase(APP, reach.options, old_base=given[0], new_base=given[1])
    assert raised.value.which == which


def test_what_cannot_be(reach: Reach) -> None:
    """
    Another base, another platform, a base that is gone.
    """
    flushed(reach, os_12=NEW, app_1=BUILT, arm_1=index_of([NEW_ARM]))
    with pytest.raises(NotBasedOn):
        rebase(APP, reach.options, old_base=OS, new_base=OS)
    with pytest.raises(PlatformMissing, match="linux/arm64"):
        rebase(APP, reach.options, old_base="r.example/arm:1", new_base=OS)
    said = {BASE_DIGEST: str(OLD.digest), BASE_NAME: OS}
    flushed(reach, app_1=annotate(BUILT, said))
    with pytest.raises(ManifestUnknown) as raised:
        rebase(APP, reach.options)
    assert "--old-base" in raised.value.__notes__[0]


@pytest.mark.parametrize("name", ["oci:/etc", "docker-daemon:app:1", "../x"])
def test_annotations_name_nothing_of_this_machine(reach: Reach, name: str) -> None:
    """
    Trap: whoever made the image wrote them; only a registry's images are meant.
    """
    said = {BASE_DIGEST: str(OLD.digest), BASE_NAME: name}
    flushed(reach, app_1=annotate(BUILT, said))
    with pytest.raises((NameInvalid, ManifestUnknown)):
        rebase(APP, reach.options)
    assert all("r.example" in r.url or "docker.io" in r.url for r in reach.requests)


def test_what_speaks_against_it(reach: Reach) -> None:
    """
    The conflicts of each image with its own bases; each layer is downloaded once.
    """
    old, new = image(archive(("a", b"1"))), image(archive(("a", b"2")))
    own, arm = put(old, small("a")), put(OLD_ARM, TOP)
    flushed(reach, os_11=index_of([old, OLD_ARM]), os_12=index_of([new, NEW_ARM]))
    flushed(reach, app_1=index_of([own, arm]))
    found = rebase_conflicts(APP, reach.options, old_base="r.example/os:11", new_base=OS)
    assert [conflict for _, conflict in found] == [
        *conflicts(own, old, new),
        *conflicts(arm, OLD_ARM, NEW_ARM),
    ]
    assert {str(platform) for platform, _ in found} == {"linux/amd64"}
    asked = [line.split()[1].rpartition("/")[2] for line in reach.asked()]
    layers = {str(each.digest) for side in (own, new, arm, NEW_ARM) for each in side.layers}
    assert sorted(digest for digest in asked if digest in layers) == sorted(layers)
    assert rebase_conflicts(OS, reach.options, old_base=OS, new_base=OS) == ()
