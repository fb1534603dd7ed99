"""
Verbs that move and that look: what they ask for, and what they keep.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from ocikit import tarball
from ocikit.content import synthetic
from ocikit.content.image import Image, Index
from ocikit.crane import copying, read, write
from ocikit.crane.archives import NameTaken, pull
from ocikit.crane.located import NameNeeded, PlaceUnsupported
from ocikit.crane.places import flush, load
from ocikit.errors import Missing
from ocikit.http.faults import ManifestUnknown
from ocikit.layout.load import load as load_layout
from ocikit.name.faults import NameInvalid
from ocikit.name.locator import parse_locator
from ocikit.platforms import parse
from tests.crane.conftest import Reach

IMAGE = synthetic.image(Random(1), layers=2)
OTHER = synthetic.image(Random(3))
INDEX = synthetic.index(Random(2))
APP, BOTH = "r.example/app:1", "r.example/both:1"
ARM64 = parse("linux/arm64")


@pytest.fixture
def there(reach: Reach) -> Reach:
    """
    A registry that has an image and an index.
    """
    flush(APP, IMAGE, reach.options)
    flush(BOTH, INDEX, reach.options)
    reach.asked()
    return reach


def test_digest_is_one_head(there: Reach) -> None:
    """
    Without a platform nothing is downloaded.
    """
    assert read.digest(APP, there.options).digest == IMAGE.digest
    assert there.asked() == ["HEAD /v2/app/manifests/1 200"]


def test_digest_of_a_platform(there: Reach) -> None:
    """
    With one it is the image's, found by documents alone.
    """
    found = read.digest(BOTH, there.but(platforms=(ARM64,)))
    assert found.digest == INDEX.children[1].descriptor.digest
    assert not any("/blobs/" in line for line in there.asked())


def test_config_is_a_blob(there: Reach) -> None:
    """
    The exact bytes, and what they are.
    """
    assert read.config(APP, there.options).content == IMAGE.config.content
    assert read.config(BOTH, there.options).media_type == IMAGE.config.media_type
    assert len(there.notices) == 1


def test_lists_are_lazy(there: Reach) -> None:
    """
    Nothing is asked before the first is taken; names are read at once.
    """
    tags, repositories = (
        read.ls("docker://r.example/app", there.options),
        read.catalog("r.example", there.options),
    )
    assert there.asked() == []
    assert list(tags) == ["1"]
    assert list(repositories) == ["app", "both"]
    with pytest.raises(NameInvalid):
        read.ls("r.example/app:1", there.options)


def test_validate_reads_all_or_asks(there: Reach) -> None:
    """
    Deep reads every byte; fast asks whether it is there.
    """
    assert read.validate(APP, there.options) == ()
    assert sum(line.startswith("GET /v2/app/blobs/") for line in there.asked()) == 3
    assert read.validate(BOTH, there.options, deep=False) == ()
    lines = there.asked()
    assert not any(line.startswith("GET /v2/both/blobs/") for line in lines)
    assert sum(line.startswith("HEAD /v2/both/blobs/") for line in lines) == 4


def test_tag_is_get_and_put(there: Reach) -> None:
    """
    A tag moves a manifest's bytes and nothing else.
    """
    assert write.tag(BOTH, ["2"], there.options) == ("r.example/both:2",)
    assert there.asked() == ["GET /v2/both/manifests/1 200", "PUT /v2/both/manifests/2 201"]
    assert load("r.example/both:2", there.options) == INDEX


def test_tag_checks_names_first(there: Reach) -> None:
    """
    Either all tags can be, or none is given.
    """
    with pytest.raises(NameInvalid):
        write.tag(APP, ["good", "not good"], there.options)
    assert there.asked() == []
    with pytest.raises(ManifestUnknown):
        write.tag("r.example/app:nope", ["2"], there.options)


def test_copy_mounts(there: Reach) -> None:
    """
    From repository to repository of one registry no blob's bytes are read.
    """
    name = copying.copy(APP, "r.example/copied:1", there.options)
    assert name == f"r.example/copied@{IMAGE.digest}"
    lines = there.asked()
    assert not any(line.startswith("GET /v2/app/blobs/") for line in lines)
    assert sum("mount=" in line for line in lines) == 3


def test_copy_of_nothing_new_is_two_requests(there: Reach) -> None:
    """
    What is there already is asked for and left alone.
    """
    copying.copy(APP, "r.example/copied:1", there.options)
    there.asked()
    copying.copy(APP, "r.example/copied:1", there.options)
    assert there.asked() == ["GET /v2/app/manifests/1 200", "HEAD /v2/copied/manifests/1 200"]


def test_no_clobber(there: Reach) -> None:
    """
    A tag that is there is not overwritten; a digest never could be; only tags are kept so.
    """
    options = there.options
    with pytest.raises(write.TagExists, match=str(INDEX.digest)):
        copying.copy(APP, BOTH, options, clobber=False)
    assert load(BOTH, options) == INDEX
    copying.copy(APP, f"r.example/both@{IMAGE.digest}", options, clobber=False)
    copying.copy(APP, "r.example/new:1", options, clobber=False)
    with pytest.raises(PlaceUnsupported):
        copying.copy(APP, "oci:out:1", options, clobber=False)


def test_copy_repository(there: Reach) -> None:
    """
    Tag by tag, as it is taken.
    """
    write.tag(APP, ["2", "3"], there.options)
    copying.copy(BOTH, "r.example/copied:2", there.options)
    copies = copying.copy_repository(
        "r.example/app", "docker://r.example/copied", there.options, clobber=False
    )
    assert list(copies) == [
        (f"r.example/copied:{tag}", f"r.example/copied@{IMAGE.digest}") for tag in "13"
    ]
    assert there.notices == ["r.example/copied:2: exists already; skipped"]


def test_named_as_its_source() -> None:
    """
    Only an archive that is not named otherwise, and only after a tag.
    """
    archive = parse_locator("docker-archive:a.tar")
    named = parse_locator("docker-archive:a.tar:b:2")
    pinned = parse_locator(f"app@{IMAGE.digest}")
    assert str(write.named_as(parse_locator(APP), archive)) == f"docker-archive:a.tar:{APP}"
    assert write.named_as(parse_locator(APP), named) is named
    assert write.named_as(pinned, archive) is archive
    assert write.named_as(parse_locator("oci:out:1"), archive) is archive


def test_delete_gives_the_name(there: Reach) -> None:
    """
    The name in full tells what is gone.
    """
    assert write.delete("r.example/app:1", there.options) == APP
    with pytest.raises(Missing):
        load(APP, there.options)


def test_whole_layout(there: Reach, tmp_path: Path) -> None:
    """
    All entries as one index, to the byte.
    """
    flush(f"oci:{tmp_path}/out:1", IMAGE, there.options)
    flush(f"oci:{tmp_path}/out:2", INDEX, there.options)
    whole = write.whole_layout(f"oci:{tmp_path}/out", there.options)
    assert isinstance(whole, Index)
    assert whole.document.raw == (tmp_path / "out/index.json").read_bytes()
    write.push(whole, "r.example/all:1", there.options)
    assert load("r.example/all:1", there.options) == whole
    with pytest.raises(PlaceUnsupported):
        write.whole_layout("r.example/all:1", there.options)


def test_pull_gives_what_it_wrote(there: Reach, tmp_path: Path) -> None:
    """
    In the order of the places, one image of each index.
    """
    written = pull([BOTH, APP], f"{tmp_path}/a.tar", there.options)
    assert written == (INDEX.children[0].content, IMAGE)
    assert tarball.load(tmp_path / "a.tar", APP) == IMAGE


def test_pull_from_any_place(there: Reach, tmp_path: Path) -> None:
    """
    What has a name is called by it; what has none cannot be filed in an archive.
    """
    flush(f"oci:{tmp_path}/out:r.example/named:1", IMAGE, there.options)
    flush(f"docker-archive:{tmp_path}/b.tar:r.example/saved:1", OTHER, there.options)
    places = [
        f"oci:{tmp_path}/out:r.example/named:1",
        f"docker-archive:{tmp_path}/b.tar:r.example/saved:1",
    ]
    pull(places, f"{tmp_path}/a.tar", there.options)
    assert tarball.load(tmp_path / "a.tar", "r.example/named:1") == IMAGE
    assert tarball.load(tmp_path / "a.tar", "r.example/saved:1") == OTHER
    with pytest.raises(NameNeeded):
        pull([f"oci:{tmp_path}/out:@0"], f"{tmp_path}/c.tar", there.options)


def test_pull_does_not_lose_one_of_two(there: Reach, tmp_path: Path) -> None:
    """
    Two different images of one name cannot both be filed; the same one twice can.
    """
    both = [f"r.example/both@{each.descriptor.digest}" for each in INDEX.children]
    with pytest.raises(NameTaken):
        pull(both, f"{tmp_path}/a.tar", there.options)
    assert pull([APP, APP], f"{tmp_path}/a.tar", there.options) == (IMAGE, IMAGE)


def test_pull_into_a_layout(there: Reach, tmp_path: Path) -> None:
    """
    Whole, under its full name when asked; a stream cannot be one.
    """
    pull([BOTH], f"{tmp_path}/out", there.options, format="oci", annotate_ref=True)
    assert load_layout(tmp_path / "out", BOTH) == INDEX
    with (tmp_path / "a").open("wb") as sink, pytest.raises(PlaceUnsupported):
        pull([BOTH], sink, there.options, format="oci")


def test_images_are_loaded_once(there: Reach, tmp_path: Path) -> None:
    """
    A layer that two images share is downloaded once into an archive.
    """
    write.tag(APP, ["2"], there.options)
    there.asked()
    pull([APP, "r.example/app:2"], f"{tmp_path}/a.tar", there.options)
    blobs = [line for line in there.asked() if line.startswith("GET /v2/app/blobs/")]
    assert len(set(blobs)) == 3
    assert isinstance(tarball.load(tmp_path / "a.tar", APP), Image)
