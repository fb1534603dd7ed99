"""
What a repository lacks that another has, and under which names it is copied.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.bulk.lacking import lacking, of_json, renamed, to_json
from ocikit.digest import Digest
from ocikit.google.listed import Listed, Listing
from ocikit.google.walking import read_place
from ocikit.name.faults import NameInvalid
from ocikit.name.parse import parse_repository

ALL = frozenset({"1", "2", "latest"})


@pytest.mark.parametrize(
    ("repository", "source", "target", "expected"),
    [
        ("gcr.io/foo/bar", "gcr.io/foo", "gcr.io/baz", "gcr.io/baz/bar"),
        ("gcr.io/foo", "gcr.io/foo", "gcr.io/baz", "gcr.io/baz"),
        ("gcr.io/foo/gcr.io/foo", "gcr.io/foo", "r.example/x", "r.example/x/gcr.io/foo"),
        ("gcr.io/a/a/a", "gcr.io/a", "r.example/b", "r.example/b/a/a"),
        ("gcr.io/foo/bar", "gcr.io/foo", "r.example", "r.example/foo/bar"),
        ("gcr.io/foo/bar", "gcr.io", "r.example/x", "r.example/x/foo/bar"),
    ],
)
def test_names_of_copies(repository: str, source: str, target: str, expected: str) -> None:
    """
    The prefix alone is another; gcrane changes what looks like it wherever it comes first.
    """
    found = renamed(parse_repository(repository), read_place(source), read_place(target))
    assert str(found) == expected


def test_names_that_cannot_be() -> None:
    """
    One that is too long is none.
    """
    long = parse_repository("r.example/" + "/".join(["abcdefghi"] * 25))
    with pytest.raises(NameInvalid):
        renamed(long, read_place("r.example"), read_place("x.example/" + "y" * 20))


def listing(*manifests: tuple[int, tuple[str, ...]], name: str = "gcr.io/me") -> Listing:
    """
    A repository with these, each once.
    """
    found = {number: Listed(digest=Digest.of(bytes([number])), tags=t) for number, t in manifests}
    tags = tuple(tag for each in found.values() for tag in each.tags)
    return Listing(repository=parse_repository(name), tags=tags, manifests=tuple(found.values()))


@pytest.mark.parametrize(
    ("source", "there", "needed"),
    [
        ([], [], []),
        ([(1, ())], [], [(1, ())]),
        ([(1, ("1",))], [], [(1, ("1",))]),
        ([(1, ("1",))], [(1, ())], [(1, ("1",))]),
        ([(1, ("1", "2"))], [(1, ("1",))], [(1, ("2",))]),
        ([(1, ("1",))], [(1, ("1", "2"))], []),
        ([(1, ("1",))], [(2, ("1",))], [(1, ("1",))]),
        ([(1, ())], [(1, ("1",))], []),
        ([(1, ()), (2, ("2",))], [], [(2, ("2",)), (1, ())]),
    ],
)
def test_what_is_lacking(
    source: list[tuple[int, tuple[str, ...]]],
    there: list[tuple[int, tuple[str, ...]]],
    needed: list[tuple[int, tuple[str, ...]]],
) -> None:
    """
    By digests and tags, as go-containerregistry's tests of gcrane have it.
    """
    lack = lacking(listing(*source), listing(*there, name="r.example/x"), meant=ALL)
    assert [(need.source.digest, need.tags) for need in lack.needs] == [
        (Digest.of(bytes([number])), tags) for number, tags in needed
    ]


TAGGED = st.dictionaries(st.sampled_from(sorted(ALL)), st.integers(1, 3), max_size=3)


@given(source=TAGGED, there=TAGGED, bare=st.sets(st.integers(1, 5)))
def test_what_is_lacking_is_enough(
    source: dict[str, int], there: dict[str, int], bare: set[int]
) -> None:
    """
    Law: with what it lacks a repository has all that the other has, and nothing is copied
    that it had.
    """

    def of(tags: dict[str, int], more: set[int], name: str) -> Listing:
        numbers = {*tags.values(), *more}
        named = [(n, tuple(sorted(t for t in tags if tags[t] == n))) for n in sorted(numbers)]
        return listing(*named, name=name)

    one, other = of(source, bare, "gcr.io/me"), of(there, set(), "r.example/x")
    lack = lacking(one, other, meant=ALL)
    after = {tag: each.digest for each in other.manifests for tag in each.tags}
    after |= {tag: need.source.digest for need in lack.needs for tag in need.tags}
    wanted = {tag: each.digest for each in one.manifests for tag in each.tags}
    assert after.items() >= wanted.items()
    have = {each.digest for each in other.manifests} | {n.source.digest for n in lack.needs}
    assert have >= {each.digest for each in one.manifests}
    assert all(there.get(tag) != source[tag] for need in lack.needs for tag in need.tags)
    assert of_json(to_json(lack)) == lack
