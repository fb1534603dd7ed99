"""
Choosing one image of an index.
"""

from __future__ import annotations

import pickle

import pytest

from ocikit import media
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.image import Child, Image
from ocikit.errors import Missing
from ocikit.platforms import parse
from ocikit.query.select import PlatformMissing, choose, resolve
from ocikit.query.walk import NestedTooDeeply
from ocikit.spec.attestation import is_attestation
from ocikit.testing.refusing import Refusing
from tests.query.builders import artifact, image, index, listed

V5, V6, V7 = (image(f"linux/arm/v{n}") for n in (5, 6, 7))


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ("linux/arm/v7", V7),
        ("linux/arm/v6", V6),
        ("linux/arm/v8", V7),
        ("linux/arm", V7),
        ("linux/armhf", V7),
    ],
)
def test_the_best_variant_is_chosen(wanted: str, chosen: Image) -> None:
    """
    Not the first that would do, but the newest variant that the machine runs.
    """
    arms = [listed(V5, "linux/arm/v5"), listed(V6, "linux/arm/v6"), listed(V7, "linux/arm/v7")]
    assert choose(index(*arms), parse(wanted)) is chosen


def test_only_the_chosen_child_is_loaded() -> None:
    """
    One child costs one request: the others stay unopened, nested indexes too.
    """
    wanted, other = image("linux/amd64"), image("linux/arm64")
    refused = Child(descriptor=listed(other, "linux/arm64").descriptor, opener=Refusing())
    nested = Child(descriptor=listed(index()).descriptor, opener=Refusing())
    unmarked = Child(descriptor=listed(other).descriptor, opener=Refusing())
    among = index(refused, nested, unmarked, listed(wanted, "linux/amd64"))
    assert choose(among, parse("linux/amd64")) is wanted


def test_attestations_are_never_chosen() -> None:
    """
    Trap: an `unknown/unknown` child, or one with BuildKit's annotation, is no image to run.
    """
    amd64 = image("linux/amd64")
    unknown = listed(amd64, "unknown/unknown")
    about = listed(amd64, "linux/amd64", **{"vnd.docker.reference.type": "attestation-manifest"})
    assert is_attestation(unknown.descriptor)
    assert is_attestation(about.descriptor)
    for wanted in ("linux/amd64", "unknown/unknown", "linux"):
        with pytest.raises(PlatformMissing) as raised:
            choose(index(unknown, about), parse(wanted))
        assert raised.value.offered == ()
        assert "no image for any platform" in str(raised.value)


def test_what_is_no_manifest_is_never_chosen() -> None:
    """
    Trap: a blob, an artifact or a schema 1 manifest may be listed with a platform or none.
    """
    blob = of_bytes(b"{}", "application/json")
    old = of_bytes(b"{}", media.DOCKER_SCHEMA1)
    chart = artifact()
    children = [listed(blob, "linux/amd64"), listed(blob), listed(old), listed(chart)]
    with pytest.raises(PlatformMissing):
        choose(index(*children), parse("linux/amd64"))


def test_nested_indexes_are_searched() -> None:
    """
    An index in an index is descended; one that is marked for another platform is not.
    """
    wanted = image("linux/s390x")
    inner = index(listed(wanted, "linux/s390x"))
    closed = Child(descriptor=listed(index(), "linux/ppc64le").descriptor, opener=Refusing())
    assert choose(index(closed, listed(inner)), parse("linux/s390x")) is wanted
    assert choose(index(closed, listed(inner, "linux/s390x")), parse("linux/s390x")) is wanted


def test_a_child_without_platform_is_known_by_its_configuration() -> None:
    """
    Trap: no platform does not mean linux/amd64.
    """
    amd64, arm64, silent = image("linux/amd64"), image("linux/arm64"), image("")
    among = index(listed(amd64), listed(arm64))
    assert choose(among, parse("linux/arm64")) is arm64
    with pytest.raises(PlatformMissing):
        choose(among, parse("windows/amd64"))
    assert choose(index(listed(amd64), listed(silent)), parse("windows/amd64")) is silent


def test_what_is_missing_is_told_with_what_there_is() -> None:
    """
    The error is one of `Missing`, compares, pickles, and names the choice.
    """
    arm64 = image("linux/arm64")
    nested = listed(index(listed(image("linux/arm/v6"), "linux/arm/v6")))
    twice = [listed(arm64, "linux/arm64"), listed(arm64, "linux/arm64"), nested]
    with pytest.raises(
        Missing, match=r"linux/s390x; choose one of linux/arm64, linux/arm/v6$"
    ) as e:
        choose(index(*twice), parse("linux/s390x"))
    assert pickle.loads(pickle.dumps(e.value)) == e.value


def test_indexes_without_end_are_refused() -> None:
    """
    A hostile registry cannot make the search go on for ever.
    """
    deep = index()
    for _ in range(10):
        deep = index(listed(deep))
    with pytest.raises(NestedTooDeeply):
        choose(deep, parse("linux/amd64"))


def test_resolve_leaves_what_needs_no_choice() -> None:
    """
    Without a platform an index stays an index; images and blobs always stay.
    """
    amd64 = image("linux/amd64")
    among = index(listed(amd64, "linux/amd64"))
    blob: Blob = of_bytes(b"", "text/plain")
    assert resolve(among, None) is among
    assert resolve(among, parse("linux/amd64")) is amd64
    assert resolve(amd64, parse("linux/arm64")) is amd64
    assert resolve(blob, parse("linux/arm64")) is blob
