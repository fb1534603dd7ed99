"""
Predicates over descriptors.
"""

from __future__ import annotations

import pickle

import pytest

from ocikit import media
from ocikit._records import FrozenMap, evolve
from ocikit.digest import Digest, DigestInvalid
from ocikit.platforms import Platform, PlatformInvalid, parse
from ocikit.spec import match
from ocikit.spec.descriptor import Descriptor

PLAIN = Descriptor(media_type=media.OCI_MANIFEST, size=1, digest=Digest.of(b"x"))


def on(platform: str) -> Descriptor:
    """
    Give a descriptor for this platform.
    """
    return evolve(PLAIN, platform=parse(platform))


def test_names_are_annotations() -> None:
    """
    A name is the annotation that layouts use; another annotation is asked for by key.
    """
    named = evolve(PLAIN, annotations=FrozenMap({"org.opencontainers.image.ref.name": "v1"}))
    assert match.name("v1")(named)
    assert not match.name("v2")(named)
    assert match.annotation("org.opencontainers.image.ref.name")(named)
    assert not match.annotation("org.opencontainers.image.ref.name", "")(named)
    assert not match.name("v1")(PLAIN)


@pytest.mark.parametrize(
    ("wanted", "given", "suits", "equals"),
    [
        ("linux", "linux/amd64", True, False),
        ("linux/arm64", "linux/arm64/v8", True, True),
        ("linux/arm64/v8", "linux/aarch64", True, True),
        ("linux/arm", "linux/arm/v6", True, False),
        ("linux/arm", "linux/arm/v7", True, True),
        ("windows/amd64:10.0.20348", "windows/amd64:10.0.20348.1", True, False),
        ("linux/amd64", "unknown/unknown", False, False),
    ],
)
def test_platforms_are_satisfied_or_equal(
    wanted: str, given: str, suits: bool, equals: bool
) -> None:
    """
    `platform` leaves open what it does not name; `exactly` does not, however spelt.
    """
    assert match.platform(wanted)(on(given)) is suits
    assert match.exactly(wanted)(on(given)) is equals
    assert match.exactly("linux/s390x", parse(wanted))(on(given)) is equals


def test_no_platform_matches_no_platform() -> None:
    """
    Trap: a descriptor without one is not for every platform.
    """
    assert not match.platform("linux")(PLAIN)
    assert not match.exactly(Platform())(PLAIN)


def test_types_and_digests_are_alternatives() -> None:
    """
    Several are given as several arguments; digests as records or text.
    """
    assert match.media_type(media.OCI_INDEX, media.OCI_MANIFEST)(PLAIN)
    assert not match.media_type(media.OCI_INDEX)(PLAIN)
    assert match.digest(str(PLAIN.digest))(PLAIN)
    assert match.digest(Digest.of(b"y"), PLAIN.digest)(PLAIN)
    assert not match.digest()(PLAIN)


def test_predicates_compose() -> None:
    """
    All, any and none, also of nothing.
    """
    linux, amd64 = match.platform("linux"), match.platform("linux/amd64")
    assert match.all_of(linux, match.not_(amd64))(on("linux/arm64"))
    assert not match.all_of(linux, match.not_(amd64))(on("linux/amd64"))
    assert match.any_of(amd64, match.media_type(media.OCI_MANIFEST))(on("windows/amd64"))
    assert match.all_of()(PLAIN)
    assert not match.any_of()(PLAIN)


def test_predicates_are_values() -> None:
    """
    They compare and pickle, so that a pipeline that holds one does.
    """
    wanted = match.all_of(
        match.any_of(match.name("v1"), match.digest(PLAIN.digest)),
        match.not_(match.exactly("linux/arm64")),
        match.media_type(media.OCI_MANIFEST),
    )
    assert pickle.loads(pickle.dumps(wanted)) == wanted


def test_what_cannot_be_is_refused() -> None:
    """
    Text that is no platform or digest is told when the predicate is made.
    """
    with pytest.raises(PlatformInvalid):
        match.platform("linux/")
    with pytest.raises(DigestInvalid):
        match.digest("sha256:0")
