"""
What is different between two images, as lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ocikit._notebook import short
from ocikit._shown import clipped
from ocikit.picture.changes import Changes, FileChange, How, LayerChange
from ocikit.picture.tables import Cell, Column, Paint, table
from ocikit.sizes import counted, in_units

SIGNS: Final[dict[How, str]] = {"added": "+", "removed": "-", "changed": "~"}


def growth(size: int) -> str:
    """
    Write how much more there is, or less.

    >>> growth(1000), growth(-5), growth(0)
    ('+1.0 kB', '-5 B', '0 B')
    """
    sign = "+" if size > 0 else "-" if size < 0 else ""
    return sign + in_units(abs(size))


def side_of(layer: LayerChange) -> How:
    """
    Tell on which side a layer is.
    """
    if layer.before is None:
        return "added"
    return "removed" if layer.after is None else "changed"


def tallied(found: Changes) -> str:
    """
    Sum up in a sentence what changed in files.
    """
    said = [
        f"{each.count} {each.how} ({growth(each.growth)})" for each in found.tallies if each.count
    ]
    if found.touched:
        said.append(f"{found.touched} of which only the times differ")
    return ", ".join(said) or "none differ"


def changes_lines(found: Changes, width: int, paint: Paint) -> Iterator[str]:
    """
    Give the lines about what differs.
    """
    sides = [short(each) if each else "nothing" for each in (found.before, found.after)]
    title = " -> ".join(sides)
    sizes = f" ({in_units(found.before_size)} -> {in_units(found.after_size)})"
    name = f"{clipped(Cell(found.name).text, width // 3)}: " if found.name else ""
    yield paint(name + title + (sizes if found.layers else ""), "title")
    if found.before == found.after:
        yield "the same"
        return
    yield from _settings(found, width, paint)
    yield from _layers(found, width, paint)
    if found.read:
        yield paint("files: ", "title") + tallied(found)
        yield from _files(found, width, paint)
    for each in found.inside:
        yield ""
        yield from changes_lines(each, width, paint)


def _settings(found: Changes, width: int, paint: Paint) -> Iterator[str]:
    columns = [Column(gives=True), Column(gives=True), Column(gives=True)]
    rows = [
        [
            Cell(each.where),
            Cell(each.left or "nothing", "removed"),
            Cell(each.right or "nothing", "added"),
        ]
        for each in found.settings
    ]
    if rows:
        yield paint("settings", "title")
    yield from table(columns, rows, width, paint)
    if found.other_settings:
        yield paint(counted(found.other_settings, "other"), "faint")


def _layers(found: Changes, width: int, paint: Paint) -> Iterator[str]:
    if not found.layers:
        return
    yield paint("layers", "title")
    rows = []
    for each in found.layers:
        how = side_of(each)
        sizes = [
            "-" if digest is None else in_units(size)
            for digest, size in ((each.before, each.before_size), (each.after, each.after_size))
        ]
        rows.append(
            [
                Cell(each.name),
                Cell("same", "faint") if each.same else Cell(how, how),
                *map(Cell, sizes),
                Cell(each.instruction, path=False),
            ]
        )
    columns = [Column(gives=True), Column(), Column(right=True), Column(right=True)]
    columns.append(Column(gives=True))
    yield from table(columns, rows, width, paint)


def _files(found: Changes, width: int, paint: Paint) -> Iterator[str]:
    columns = [Column(), Column(right=True), Column(right=True), Column(gives=True)]
    yield from table(columns, [_file(each) for each in found.files], width, paint)
    others = sum(each.count for each in found.tallies) - len(found.files)
    if others:
        yield paint(counted(others, "other"), "faint")


def _file(each: FileChange) -> list[Cell]:
    facts = f" ({', '.join(each.facts)})" if each.facts else ""
    return [
        Cell(SIGNS[each.how], each.how),
        Cell("" if each.after is None else in_units(each.after)),
        Cell(growth(each.growth)),
        Cell(each.path + facts),
    ]
