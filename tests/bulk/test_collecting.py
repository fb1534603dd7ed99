"""
Garbage of many repositories.
"""

from __future__ import annotations

import pytest

from ocikit.bulk.outcome import Failed, Ok
from ocikit.bulk.recursive import collect
from ocikit.errors import Missing
from ocikit.google.garbage import Retention
from ocikit.query.tagged import TagFilter
from tests.bulk.pairs import Pair, filled
from tests.google.conftest import INDEX, OTHER


@pytest.fixture
def pair() -> Pair:
    """
    Repositories of Google's below `me`, and an empty registry of another kind.
    """
    return filled()


def test_garbage_is_only_told_at_first(pair: Pair) -> None:
    """
    Nothing is deleted before that is asked; and of one repository alone.
    """
    pair.source.put("me/a", OTHER)
    [found] = collect("gcr.io/me/a", pair.options())
    assert isinstance(found, Ok)
    assert [each.digest for each in found.value.garbage.manifests] == [OTHER.digest]
    assert found.value.removal is None
    assert not [line for line in pair.source.asked() if line.startswith("DELETE")]


def test_garbage_of_many(pair: Pair) -> None:
    """
    One that cannot be read does not stop the rest.
    """
    pair.source.put("me/a/me", INDEX)
    outcomes = {
        each.reference: each
        for each in collect(
            "gcr.io/me", pair.options(), recursive=True, delete=True, among=["me/a/me", "me/none"]
        )
    }
    failed, found = outcomes["gcr.io/me/none"], outcomes["gcr.io/me/a/me"]
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, Missing)
    assert isinstance(found, Ok)
    assert found.value.removal is not None
    assert len(found.value.removal.manifests) == 1 + len(INDEX.children)


def test_tags_of_many(pair: Pair) -> None:
    """
    The filter is asked in each repository.
    """
    retention = Retention(tags=TagFilter(include=("1",)))
    found = collect("gcr.io/me", pair.options(), retention=retention, recursive=True)
    told: dict[str, int] = {}
    for each in found:
        assert isinstance(each, Ok)
        told[each.reference] = len(each.value.garbage.manifests)
    # The image and its signature; of the index another tag stays.
    assert told == {"gcr.io/me": 0, "gcr.io/me/a": 2, "gcr.io/me/a/me": 0}
