"""
What an image's history has on top of that of its base.
"""

from __future__ import annotations

from ocikit.content.image import Image
from ocikit.spec.config import History
from ocikit.spec.histories import full


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
