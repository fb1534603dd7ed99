"""
The kit finds bugs that were planted, and shows them with little else.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ocikit.testing import laws
from tests.testing.mutants import clients, flattening, places
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
    assert by_law(law, lambda image: change(image, flattening.right))() is None


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


def test_the_readme_has_them_all() -> None:
    """
    Its table, which `python -m tests.testing.mutants` writes, names each and no other.
    """
    table = README.read_text().partition("| bug | found by |")[2].partition("\n\n")[0]
    listed = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", table, re.MULTILINE)
    assert listed == [(each.bug, each.by) for each in MUTANTS]
