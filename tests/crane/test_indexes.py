"""
What is in an index, appended to it, filtered out of it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ocikit import layout, media
from ocikit._records import evolve
from ocikit.content.blob import of_bytes
from ocikit.content.empty import INDEX
from ocikit.content.image import Child, Content, Index, Loaded
from ocikit.crane.entries import NoSuchChild
from ocikit.crane.indexes import index_append, index_filter, index_list, layout_append
from ocikit.crane.located import PlaceUnsupported
from ocikit.crane.places import flush, load
from ocikit.layout.flush import flush as to_layout
from ocikit.platforms import Platform, parse
from ocikit.query.select import PlatformMissing
from ocikit.query.validate import validate
from ocikit.spec.attestation import is_attestation
from ocikit.testing.refusing import Refusing
from tests.crane.conftest import Reach
from tests.query.builders import artifact, attestation, image, index, layer, listed

AMD64, ARM64 = image("linux/amd64", layer("a")), image("linux/arm64", layer("b"))
ARMV6 = image("linux/arm/v6", layer("c"))
UNNAMED = image("", layer("d"))
APP, NEW = "localhost/app:1", "localhost/new:1"
#: Two images, each with what attests it.
BOTH = index(
    listed(AMD64, "linux/amd64", note="x"),
    listed(ARM64, "linux/arm64/v8"),
    attestation(AMD64),
    attestation(ARM64),
)


def closed(*contents: Content, platform: str = "") -> list[Child]:
    """
    List content that must not be loaded.
    """
    made = (listed(each, platform) for each in contents)
    return [evolve(each, opener=Refusing()) for each in made]


def platforms_of(made: Index) -> list[str]:
    """
    List the platforms of an index.
    """
    return [str(each.platform or "") for each in made.manifest.manifests]


def wanted(*texts: str) -> list[Platform]:
    """
    Read platforms.
    """
    return [parse(text) for text in texts]


def test_nothing_to_begin_with_is_told(reach: Reach) -> None:
    """
    Without a base it is the empty index, OCI's or Docker's, byte for byte as crane's.
    """
    assert index_append(None, [], reach.options) == INDEX
    assert reach.notices == ["base unspecified, using empty index"]
    made = index_append(None, [AMD64], reach.options, docker=True)
    assert made.media_type == media.DOCKER_MANIFEST_LIST
    assert json.loads(made.document.raw)["mediaType"] == media.DOCKER_MANIFEST_LIST


def test_images_are_listed_for_the_platform_they_name(reach: Reach, tmp_path: Path) -> None:
    """
    Wherever they and the base are; what the base says of its own children stays.
    """
    flush(APP, BOTH, reach.options)
    flush(f"oci:{tmp_path}:v", ARMV6, reach.options)
    flush(f"oci-archive:{tmp_path}/a.tar", UNNAMED, reach.options)
    places = [f"oci:{tmp_path}:v", f"oci-archive:{tmp_path}/a.tar"]
    made = index_append(APP, places, reach.options)
    assert made.manifest.manifests[:4] == BOTH.manifest.manifests
    assert platforms_of(made)[4:] == ["linux/arm/v6", ""]
    assert validate(made) == ()
    assert reach.notices == []
    flush(NEW, made, reach.options)
    assert load(NEW, reach.options) == made


def test_artifacts_are_listed_without_a_platform(reach: Reach) -> None:
    """
    Trap: a configuration that is no image's says nothing of a platform.
    """
    helm, blob = artifact(layer("chart")), of_bytes(b"x", "text/plain")
    made = index_append(None, [helm, blob], reach.options)
    first, second = json.loads(made.document.raw)["manifests"]
    assert first["artifactType"] == "application/vnd.example"
    assert "platform" not in first
    assert second == {"mediaType": "text/plain", "size": 1, "digest": str(blob.digest)}


def test_an_index_is_appended_as_its_children(reach: Reach) -> None:
    """
    Their annotations and platforms, and attestations, are those of the index; an index
    within one is kept as it is.
    """
    inner = index(listed(ARMV6))
    among = index(*BOTH.children, listed(inner, note="y"))
    made = index_append(index(listed(UNNAMED)), [among], reach.options)
    assert made.manifest.manifests[1:] == among.manifest.manifests
    whole = index_append(index(listed(UNNAMED)), [among], reach.options, flatten=False)
    assert whole.manifest.manifests[1] == among.descriptor
    assert reach.notices == []


def test_a_platform_of_an_index_is_appended_with_its_attestation(reach: Reach) -> None:
    """
    Trap: one platform is an entry of the index, and so keeps what that says of it.
    """
    flush(APP, BOTH, reach.options)
    arm = reach.but(platforms=(parse("linux/arm64"),))
    made = index_append(APP, [APP], reach.options)
    assert made == BOTH
    made = index_append(INDEX, [APP, AMD64], arm)
    assert platforms_of(made) == ["linux/arm64/v8", "unknown/unknown", "linux/amd64"]
    assert "is one image, and for linux/amd64" in reach.notices[-1]
    single = index_append(INDEX, [APP], arm, flatten=False)
    assert platforms_of(single) == ["linux/arm64"]
    with pytest.raises(PlatformMissing):
        index_append(INDEX, [APP], reach.but(platforms=(parse("linux/s390x"),)))


def test_the_base_is_whole_whatever_platform_is_wanted(reach: Reach) -> None:
    """
    Trap: --platform is about what is appended, and must not take from what was there.
    """
    flush(APP, BOTH, reach.options)
    made = index_append(APP, [ARMV6], reach.but(platforms=(parse("linux/arm"),)))
    assert made.manifest.manifests[:4] == BOTH.manifest.manifests


def test_what_is_listed_is_not_listed_again(reach: Reach) -> None:
    """
    Trap: a job that runs twice leaves no duplicates; what differs in a word is another.
    """
    again = index_append(index_append(INDEX, [AMD64], reach.options), [AMD64], reach.options)
    assert len(again.children) == 1
    assert f"{AMD64.digest} is listed already; skipped" in reach.notices[0]
    named = index(listed(AMD64, "linux/amd64", note="z"))
    assert len(index_append(again, [named], reach.options).children) == 2
    assert len(reach.notices) == 1


def test_two_images_for_one_platform_are_told(reach: Reach) -> None:
    """
    Nothing stops it, but whoever pulls gets the first.
    """
    other = image("linux/arm64/v8", layer("other"))
    index_append(BOTH, [other, attestation(other).content], reach.options)
    assert reach.notices == [
        f"index {BOTH.digest}: {ARM64.digest} and {other.digest} are both for linux/arm64/v8;"
        " who pulls that gets the first"
    ]


def test_a_base_that_is_no_index_is_refused(reach: Reach) -> None:
    """
    An image is no index of one.
    """
    flush(APP, AMD64, reach.options)
    with pytest.raises(PlaceUnsupported, match=f"{APP}: is an image, not an index"):
        index_append(APP, [ARM64], reach.options)
    with pytest.raises(PlaceUnsupported, match="is a text/plain, not an index"):
        index_list(of_bytes(b"x", "text/plain"), reach.options)


def test_a_filter_keeps_what_satisfies(reach: Reach) -> None:
    """
    With what attests it, in the order it was, and nothing is loaded.
    """
    children = [*closed(AMD64, platform="linux/amd64"), *closed(ARMV6, platform="linux/arm/v6")]
    among = index(*children, attestation(AMD64), attestation(ARMV6))
    made = index_filter(among, wanted("linux/arm"), reach.options)
    assert made.manifest.manifests == among.manifest.manifests[1::2]
    gone = among.manifest.manifests[2].digest
    assert reach.notices == [
        f"index {among.digest}: also went, about images that are not kept: {gone}"
    ]
    assert index_filter(among, wanted("linux"), reach.options) == among
    assert len(reach.notices) == 1


def test_filters_add_up(reach: Reach) -> None:
    """
    Several platforms keep what any of them does; one that nothing is for is told.
    """
    flush(APP, BOTH, reach.options)
    made = index_filter(APP, wanted("linux/arm64", "linux/s390x", "linux/amd64"), reach.options)
    assert made == BOTH
    assert reach.notices == [f"{APP}: no child is for linux/s390x"]


def test_nothing_left_is_an_error(reach: Reach) -> None:
    """
    Trap: `"manifests":null` would go over the tag, which nothing can read.
    """
    with pytest.raises(NoSuchChild, match="for windows or plan9; there is linux/amd64, linux/arm6"):
        index_filter(BOTH, wanted("windows", "plan9"), reach.options)
    assert reach.notices == []
    made = index_filter(BOTH, wanted("windows"), reach.options, allow_empty=True)
    assert json.loads(made.document.raw)["manifests"] == []


def test_what_names_no_platform_is_told(reach: Reach) -> None:
    """
    Trap: it went silently. An empty object, as some write it, names none either.
    """
    helm, blank = artifact(layer("chart")), evolve(listed(UNNAMED).descriptor, platform=Platform())
    among = index(
        listed(AMD64, "linux/amd64"), listed(helm), Child(descriptor=blank, opener=Loaded(UNNAMED))
    )
    made = index_filter(among, wanted("linux"), reach.options)
    assert made.manifest.manifests == among.manifest.manifests[:1]
    assert reach.notices == [
        f"index {among.digest}: also went, for no platform (--keep-unmarked keeps them):"
        f" {helm.digest}, {UNNAMED.digest}"
    ]
    assert index_filter(among, wanted("linux"), reach.options, keep_unmarked=True) == among
    assert len(reach.notices) == 1


def test_an_image_without_a_platform_is_judged_by_its_configuration(reach: Reach) -> None:
    """
    As engines judge it; how it is listed stays.
    """
    among = index(listed(AMD64), listed(ARM64))
    made = index_filter(among, wanted("linux/arm64"), reach.options)
    assert made.manifest.manifests == among.manifest.manifests[1:]
    assert reach.notices == []


def test_indexes_within_are_filtered(reach: Reach) -> None:
    """
    One that names a platform is judged by that; what attests within or without stays.
    """
    inner = index(listed(AMD64, "linux/amd64"), listed(ARM64, "linux/arm64"), note=1)
    emptied, marked = index(listed(ARMV6, "linux/arm/v6")), index(listed(ARM64))
    among = index(
        listed(inner, note="in"),
        listed(emptied),
        *closed(marked, platform="linux/arm64"),
        attestation(ARM64),
        attestation(AMD64),
    )
    made = index_filter(among, wanted("linux/arm64"), reach.options)
    first = made.children[0].content
    assert isinstance(first, Index)
    assert platforms_of(first) == ["linux/arm64"]
    assert first.document.raw.endswith(b'"note":1}')
    assert made.manifest.manifests[0].annotations == {"note": "in"}
    assert [is_attestation(each) for each in made.manifest.manifests] == [False, False, True]
    assert made.manifest.manifests[1:] == among.manifest.manifests[2:4]
    assert index_filter(among, wanted("linux"), reach.options) == among


def test_a_list_is_what_the_index_says(reach: Reach) -> None:
    """
    One manifest is read; with a platform, that image and what attests it.
    """
    flush(APP, BOTH, reach.options)
    reach.asked()
    assert index_list(APP, reach.options) == BOTH.manifest.manifests
    assert len([line for line in reach.asked() if "/manifests/" in line]) == 1
    arm = reach.but(platforms=(parse("linux/arm64"),))
    assert index_list(APP, arm) == BOTH.manifest.manifests[1::2]
    assert index_list(INDEX, reach.options) == ()


def test_a_layout_gets_entries_of_its_own(reach: Reach, tmp_path: Path) -> None:
    """
    As crane appends to a folder: it is made, its index has platforms, and nothing twice.
    """
    path = str(tmp_path / "out")
    made = layout_append(path, [BOTH], reach.options)
    assert made.manifest.manifests == BOTH.manifest.manifests
    assert layout.load(path, platform="linux/arm64") == ARM64
    to_layout(path, UNNAMED, reference="v")
    made = layout_append(path, [AMD64, ARMV6], reach.options)
    assert layout.load(path, "v") == UNNAMED
    assert platforms_of(made)[4:] == ["", "linux/arm/v6"]
    assert validate(made) == ()
