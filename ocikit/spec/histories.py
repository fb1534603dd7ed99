"""
Which entries of a history go with which layers.

An entry that is not marked as `empty_layer` made one layer, in order (image-spec,
config.md, "history"). Many images have no history, or one that does not add up.
"""

from __future__ import annotations

from collections.abc import Sequence

from ocikit._records import evolve
from ocikit.spec.config import History


def full(entries: Sequence[History]) -> list[int]:
    """
    Give the positions of the entries that made a layer.

    >>> full([History(), History(empty_layer=True), History()])
    [0, 2]
    """
    return [position for position, entry in enumerate(entries) if not entry.empty_layer]


def emptied(entries: Sequence[History], positions: Sequence[int]) -> tuple[History, ...]:
    """
    Mark entries as such that made no layer.
    """
    return tuple(
        evolve(entry, empty_layer=True) if position in positions else entry
        for position, entry in enumerate(entries)
    )


def bounded(entries: Sequence[History], layers: int) -> tuple[History, ...]:
    """
    Let no more entries than there are layers have made one; engines refuse more.

    Of those that are too many the last ones stay: each of them may have had others merged
    into it.
    """
    made = full(entries)
    return emptied(entries, made[: max(len(made) - layers, 0)])


def paired(entries: Sequence[History], layers: int) -> tuple[History, ...]:
    """
    Give a history with one entry for each layer, and those of empty layers.

    Where some are missing they are put before the others: images that had no history
    were built upon, and got one.

    >>> [entry.created_by for entry in paired([History(created_by="top")], 2)]
    ['', 'top']
    """
    kept = bounded(entries, layers)
    return (History(),) * (layers - len(full(kept))) + kept
