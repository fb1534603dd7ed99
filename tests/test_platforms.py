"""
Platforms: spelling, asking, choosing.
"""

from __future__ import annotations

import pickle

import pytest

from ocikit.errors import Invalid
from ocikit.platforms import (
    LINUX_AMD64,
    Platform,
    PlatformInvalid,
    best,
    normalise,
    parse,
    rank,
    satisfies,
)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("linux", "linux"),
        ("linux/amd64", "linux/amd64"),
        (" Linux/X86_64 ", "linux/amd64"),
        ("linux/x86-64/v3", "linux/amd64/v3"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64/v8"),
        ("linux/arm64/8", "linux/arm64/v8"),
        ("linux/arm64/v9.2", "linux/arm64/v9.2"),
        ("linux/arm64/9.0", "linux/arm64/v9"),
        ("linux/arm", "linux/arm"),
        ("linux/arm/7", "linux/arm/v7"),
        ("linux/armhf", "linux/arm/v7"),
        ("linux/armel", "linux/arm/v6"),
        ("linux/armv6l", "linux/arm/v6"),
        ("linux/i686", "linux/386"),
        ("linux/ppc64le/power9", "linux/ppc64le/power9"),
        ("macos/arm64", "darwin/arm64"),
        ("windows/amd64:10.0.20348.2113", "windows/amd64:10.0.20348.2113"),
        ("windows:10.0", "windows:10.0"),
    ],
)
def test_parse(text: str, printed: str) -> None:
    """
    Aliases are spelt in one way, and what is left out or written out stays so.
    """
    assert str(parse(text)) == printed
    assert parse(printed) == parse(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "a part is empty"),
        ("/", "a part is empty"),
        ("linux/", "a part is empty"),
        ("/amd64", "a part is empty"),
        ("windows/amd64:", "a part is empty"),
        ("a/b/c/d", "4 parts"),
        ("linux/amd64,linux/arm64", "odd characters"),
        ("linux/amd64:1:2", "odd characters"),
        ("linux amd64", "odd characters"),
        ("línux/amd64", "odd characters"),
    ],
)
def test_parse_refuses(text: str, reason: str) -> None:
    """
    A list, an empty part or a third colon is an error, never an odd platform.
    """
    with pytest.raises(PlatformInvalid, match=reason) as caught:
        parse(text)
    assert isinstance(caught.value, Invalid)
    assert "os/arch[/variant][:osversion]" in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)) == caught.value


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("linux/arm", "linux/arm/v7"),
        ("linux/arm/v7", "linux/arm/v7"),
        ("linux/arm/v6", "linux/arm/v6"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm64/v8.0", "linux/arm64"),
        ("linux/arm64/v9", "linux/arm64/v9"),
        ("linux/amd64/v1", "linux/amd64"),
        ("linux/amd64/v2", "linux/amd64/v2"),
        ("linux/s390x", "linux/s390x"),
        ("linux", "linux"),
    ],
)
def test_normalise(text: str, normal: str) -> None:
    """
    Platforms that mean the same are the same: `arm` is v7, `arm64` v8, `amd64` v1.
    """
    assert str(normalise(parse(text))) == normal


def test_normalise_keeps_the_rest() -> None:
    """
    Versions and features are not names, and keep their case.
    """
    platform = Platform(os="Windows", os_version="10.0.A", os_features=("Win32K",), features=("X",))
    assert normalise(platform) == Platform(
        os="windows", os_version="10.0.A", os_features=("Win32K",), features=("X",)
    )


@pytest.mark.parametrize(
    ("given", "wanted", "answer"),
    [
        ("linux/amd64", "linux", True),
        ("linux/arm/v6", "linux", True),
        ("windows/amd64", "linux", False),
        ("linux/amd64", "linux/x86_64", True),
        ("linux/amd64/v3", "linux/amd64", True),
        ("linux/amd64", "linux/amd64/v1", True),
        ("linux/amd64", "linux/amd64/v3", False),
        ("linux/arm/v5", "linux/arm", True),
        ("linux/arm/v6", "linux/arm", True),
        ("linux/arm", "linux/arm", True),
        ("linux/arm", "linux/arm/v7", True),
        ("linux/arm", "linux/armhf", True),
        ("linux/arm/v6", "linux/armhf", False),
        ("linux/arm/v6", "linux/arm/v7", False),
        ("linux/arm64/v8", "linux/arm64", True),
        ("linux/arm64", "linux/arm64/v8", True),
        ("linux/arm64/v9", "linux/arm64/v8", False),
        ("linux/arm64", "linux/arm", False),
        ("windows/amd64:10.0.20348.2113", "windows/amd64", True),
        ("windows/amd64:10.0.20348.2113", "windows/amd64:10.0.20348", True),
        ("windows/amd64:10.0.20348.2113", "windows/amd64:10.0.20348.2113", True),
        ("windows/amd64:10.0.20348.2113", "windows/amd64:10.0.2034", False),
        ("windows/amd64:10.0", "windows/amd64:10.0.20348", False),
        ("windows/amd64", "windows/amd64:10.0", False),
    ],
)
def test_satisfies(given: str, wanted: str, answer: bool) -> None:
    """
    What is left open is free; a variant is exact and a version a prefix of whole parts.
    """
    assert satisfies(parse(given), parse(wanted)) is answer


def test_satisfies_features() -> None:
    """
    Features are asked for by subset, in any order.
    """
    given = Platform(os="windows", architecture="amd64", os_features=("a", "b"), features=("f",))
    assert satisfies(given, Platform(os_features=("b", "a")))
    assert satisfies(given, Platform(features=("f",)))
    assert not satisfies(given, Platform(os_features=("c",)))
    assert not satisfies(given, Platform(features=("f", "g")))


@pytest.mark.parametrize(
    ("wanted", "order"),
    [
        ("linux/arm/v7", ["linux/arm/v7", "linux/arm/v6", "linux/arm/v5"]),
        ("linux/arm", ["linux/arm", "linux/arm/v6", "linux/arm/v5"]),
        ("linux/arm/v8", ["linux/arm/v8", "linux/arm/v7", "linux/arm/v6"]),
        ("linux/amd64/v3", ["linux/amd64/v3", "linux/amd64/v2", "linux/amd64"]),
        ("linux/arm64/v9", ["linux/arm64/v9", "linux/arm64/v8.5", "linux/arm64"]),
        ("linux/arm64/v8.2", ["linux/arm64/v8.2", "linux/arm64/v8.1", "linux/arm64/v8"]),
        ("linux/ppc64le/power9", ["linux/ppc64le/power9", "linux/ppc64le"]),
        ("linux/riscv64", ["linux/riscv64", "linux/riscv64/rva22"]),
        ("windows/amd64:10.0.1", ["windows/amd64:10.0.1", "windows/amd64:10.0.1.5"]),
    ],
)
def test_rank(wanted: str, order: list[str]) -> None:
    """
    The machine's own variant is best, then ever older ones (containerd's order).
    """
    ranks = [rank(parse(given), parse(wanted)) for given in order]
    assert ranks[0] == 0
    places = [place for place in ranks if place is not None]
    assert len(places) == len(order)
    assert places == sorted(set(places))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("linux/arm/v7", "linux/arm/v6"),
        ("linux/arm/v8", "linux/arm"),
        ("linux/amd64/v2", "linux/amd64"),
        ("linux/arm64/v9", "linux/arm64"),
        ("linux/arm64/v8.7", "linux/arm64/v9.1"),
        ("linux/arm/v7", "linux/arm64"),
        ("linux/386", "linux/amd64"),
        ("linux/ppc64le/power9", "linux/ppc64le/power8"),
        ("linux/amd64/odd", "linux/amd64/v3"),
        ("linux", "linux/amd64"),
        ("windows/amd64", "linux/amd64"),
        ("windows/amd64:10.0.2", "windows/amd64:10.0.1"),
    ],
)
def test_rank_refuses(given: str, wanted: str) -> None:
    """
    Nothing newer than the machine, and nothing of another kind, runs on it.
    """
    assert rank(parse(given), parse(wanted)) is None


@pytest.mark.parametrize("given", ["linux/amd64", "linux/arm/v7", "linux/arm64/v9", "linux/s390x"])
def test_rank_of_open_architecture(given: str) -> None:
    """
    All architectures are equal to one who names none.
    """
    assert rank(parse(given), parse("linux")) == 0


def test_best() -> None:
    """
    The best wins wherever it stands; of equals the first.
    """
    offers = [(parse("linux/arm/v6"), "a"), (parse("linux/arm/v7"), "b"), (parse("linux/arm"), "c")]
    assert best(offers, parse("linux/arm/v7")) == "b"
    assert best(offers, parse("linux/arm/v6")) == "a"
    assert best(offers, parse("linux/arm64")) is None
    assert best([], LINUX_AMD64) is None


def test_best_of_unmarked() -> None:
    """
    What says no platform is a last resort; what says `unknown` never is.
    """
    attestation = (Platform(os="unknown", architecture="unknown"), "attestation")
    assert best([attestation], Platform()) is None
    assert best([attestation, (None, "bare"), (None, "other")], LINUX_AMD64) == "bare"
    assert best([(None, "bare"), (LINUX_AMD64, "marked")], LINUX_AMD64) == "marked"


def test_unknown() -> None:
    """
    Attestations are known by an unknown OS or architecture.
    """
    assert Platform(os="unknown", architecture="unknown").unknown
    assert Platform(os="unknown", architecture="amd64").unknown
    assert not LINUX_AMD64.unknown
    assert not Platform().unknown
