"""
Children of an index that are taken out, replaced, described anew.
"""

from __future__ import annotations

import pytest

from ocikit.content.image import Index
from ocikit.crane.children import (
    ChildUnclear,
    NothingLeft,
    index_annotate,
    index_remove,
    index_replace,
    index_set_platform,
)
from ocikit.crane.entries import NoSuchChild
from ocikit.crane.located import PlaceUnsupported
from ocikit.crane.places import flush
from ocikit.digest import Digest
from ocikit.mutate.attestations import Attestations
from ocikit.mutate.children import ChildMissing
from ocikit.platforms import Platform, parse
from ocikit.query import match
from ocikit.query.validate import validate
from ocikit.spec.attestation import about, is_attestation
from tests.crane.conftest import Reach
from tests.crane.test_indexes import AMD64, APP, ARM64, BOTH, NEW, closed, platforms_of
from tests.query.builders import artifact, image, index, layer, listed

NEWER = image("linux/arm64", layer("newer"))


def attested(made: Index) -> list[str]:
    """
    List what the attestations of an index are about.
    """
    return [about(each) for each in made.manifest.manifests if is_attestation(each)]


def test_what_is_removed_takes_its_attestations_along(reach: Reach) -> None:
    """
    Trap: an attestation of nothing stays behind. It goes, and a notice says so.
    """
    flush(APP, BOTH, reach.options)
    made = index_remove(APP, match.platform("linux/arm64"), reach.options)
    assert made.manifest.manifests == BOTH.manifest.manifests[::2]
    gone = BOTH.manifest.manifests[3].digest
    assert reach.notices == [f"{APP}: also went, about images that are removed: {gone}"]


def test_attestations_alone_are_removed(reach: Reach) -> None:
    """
    By the platform they are all listed for.
    """
    made = index_remove(BOTH, match.platform("unknown/unknown"), reach.options)
    assert made.manifest.manifests == BOTH.manifest.manifests[:2]
    assert reach.notices == []


def test_nothing_is_loaded_to_be_removed(reach: Reach) -> None:
    """
    The index's own descriptors are enough.
    """
    among = index(*closed(AMD64, ARM64))
    made = index_remove(among, match.digest(AMD64.digest), reach.options)
    assert made.manifest.manifests == among.manifest.manifests[1:]


def test_removing_none_or_all_is_an_error(reach: Reach) -> None:
    """
    A slip of the finger leaves the index as it was.
    """
    with pytest.raises(NoSuchChild, match="no child is meant; there is linux/amd64, "):
        index_remove(BOTH, match.platform("linux/s390x"), reach.options)
    with pytest.raises(NothingLeft):
        index_remove(BOTH, match.platform("linux"), reach.options)
    assert reach.notices == []
    made = index_remove(BOTH, match.platform("linux"), reach.options, allow_empty=True)
    assert made.children == ()


def test_an_image_replaces_that_of_its_platform(reach: Reach) -> None:
    """
    What is said of the child stays; what attests it goes, for it is about another image.
    """
    flush(APP, BOTH, reach.options)
    flush(NEW, NEWER, reach.options)
    made = index_replace(APP, NEW, reach.options)
    assert [each.digest for each in made.manifest.manifests[:2]] == [AMD64.digest, NEWER.digest]
    assert made.manifest.manifests[1].platform == parse("linux/arm64/v8")
    assert attested(made) == [str(AMD64.digest)]
    gone = BOTH.manifest.manifests[3].digest
    assert reach.notices == [f"{APP}: also went, about the image that is replaced: {gone}"]
    assert validate(made) == ()


@pytest.mark.parametrize("how", ["relink", "keep", "drop"])
def test_what_becomes_of_attestations_can_be_said(reach: Reach, how: Attestations) -> None:
    """
    Then there is nothing to tell.
    """
    made = index_replace(BOTH, NEWER, reach.options, attestations=how)
    new = {"relink": [str(NEWER.digest)], "keep": [str(ARM64.digest)], "drop": []}[how]
    assert attested(made) == [str(AMD64.digest), *new]
    assert reach.notices == []


def test_a_platform_of_one_index_replaces_that_of_another(reach: Reach) -> None:
    """
    The platform that is wanted is of both.
    """
    newer = index(listed(image("linux/amd64", layer("n"))), listed(NEWER, "linux/arm64"))
    flush(NEW, newer, reach.options)
    arm = reach.but(platforms=(parse("linux/arm64"),))
    made = index_replace(BOTH, NEW, arm)
    assert [each.digest for each in made.manifest.manifests[:2]] == [AMD64.digest, NEWER.digest]
    assert index_replace(BOTH, newer, arm) == made


def test_a_child_is_named_by_digest(reach: Reach) -> None:
    """
    Then anything can stand in its place.
    """
    made = index_replace(BOTH, artifact(layer("x")), reach.options, old=AMD64.digest)
    assert made.manifest.manifests[0].annotations == {"note": "x"}
    with pytest.raises(ChildMissing):
        index_replace(BOTH, NEWER, reach.options, old=Digest.of(b""))


def test_a_newer_build_of_windows_replaces_the_older(reach: Reach) -> None:
    """
    Trap: their versions differ in the last part, and else nothing would be replaced.
    """
    old, new = (image("windows/amd64", layer(name)) for name in ("old", "new"))
    among = index(listed(AMD64, "linux/amd64"), listed(old, "windows/amd64:10.0.20348.1"))
    named = image("windows/amd64", layer("new"), config={"os.version": "10.0.20348.2"})
    assert index_replace(among, named, reach.options).children[1].content == named
    assert index_replace(among, new, reach.options).children[1].content == new


def test_what_is_not_clear_is_asked(reach: Reach) -> None:
    """
    Nothing is replaced by chance.
    """
    arms = [listed(NEWER, "linux/arm64"), listed(ARM64, "linux/arm64")]
    with pytest.raises(ChildUnclear, match="2 images are for linux/arm64"):
        index_replace(index(*arms), image("linux/arm64"), reach.options)
    with pytest.raises(ChildUnclear, match="names no platform; say which child"):
        index_replace(BOTH, artifact(layer("x")), reach.options)
    with pytest.raises(NoSuchChild, match="an image for linux/s390x; there is linux/amd64"):
        index_replace(BOTH, image("linux/s390x"), reach.options)
    with pytest.raises(PlaceUnsupported):
        index_replace(AMD64, ARM64, reach.options)


def test_an_image_in_its_own_place_changes_nothing(reach: Reach) -> None:
    """
    And nothing is told.
    """
    assert index_replace(BOTH, ARM64, reach.options) == BOTH
    assert reach.notices == []


def test_an_index_is_annotated_itself(reach: Reach) -> None:
    """
    Unless children are meant.
    """
    flush(APP, BOTH, reach.options)
    made = index_annotate(APP, reach.options, set={"a": "1"})
    assert made.manifest.annotations == {"a": "1"}
    assert made.manifest.manifests == BOTH.manifest.manifests
    assert index_annotate(made, reach.options, remove=["a"]) == BOTH


def test_entries_are_annotated_and_children_stay(reach: Reach) -> None:
    """
    So what attests them still does, and nothing is loaded.
    """
    among = index(*closed(AMD64, ARM64))
    made = index_annotate(among, reach.options, set={"a": "1"}, match=match.digest(ARM64.digest))
    assert [each.annotations for each in made.manifest.manifests] == [{}, {"a": "1"}]
    assert [each.digest for each in made.manifest.manifests] == [AMD64.digest, ARM64.digest]
    bare = index_annotate(BOTH, reach.options, remove=["note"], match=match.annotation("note"))
    assert bare.manifest.manifests[0].annotations == {}
    assert validate(bare) == ()
    with pytest.raises(NoSuchChild):
        index_annotate(BOTH, reach.options, set={"a": "1"}, match=match.annotation("other"))


def test_a_platform_is_said_anew(reach: Reach) -> None:
    """
    Or taken away; attestations stay for none.
    """
    every = match.all_of()
    made = index_set_platform(BOTH, match.platform("linux/arm64"), parse("linux"), reach.options)
    assert platforms_of(made)[:2] == ["linux/amd64", "linux"]
    made = index_set_platform(BOTH, every, Platform(), reach.options)
    assert platforms_of(made) == ["", "", "unknown/unknown", "unknown/unknown"]
    with pytest.raises(NoSuchChild):
        index_set_platform(BOTH, match.platform("plan9"), Platform(), reach.options)


def test_platforms_are_those_of_the_configurations(reach: Reach) -> None:
    """
    For who made the index without; what has none of its own stays.
    """
    helm = artifact(layer("x"))
    among = index(listed(AMD64), listed(ARM64), listed(helm), listed(AMD64, "linux"))
    made = index_set_platform(among, None, None, reach.options)
    assert platforms_of(made) == ["linux/amd64", "linux/arm64", "", "linux"]
    assert index_set_platform(made, None, None, reach.options) == made
    assert index_set_platform(made, match.platform("linux"), None, reach.options) == index(
        *(listed(AMD64, "linux/amd64"), listed(ARM64, "linux/arm64")),
        *(listed(helm), listed(AMD64, "linux/amd64")),
    )
