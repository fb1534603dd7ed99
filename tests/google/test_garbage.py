"""
What may go, and what stays though no tag leads to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from ocikit._records import evolve
from ocikit.digest import Digest
from ocikit.google.garbage import (
    UNTAGGED,
    Choice,
    Links,
    Retention,
    about,
    choose,
    dependents,
    garbage,
    may_go,
    unneeded,
)
from ocikit.google.listed import Listed, Listing
from ocikit.name.parse import parse_repository
from ocikit.query.tagged import TagFilter

APP = parse_repository("r.example/app")
NOW = datetime(2024, 6, 1, tzinfo=UTC)
ALL = TagFilter()


def digest(number: int) -> Digest:
    """
    One of many.
    """
    return Digest.of(bytes([number]))


def listing(*manifests: Listed) -> Listing:
    """
    What a repository has.
    """
    tags = tuple(tag for each in manifests for tag in each.tags)
    return Listing(repository=APP, tags=tags, manifests=manifests, extended=True)


def listed(number: int, *tags: str, days: int | None = 100) -> Listed:
    """
    A manifest that came so many days ago.
    """
    uploaded = None if days is None else NOW - timedelta(days=days)
    return Listed(digest=digest(number), tags=tags, uploaded=uploaded)


@st.composite
def graphs(draw: DrawFn) -> tuple[Listing, Mapping[Digest, Links]]:
    """
    Manifests with and without tags, of any age, that refer to each other.
    """
    count = draw(st.integers(1, 8))
    manifests, links = [], {}
    for number in range(count):
        lower = st.integers(0, number - 1).map(digest) if number else st.nothing()
        children = draw(st.lists(lower, max_size=2)) if number else []
        subject = draw(st.none() | lower) if number else None
        links[digest(number)] = Links(children=tuple(children), subject=subject)
        tags = draw(st.lists(st.sampled_from("ab"), max_size=1))
        days = draw(st.none() | st.integers(0, 20))
        manifests.append(listed(number, *(f"{tag}{number}" for tag in tags), days=days))
    return listing(*manifests), links


RETENTIONS = st.builds(
    Retention,
    tags=st.none() | st.just(ALL) | st.just(TagFilter(include=("a*",))),
    keep=st.integers(0, 2),
    order=st.sampled_from(["time", "natural"]),
    before=st.none() | st.just(NOW - timedelta(days=10)),
)


@given(graph=graphs(), retention=RETENTIONS)
def test_nothing_that_stays_lacks_anything(
    graph: tuple[Listing, Mapping[Digest, Links]], retention: Retention
) -> None:
    """
    Law: of what stays all children stay, and all that is about it.
    """
    found, links = graph
    gone = set(unneeded(found, choose(found, retention), links))
    for each in found.manifests:
        if each.digest not in gone:
            assert not gone & set(links[each.digest].children)
            assert not [d for d in gone if links[d].subject == each.digest]


@given(graph=graphs(), retention=RETENTIONS)
def test_what_goes_may_go(
    graph: tuple[Listing, Mapping[Digest, Links]], retention: Retention
) -> None:
    """
    Law: only what is old and has no tag that stays, and what refers to it goes before it.
    """
    found, links = graph
    choice = choose(found, retention)
    told = garbage(found, choice, links)
    for position, each in enumerate(told.manifests):
        assert set(each.tags) <= choice.tags
        if retention.before is not None:
            assert each.since is not None
            assert each.since < retention.before
        before = {before.digest for before in told.manifests[:position]}
        assert not before & {*links[each.digest].children, links[each.digest].subject}
    assert set(told.tags) == choice.tags - {tag for each in told.manifests for tag in each.tags}


@given(graph=graphs(), retention=RETENTIONS)
def test_once_is_enough(
    graph: tuple[Listing, Mapping[Digest, Links]], retention: Retention
) -> None:
    """
    Law: where no tags go, what is left has no garbage.
    """
    found, links = graph
    only = evolve(retention, tags=None)
    gone = set(unneeded(found, choose(found, only), links))
    left = evolve(found, manifests=tuple(m for m in found.manifests if m.digest not in gone))
    rest = {digest: each for digest, each in links.items() if digest not in gone}
    assert unneeded(left, choose(left, only), rest) == ()


def test_untagged_manifests_go() -> None:
    """
    As gcrane has it; those with a tag stay.
    """
    assert choose(listing(listed(1), listed(2, "1")), UNTAGGED).manifests == {digest(1)}


def test_children_of_what_is_tagged_stay() -> None:
    """
    gcrane gc lists them, and who deletes what it lists breaks the index.
    """
    found = listing(listed(1), listed(2), listed(3, "1"))
    links = {digest(3): Links(children=(digest(1),)), digest(1): Links(), digest(2): Links()}
    assert unneeded(found, choose(found, UNTAGGED), links) == (digest(2),)


def test_what_is_about_something_that_stays_stays() -> None:
    """
    A signature has no tag; what is about it stays as well, and about nothing goes.
    """
    found = listing(listed(1, "1"), listed(2), listed(3), listed(4))
    links = {
        digest(2): Links(subject=digest(1)),
        digest(3): Links(subject=digest(2)),
        digest(4): Links(subject=digest(9)),
    }
    assert unneeded(found, choose(found, UNTAGGED), links) == (digest(4),)


def test_what_is_young_stays_with_all_that_it_needs() -> None:
    """
    An index that is being pushed has old images, and no tag yet.
    """
    found = listing(listed(1, days=100), listed(2, days=0), listed(3, days=100))
    links = {digest(2): Links(children=(digest(1),)), digest(1): Links(), digest(3): Links()}
    retention = Retention(before=NOW - timedelta(hours=1))
    assert unneeded(found, choose(found, retention), links) == (digest(3),)


def test_of_no_known_age() -> None:
    """
    It stays where age is asked for, and is counted.
    """
    found = listing(listed(1, days=None), listed(2, "1", days=None))
    assert choose(found, Retention(tags=ALL, before=NOW)) == Choice(ageless=2)
    assert choose(found, Retention(tags=ALL)).manifests == {digest(1), digest(2)}


@pytest.mark.parametrize(
    ("retention", "gone"),
    [
        (Retention(tags=TagFilter(include=("ci-*",))), {"ci-1", "ci-2", "ci-10"}),
        (Retention(tags=TagFilter(include=("ci-*",)), keep=1), {"ci-1", "ci-10"}),
        (Retention(tags=TagFilter(include=("ci-*",)), keep=1, order="natural"), {"ci-1", "ci-2"}),
        (Retention(tags=TagFilter(include_regex=(r"ci-\d",))), {"ci-1", "ci-2"}),
        (Retention(tags=TagFilter(exclude=("ci-*",)), keep=1, order="semver"), {"1.0.0"}),
        (Retention(tags=ALL, before=NOW - timedelta(days=25)), {"ci-10"}),
        (Retention(tags=ALL, keep=9), set()),
    ],
)
def test_tags_that_may_go(retention: Retention, gone: set[str]) -> None:
    """
    By their names, their ages, and how many are newer; where versions count, what is none
    stays.
    """
    found = listing(
        listed(1, "ci-1", days=20),
        listed(2, "ci-2", days=10),
        listed(3, "ci-10", days=30),
        listed(4, "1.0.0", days=5),
        listed(5, "1.1.0", days=6),
        listed(6, "latest", days=7),
    )
    assert choose(found, retention).tags == gone


def test_a_tag_may_go_alone() -> None:
    """
    Where what it names has another, or is needed by something else.
    """
    found = listing(listed(1, "ci-1", "1.0"), listed(2, "ci-2"), listed(3, "2.0"))
    links = {digest(3): Links(children=(digest(2),)), digest(2): Links()}
    told = garbage(found, choose(found, Retention(tags=TagFilter(include=("ci-*",)))), links)
    assert (told.manifests, set(told.tags)) == ((), {"ci-1", "ci-2"})


def test_what_belongs_by_name() -> None:
    """
    cosign's tags go with what they are about, and never because they match.
    """
    signed, kept = digest(1), digest(2)
    found = listing(
        listed(1, "ci-1"),
        listed(2, "1.0"),
        listed(3, f"sha256-{signed.hex}.sig"),
        listed(4, f"sha256-{kept.hex}.sig"),
        listed(5, f"sha256-{digest(9).hex}"),
    )
    retention = Retention(tags=TagFilter(exclude=("1.0",)))
    assert may_go(retention, found.tags) == ("ci-1",)
    choice = dependents(found, choose(found, retention))
    told = garbage(found, choice, {digest(n): Links() for n in (1, 3)})
    assert [each.digest for each in told.manifests] == [digest(3), digest(1)]
    assert told.tags == ()
    needed = {digest(2): Links(children=(signed,)), signed: Links(), digest(3): Links()}
    assert garbage(found, choice, needed).manifests == ()


def test_tags_that_say_what_they_are_about() -> None:
    """
    Those of cosign and of lists of referrers; long digests are cut in them.
    """
    hexes = digest(1).hex
    assert about(f"sha256-{hexes}") == about(f"sha256-{hexes}.att") == digest(1)
    assert about("1.0") is about(f"sha512-{hexes}") is about("sha256-12") is None
    assert may_go(Retention(tags=ALL), [f"sha512-{hexes}"]) == ()
