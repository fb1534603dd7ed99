"""
Which entries of a history go with which layers.

An entry that is not marked as `empty_layer` made one layer, in order (image-spec,
config.md, "history"). Many images have no history, or one that does not add up.
"""

from __future__ import annotations

from collections.abc import Sequence

from ocikit._records import evolve
from ocikit.content.image import Image
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


def upper(image: Image, base: Image) -> tuple[History, ...]:
    """
    Give the entries that an image has on top of those of its base, as far as it is known.

    Args:
        image: what was built.
        base: what it was built on; it has no layers that the image has not.
    """
    entries, lower = image.config_file.history, base.config_file.history
    rest = entries[len(lower) :]
    layers = len(image.layers) - len(base.layers)
    if entries[: len(lower)] == lower and len(full(rest)) <= layers:
        return rest
    made = full(entries)
    if len(made) == len(image.layers):
        return _without(_after(entries, len(base.layers)), _after(lower, len(base.layers)))
    # It does not add up: what is on top is taken to be its own.
    return entries[made[-layers - 1] + 1 :] if len(made) > layers else entries


def _after(entries: tuple[History, ...], layers: int) -> tuple[History, ...]:
    made = full(entries)
    return entries[made[layers - 1] + 1 :] if 0 < layers <= len(made) else entries


def _without(entries: tuple[History, ...], beginning: tuple[History, ...]) -> tuple[History, ...]:
    same = 0
    for one, other in zip(entries, beginning, strict=False):
        if one != other or not one.empty_layer:
            break
        same += 1
    return entries[same:]
