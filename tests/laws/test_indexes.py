"""
Laws of the verbs over indexes.
"""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from ocikit.content.empty import INDEX
from ocikit.content.image import Index
from ocikit.crane.indexes import index_append, index_filter, index_list
from ocikit.crane.options import Options
from ocikit.platforms import Platform, parse, satisfies
from ocikit.spec.attestation import about, is_attestation
from ocikit.spec.descriptor import Descriptor
from tests.laws.wild import indexes, members, wanted

OPTIONS = Options()
platforms = st.lists(wanted.map(parse), min_size=1, max_size=3)


def listed(index: Index) -> Iterator[Descriptor]:
    """
    Give all entries, those of indexes within it too.
    """
    for each in index.children:
        yield each.descriptor
        if isinstance(each.content, Index):
            yield from listed(each.content)


def images(index: Index) -> list[Platform]:
    """
    Give the platforms of all images.
    """
    found = (said.platform for said in listed(index) if not is_attestation(said))
    return [platform for platform in found if platform is not None]


def kept(index: Index, platforms: list[Platform]) -> Index:
    """
    Filter an index.
    """
    return index_filter(index, platforms, OPTIONS, allow_empty=True)


@given(indexes(), platforms)
def test_a_filter_keeps_what_is_wanted_and_nothing_else(
    index: Index, platforms: list[Platform]
) -> None:
    """
    Every image that satisfies a platform is there, in its order, and no other.
    """
    assert images(kept(index, platforms)) == [
        each for each in images(index) if any(satisfies(each, want) for want in platforms)
    ]


@given(indexes(), platforms)
def test_a_filter_leaves_no_attestation_behind(index: Index, platforms: list[Platform]) -> None:
    """
    Each is about an image that is there; unknown members of the index stay.
    """
    made = kept(index, platforms)
    there = {str(said.digest) for said in listed(made)}
    assert {about(said) for said in listed(made) if is_attestation(said)} <= there
    assert members(made.document.raw, "manifests") == members(index.document.raw, "manifests")


@given(indexes(), platforms)
def test_filters_are_idempotent(index: Index, platforms: list[Platform]) -> None:
    """
    Twice is once.
    """
    once = kept(index, platforms)
    assert kept(once, platforms) == once


@given(indexes(), indexes(), indexes())
def test_append_is_associative(base: Index, first: Index, second: Index) -> None:
    """
    One after the other is both at once, and then again is nothing more.
    """
    both = index_append(base, [first, second], OPTIONS)
    assert index_append(index_append(base, [first], OPTIONS), [second], OPTIONS) == both
    assert index_append(both, [second, first], OPTIONS) == both


@given(indexes())
def test_what_is_appended_to_nothing_is_listed_as_it_was(index: Index) -> None:
    """
    Descriptors go over as they are, though each only once.
    """
    made = index_append(INDEX, [index], OPTIONS)
    assert index_list(made, OPTIONS) == tuple(dict.fromkeys(index_list(index, OPTIONS)))
