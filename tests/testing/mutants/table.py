"""
The table of all bugs, as the README has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.testing.mutants import (
    clients,
    flattening,
    minding,
    pipelines,
    places,
    registries,
    shelves,
    storages,
)
from tests.testing.mutants.found import Found, Mutant

MUTANTS: Final[tuple[Mutant, ...]] = (
    *pipelines.MUTANTS,
    *flattening.MUTANTS,
    *places.MUTANTS,
    *storages.MUTANTS,
    *registries.MUTANTS,
    *clients.MUTANTS,
    *minding.MUTANTS,
    *shelves.MUTANTS,
)
#: Letters of a part that is shown.
_WIDE: Final = 96
_HEAD: Final = "| bug | found by | examples | smallest |\n|---|---|---|---|"


def lines() -> Iterator[str]:
    """
    Write the table, a line a bug, as they are found.

    Raises:
        AssertionError: a bug is not found.
    """
    yield _HEAD
    for mutant in MUTANTS:
        found = mutant.search()
        assert found is not None, f"{mutant.bug} is not found"
        yield f"| {mutant.bug} | {mutant.by} | {found.examples} | {_smallest(found)} |"


def _smallest(found: Found) -> str:
    if not found.smallest:
        return "nothing"
    parts = (part if len(part) <= _WIDE else f"{part[:_WIDE]}…" for part in found.smallest)
    return "; ".join(f"`{part}`" for part in parts).replace("|", "\\|")
