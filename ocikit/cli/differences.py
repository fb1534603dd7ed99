"""
Differences as lines, and as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ocikit.cli.colour import paint
from ocikit.cli.output import emit

if TYPE_CHECKING:
    from ocikit.query.difference import Difference, Ignore
    from ocikit.query.explanation import Explanation


def ignores(names: Sequence[str], paths: Sequence[str]) -> list[Ignore]:
    """
    Read which differences are not to be told: by name, and by path of files.
    """
    from ocikit.query.ignore import PRESETS, files

    chosen = [name for text in names for name in text.split(",")]
    for name in chosen:
        if name not in PRESETS:
            raise click.UsageError(f"--ignore {name!r}: write one of {', '.join(PRESETS)}")
    return [*(PRESETS[name] for name in chosen), *map(files, paths)]


def tell(difference: Difference) -> None:
    """
    Print a difference: where, and what there is on either side.

    Among the members of the JSON a side that has nothing is not there.
    """
    from ocikit._shown import shown

    where = paint(shown(difference.where), sys.stdout, bold=True)
    left, right = (
        paint("nothing" if side is None else shown(side), sys.stdout, fg=colour)
        for side, colour in ((difference.left, "red"), (difference.right, "green"))
    )
    emit(
        f"{where}: {left} | {right}",
        level=difference.level,
        path=[*difference.path],
        field=difference.field,
        **_sides(difference),
    )


def tell_cause(explanation: Explanation) -> None:
    """
    Print why two digests differ.
    """
    said = {} if explanation.offset is None else {"offset": explanation.offset}
    emit(
        str(explanation),
        level=explanation.level,
        path=[*explanation.path],
        cause=explanation.cause,
        message=explanation.message,
        **said,
        **_sides(explanation),
    )


def _sides(found: Difference | Explanation) -> dict[str, Any]:
    sides = {"left": found.left, "right": found.right}
    return {name: json.loads(side) for name, side in sides.items() if side is not None}
