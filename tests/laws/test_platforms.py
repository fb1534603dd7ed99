"""
Laws of platforms.
"""

from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st

from ocikit._records import evolve
from ocikit.platforms import (
    Platform,
    PlatformInvalid,
    best,
    normalise,
    parse,
    rank,
    satisfies,
)

OS = st.sampled_from(["linux", "Linux", "windows", "macos", "darwin", ""])
ARCHITECTURES = st.sampled_from(
    ["amd64", "x86_64", "arm64", "AArch64", "arm", "armhf", "armel", "armv8l", "386", "riscv64",
     "unknown", ""]
)  # fmt: skip
VARIANTS = st.sampled_from(
    ["", "v1", "v2", "v5", "6", "v7", "V8", "8.0", "v8.5", "v9", "v9.1", "odd"]
)
VERSIONS = st.sampled_from(["", "10", "10.0", "10.0.20348", "10.0.20348.2113", "10.1"])
FEATURES = st.lists(st.sampled_from(["a", "b"]), max_size=2).map(tuple)

platforms = st.builds(
    Platform,
    os=OS,
    architecture=ARCHITECTURES,
    variant=VARIANTS,
    os_version=VERSIONS,
    os_features=FEATURES,
    features=FEATURES,
)


@given(platforms)
def test_normalising_is_idempotent(platform: Platform) -> None:
    """
    What is normal stays as it is.
    """
    assert normalise(normalise(platform)) == normalise(platform)
    assert pickle.loads(pickle.dumps(platform)) == platform


@given(st.text(st.sampled_from("linux/armv7:0.64_ ,"), max_size=20) | st.text())
def test_printed_platforms_read_back(text: str) -> None:
    """
    Any text is a platform that prints and reads as itself, or is refused.
    """
    try:
        platform = parse(text)
    except PlatformInvalid as error:
        str(error)
        return
    assert parse(str(platform)) == platform
    assert str(parse(str(platform))) == str(platform)


@given(platforms, platforms)
def test_asking_ignores_spelling(given_: Platform, wanted: Platform) -> None:
    """
    Answers are the same however the platform that is there is spelt.
    """
    assert satisfies(normalise(given_), wanted) == satisfies(given_, wanted)
    assert rank(normalise(given_), wanted) == rank(given_, wanted)
    assert rank(given_, normalise(wanted)) == rank(given_, wanted)


@given(platforms)
def test_every_platform_is_its_own_best(platform: Platform) -> None:
    """
    A platform satisfies itself, and runs itself best.
    """
    assert satisfies(platform, platform)
    assert rank(platform, platform) == 0


@given(platforms, platforms)
def test_asking_for_less_gets_no_less(given_: Platform, wanted: Platform) -> None:
    """
    Leaving something open never refuses what was taken before.
    """
    if not satisfies(given_, wanted):
        return
    # Aliases such as armhf say a variant too, which cannot be left open on its own.
    for field in ("os", "os_version"):
        assert satisfies(given_, evolve(wanted, **{field: ""}))
    assert satisfies(given_, evolve(wanted, os_features=(), features=()))
    assert satisfies(given_, Platform())


@given(platforms, platforms)
def test_only_equals_rank_first(given_: Platform, wanted: Platform) -> None:
    """
    Rank 0 is a variant that is the machine's own, where it is known.
    """
    if rank(given_, wanted) == 0 and normalise(wanted).architecture:
        assert normalise(given_).variant == normalise(wanted).variant


@given(platforms, platforms, platforms)
def test_older_variants_run_where_newer_do(a: Platform, b: Platform, c: Platform) -> None:
    """
    What runs on a machine whose variant runs on another runs there too.
    """
    a, b, c = (evolve(p, os="linux", os_version="", os_features=(), features=()) for p in (a, b, c))
    if not (normalise(b).architecture and normalise(c).architecture):
        return
    if rank(a, b) is not None and rank(b, c) is not None and normalise(b).variant:
        assert rank(a, c) is not None


@given(st.lists(platforms), platforms)
def test_best_is_the_first_of_the_lowest(offers: list[Platform], wanted: Platform) -> None:
    """
    The choice ranks no worse than any other, and no equal stands before it.
    """
    chosen = best(list(zip(offers, range(len(offers)), strict=True)), wanted)
    ranks = {
        i: place
        for i, offer in enumerate(offers)
        if not offer.unknown and (place := rank(offer, wanted)) is not None
    }
    if chosen is None:
        assert not ranks
    else:
        assert chosen == min(ranks, key=lambda i: (ranks[i], i))
