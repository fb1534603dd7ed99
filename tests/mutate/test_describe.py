"""
Descriptors of an index that say something else.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from ocikit._records import evolve
from ocikit.content.image import Index
from ocikit.mutate import members
from ocikit.mutate.attestations import Attestations
from ocikit.mutate.children import describe, replace
from ocikit.platforms import Platform, PlatformInvalid
from ocikit.query.match import exactly, platform
from ocikit.query.validate import validate
from ocikit.spec.attestation import is_attestation
from ocikit.testing.refusing import Refusing
from tests.query.builders import artifact, attestation, image, index, layer, listed

AMD64, ARM64 = image("linux/amd64", layer("a")), image("linux/arm64", layer("a"))


def everything(_: object) -> bool:
    """
    Mean every child.
    """
    return True


def said(made: Index) -> list[dict[str, Any]]:
    """
    Give the descriptors as JSON.
    """
    found: list[dict[str, Any]] = json.loads(made.document.raw)["manifests"]
    return found


def test_annotations_are_set_and_removed() -> None:
    """
    Of the children that are meant; nothing is loaded, and the others are the same records.
    """
    among = index(listed(AMD64, "linux/amd64", a="1", b="2"), listed(ARM64, "linux/arm64"))
    among = evolve(
        among, children=tuple(evolve(each, opener=Refusing()) for each in among.children)
    )
    made = describe(
        among,
        platform("linux/amd64"),
        annotations={"c": "3", "a": ""},
        remove_annotations=["b", "gone"],
    )
    assert said(made)[0]["annotations"] == {"a": "", "c": "3"}
    assert made.children[1] is among.children[1]
    assert [each.digest for each in made.manifest.manifests] == [AMD64.digest, ARM64.digest]
    assert "annotations" not in said(describe(made, everything, remove_annotations=["a", "c"]))[0]
    assert describe(among, everything) is among
    assert describe(made, platform("linux/amd64"), annotations={"c": "3"}) is made


def test_platforms_are_set() -> None:
    """
    Trap: an index that says nothing of a platform, or the wrong thing, is chosen wrongly.
    """
    among = index(listed(ARM64), listed(AMD64, "linux/amd64"))
    made = describe(among, lambda each: each.platform is None, platform="linux/aarch64/v8")
    assert [str(each.platform) for each in made.manifest.manifests] == [
        "linux/arm64/v8",
        "linux/amd64",
    ]
    gone = describe(made, everything, platform=Platform())
    assert "platform" not in said(gone)[0]
    with pytest.raises(PlatformInvalid):
        describe(among, everything, platform="a/b/c/d")


def test_what_is_not_named_of_a_platform_stays() -> None:
    """
    Unknown members, order and features; the version goes, as in images.
    """
    old = {"x": 1, "architecture": "amd64", "os": "windows", "os.version": "1", "features": ["f"]}
    listing = {**said(index(listed(AMD64)))[0], "platform": old}
    among = index(listed(AMD64), manifests=[listing])
    made = describe(among, everything, platform="windows/arm64")
    assert list(said(made)[0]["platform"].items()) == [
        *(("x", 1), ("architecture", "arm64"), ("os", "windows"), ("features", ["f"])),
    ]
    named = Platform(os="windows", architecture="arm64", os_features=("win32k",))
    assert said(describe(made, everything, platform=named))[0]["platform"]["os.features"] == [
        "win32k"
    ]


def test_artifact_types_are_set_and_removed() -> None:
    """
    None leaves them, and an empty one removes them.
    """
    among = index(listed(artifact()), listed(AMD64, "linux/amd64"))
    made = describe(among, exactly("linux/amd64"), artifact_type="a/b")
    assert [each.artifact_type for each in made.manifest.manifests] == ["", "a/b"]
    assert describe(made, everything, annotations={}) is made
    assert describe(made, everything, artifact_type="") == among


def test_attestations_stay_attestations() -> None:
    """
    Trap: one that is for a platform would be run.
    """
    among = index(listed(AMD64, "linux/amd64"), attestation(AMD64))
    made = describe(among, everything, platform="linux/amd64/v2", annotations={"a": "1"})
    assert [is_attestation(each) for each in made.manifest.manifests] == [False, True]
    assert said(made)[1]["annotations"]["a"] == "1"
    assert str(made.manifest.manifests[1].platform) == "unknown/unknown"
    assert validate(made) == ()


@pytest.mark.parametrize("how", ["relink", "keep", "drop"])
def test_attestations_follow_what_replaces_an_image(how: Attestations) -> None:
    """
    Also when that is listed with another descriptor now.
    """
    among = index(listed(AMD64, "linux/amd64"), attestation(AMD64))
    among = describe(among, platform("linux"), annotations={"a": "1"})
    made = replace(among, AMD64.digest, members.annotations(AMD64, {"b": "1"}), attestations=how)
    assert said(made)[0]["annotations"] == {"a": "1"}
    assert len(made.children) == (1 if how == "drop" else 2)
    assert bool(validate(made)) == (how == "keep")
