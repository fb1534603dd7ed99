"""
The options of `ocikit mutate` for layers, and for their times and compression.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import click

from ocikit._records import record
from ocikit._regex import regex
from ocikit.cli.config_changes import from_zero
from ocikit.cli.layers import epoch, layer_of
from ocikit.cli.names import paths
from ocikit.content.image import Image
from ocikit.mutate.removal import remove_layers
from ocikit.mutate.steps import (
    Append,
    Canonical,
    Flatten,
    Recompress,
    RemoveLayers,
    RemovePaths,
    Retime,
    Squash,
)
from ocikit.sizes import counted

Change = Callable[[Image], Image]

_RANGE: Final = regex(r"(-?[0-9]+)?:(-?[0-9]+)?")


@record
class TakeOut:
    """
    Take layers out of an image, counted from 1, or from the top as -1.
    """

    numbers: tuple[int, ...]

    def __call__(self, image: Image) -> Image:
        """
        Take them out.
        """
        positions = [from_zero(number, "--remove-layer") for number in self.numbers]
        count = len(image.layers)
        for number, position in zip(self.numbers, positions, strict=True):
            if not -count <= position < count:
                reason = f"image {image.digest} has {counted(count, 'layer')}"
                raise click.UsageError(f"--remove-layer {number}: {reason}")
        return remove_layers(image, *positions)


def layer_changes(said: dict[str, Any]) -> Iterator[Change]:
    """
    Give the steps by which layers go, come, and become one.
    """
    if said["remove_layer"]:
        yield TakeOut(said["remove_layer"])
    for pattern in said["remove_layer_by"]:
        yield RemoveLayers(created_by=pattern)
    if said["remove_path"]:
        yield RemovePaths(said["remove_path"])
    if said["append"]:
        yield Append([layer_of(path) for path in paths(said["append"])])
    if said["squash"] is not None:
        yield Squash(*_range(said["squash"]))
    if said["flatten"]:
        yield Flatten()


def last_changes(said: dict[str, Any]) -> Iterator[Change]:
    """
    Give the steps that go over all that was made before.
    """
    if said["clamp"] or said["time"] is not None:
        yield Retime(_time(said["time"]), clamp=said["clamp"])
    if said["canonical"]:
        yield Canonical()
    if said["compression"] is not None:
        text: str = said["compression"]
        yield Recompress(text, force=":" in text)


def _range(text: str) -> tuple[int, int | None]:
    found = _RANGE.fullmatch(text)
    if found is None:
        raise click.UsageError(f"--squash {text!r}: write it as A:B, such as 2:4 or -3:")
    first, last = (None if part is None else int(part) for part in found.groups())
    start = 0 if first is None else from_zero(first, "--squash")
    if last is None or last == -1:
        return start, None
    # Both ends are meant, the one after the last is what a slice has.
    return start, from_zero(last, "--squash") + 1


def _time(text: str | None) -> int | str:
    if text is not None:
        return int(text) if re.fullmatch(r"-?[0-9]+", text) else text
    since = epoch()
    if since is None:
        raise click.UsageError("--clamp: to what time? Say --time, or set SOURCE_DATE_EPOCH")
    return since
