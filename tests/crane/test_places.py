"""
Any place as source and target.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from ocikit.content import synthetic
from ocikit.content.blob import of_bytes
from ocikit.content.image import Image, Index
from ocikit.content.partial import index_of
from ocikit.crane.located import NameNeeded, PlaceUnsupported
from ocikit.crane.places import flush, load, narrow, one_image
from ocikit.daemon.faults import EngineHostInvalid
from ocikit.layout.plain import NotADirectory
from ocikit.name.faults import NameInvalid
from ocikit.name.locator import parse_locator
from ocikit.platforms import LINUX_AMD64, parse
from ocikit.query.select import PlatformMissing
from tests.crane.conftest import Reach

IMAGE = synthetic.image(Random(1), layers=2)
PLATFORMS = [parse(text) for text in ("linux/amd64", "linux/arm64", "linux/arm/v7")]
INDEX = synthetic.index(Random(2), platforms=PLATFORMS)
ARM64, ARMV7 = PLATFORMS[1:]


@pytest.mark.parametrize(
    "place",
    [
        "r.example/app:1",
        "docker://r.example/app:1",
        "oci:{}/out:1",
        "oci:{}/alone",
        "oci-archive:{}/oci.tar:1",
    ],
)
@pytest.mark.parametrize("content", [IMAGE, INDEX])
def test_what_was_flushed_is_loaded(
    reach: Reach, tmp_path: Path, place: str, content: Image | Index
) -> None:
    """
    Whatever the place, what comes back is what went in, by the name that it gave.
    """
    name = flush(place.format(tmp_path), content, reach.options)
    assert load(name, reach.options) == content
    assert reach.notices == []


def test_an_archive_of_docker_s_takes_one_image(reach: Reach, tmp_path: Path) -> None:
    """
    Of an index the preferred one, with a notice; one by name when there are several.
    """
    place = f"docker-archive:{tmp_path}/a.tar:app:1"
    name = flush(place, IMAGE, reach.options)
    assert load(name, reach.options) == IMAGE
    assert reach.notices == []
    flush(place, INDEX, reach.but(preferred=ARM64))
    assert load(place, reach.options) == INDEX.children[1].content
    (said,) = reach.notices
    assert said.endswith(": an index of 3; took linux/arm64, choose another with --platform")


def test_places_are_records_too(reach: Reach, tmp_path: Path) -> None:
    """
    A place that was read need not be written as text again.
    """
    place = parse_locator(f"oci:{tmp_path}/out:1")
    flush(place, IMAGE, reach.options)
    assert load(place, reach.options) == IMAGE


def test_a_bare_blob_goes_where_it_can(reach: Reach, tmp_path: Path) -> None:
    """
    A layout lists any blob; other places say what they cannot hold.
    """
    blob = of_bytes(b"{}", "application/vnd.example")
    flush(f"oci:{tmp_path}/out:1", blob, reach.options)
    assert load(f"oci:{tmp_path}/out:1", reach.options) == blob
    for place in (
        "oci-archive:{}/a.tar",
        "docker-archive:{}/a.tar",
        "docker-daemon:app:1",
        "dir:{}/d",
    ):
        with pytest.raises(PlaceUnsupported, match=r"vnd\.example"):
            flush(place.format(tmp_path), blob, reach.options)


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("oci:{}/out:@0", PlaceUnsupported),
        ("docker-daemon:app@sha256:" + "0" * 64, NameNeeded),
        ("docker-daemon:sha256:" + "0" * 64, NameNeeded),
        ("Not/A/Name", NameInvalid),
    ],
)
def test_places_that_cannot_be_written(
    reach: Reach, tmp_path: Path, place: str, error: type[Exception]
) -> None:
    """
    They say so before anything is made.
    """
    with pytest.raises(error):
        flush(place.format(tmp_path), IMAGE, reach.options)
    assert list(tmp_path.iterdir()) == []


def test_places_that_cannot_be_read(reach: Reach) -> None:
    """
    What is no place of its kind says so, and an engine's address must be one.
    """
    with pytest.raises(NotADirectory, match=r"no manifest\.json"):
        load("dir:d", reach.options)
    with pytest.raises(EngineHostInvalid):
        load("docker-daemon:app:1", reach.but(engine={"DOCKER_HOST": "nowhere"}))


def test_an_image_of_another_platform_is_told(reach: Reach) -> None:
    """
    Where there is nothing to choose from, a person learns that they got something else.
    """
    name = flush("r.example/app:1", IMAGE, reach.options)
    assert load(name, reach.but(platforms=(LINUX_AMD64,))) == IMAGE
    assert reach.notices == []
    assert load(name, reach.but(platforms=(ARM64, ARMV7))) == IMAGE
    (said,) = reach.notices
    assert said == f"{name}: is one image, and for linux/amd64; a platform is chosen of an index"


def test_narrow_leaves_what_it_need_not_touch() -> None:
    """
    Without platforms, or without an index, content stays the same object.
    """
    assert narrow(INDEX, ()) is INDEX
    assert narrow(IMAGE, (ARM64,)) is IMAGE


def test_narrow_to_one_is_its_image() -> None:
    """
    One platform is an image, not an index of one.
    """
    assert narrow(INDEX, (ARM64,)) == INDEX.children[1].content


def test_narrow_to_several_is_an_index_of_them() -> None:
    """
    The children that stay are listed as they were, each once, in their order.
    """
    found = narrow(INDEX, (ARMV7, ARM64, parse("linux/aarch64")))
    assert isinstance(found, Index)
    assert [each.descriptor for each in found.children] == [
        each.descriptor for each in INDEX.children[1:]
    ]
    assert narrow(INDEX, tuple(PLATFORMS)) == INDEX


def test_narrow_looks_into_nested_indexes() -> None:
    """
    An image of an index within moves up rather than being lost.
    """
    nested = index_of([IMAGE, synthetic.index(Random(3), platforms=[ARM64])])
    found = narrow(nested, (LINUX_AMD64, ARM64))
    assert isinstance(found, Index)
    assert [str(each.descriptor.platform) for each in found.children] == [
        "linux/amd64",
        "linux/arm64",
    ]


def test_narrow_to_what_is_not_there() -> None:
    """
    One platform that is missing is an error, though others are there.
    """
    with pytest.raises(PlatformMissing):
        narrow(INDEX, (ARM64, parse("linux/s390x")))


def test_one_image_says_when_it_chooses(reach: Reach) -> None:
    """
    An image is no choice, and needs no notice.
    """
    assert one_image(IMAGE, "app", reach.options) is IMAGE
    assert reach.notices == []
    assert one_image(INDEX, "app", reach.options) == INDEX.children[0].content
    assert len(reach.notices) == 1
