"""
The kit finds bugs that were planted, and shows them with little else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ocikit.http.message import Middleware
from ocikit.server.handler import registry
from ocikit.server.memory import Memory
from ocikit.testing import laws
from ocikit.testing.contracts_registry import RegistryContract
from ocikit.testing.contracts_storage import StorageContract
from ocikit.testing.corner import Corner
from ocikit.testing.modelled import Place
from tests.testing.mutants import clients, flattening, minding, places, registries, storages
from tests.testing.mutants.found import Found, Mutant, by_contract, by_law
from tests.testing.mutants.table import MUTANTS

README = Path(__file__).parent.parent.parent / "README.md"


@pytest.mark.parametrize("mutant", MUTANTS, ids=[each.bug for each in MUTANTS])
def test_each_is_found(mutant: Mutant) -> None:
    """
    And its example is as small as it was when the bug was planted.
    """
    found = mutant.search()
    assert isinstance(found, Found), f"{mutant.by} does not find it"
    assert len(found.smallest) <= mutant.most, found


@pytest.mark.parametrize(
    "law", ["gives_back_what_it_was_given", "lies_are_refused", "the_last_one_counts"]
)
def test_the_store_that_they_are_made_of_is_good(law: str) -> None:
    """
    What is found is the bug, and not the toy.
    """
    assert by_contract(places.contract(places.Store), law)() is None


def test_the_flattening_that_they_are_made_of_is_good() -> None:
    """
    It keeps all files, by all that is known here of whiteouts.
    """
    change = flattening.flattened
    law = laws.preserves_files()
    for images in (None, flattening.LINKED):
        assert by_law(law, lambda image: change(image, flattening.right), images)() is None


@pytest.mark.parametrize(
    "law",
    [
        "what_passes_is_got_through",
        "what_is_there_is_not_sent_again",
        "what_arrived_is_not_sent_again",
    ],
)
def test_the_client_that_they_are_made_of_is_good(law: str) -> None:
    """
    It keeps the laws that the others break.
    """
    assert by_contract(clients.Right, law)() is None


def test_the_manners_that_they_are_made_of_are_good() -> None:
    """
    They keep the law that one breaks by a line more; ours are tested for all of them.
    """
    assert by_contract(minding.Minding, "strangers_hear_no_secret")() is None


_STORAGES: list[tuple[type[Memory], Callable[..., None]]] = [
    (storages.KeepsReferrers, StorageContract.test_referrers_go_with_their_manifests),
    (storages.LosesAtPages, StorageContract.test_pages_of_tags_lose_none),
    (storages.MountsAnything, StorageContract.test_what_is_not_there_is_not_mounted),
]


@pytest.mark.parametrize(("kind", "test"), _STORAGES, ids=[each.__name__ for each, _ in _STORAGES])
def test_contracts_find_them_in_storages_too(kind: type[Memory], test: Callable[..., None]) -> None:
    """
    By a test made for it, with nothing to shrink.
    """
    with pytest.raises(AssertionError):
        test(StorageContract(), kind())
    test(StorageContract(), Memory())


_REGISTRIES: list[tuple[Middleware, Callable[..., None]]] = [
    (registries.no_filter, RegistryContract.test_referrers_are_filtered_by_what_they_are),
    (registries.no_ranges, RegistryContract.test_a_range_is_a_part),
    (registries.shifted, RegistryContract.test_a_range_is_a_part),
    (registries.no_links, RegistryContract.test_pages_of_tags_lose_none),
    (registries.no_last_page, RegistryContract.test_pages_of_tags_lose_none),
    (registries.pretty, RegistryContract.test_bytes_are_kept_as_they_are),
]


@pytest.mark.parametrize(("wrap", "test"), _REGISTRIES)
def test_contracts_find_them_in_registries_too(wrap: Middleware, test: Callable[..., None]) -> None:
    """
    By a test made for it, with nothing to shrink.
    """
    with pytest.raises(AssertionError):
        test(RegistryContract(), Corner.of(Place(send=wrap(registry()))))
    test(RegistryContract(), Corner.of(Place(send=registry())))


def test_contracts_find_tags_that_come_first_too() -> None:
    """
    By a test made for it, with nothing to shrink.
    """
    with pytest.raises(AssertionError):
        clients.TagFirst().test_tags_are_last()
    clients.Right().test_tags_are_last()


def test_the_readme_has_them_all() -> None:
    """
    Its table, which `python -m tests.testing.mutants` writes, names each and no other.
    """
    table = README.read_text().partition("| bug | found by |")[2].partition("\n\n")[0]
    listed = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", table, re.MULTILINE)
    assert listed == [(each.bug, each.by) for each in MUTANTS]
