"""
Pictures as text, for terminals.

No line has a character that is not printable; colours are put there by who prints.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from ocikit._notebook import short
from ocikit.picture.changes import Changes
from ocikit.picture.graph import Graph
from ocikit.picture.overview import IndexOverview, Overview
from ocikit.picture.sizes import Sized, Sizes
from ocikit.picture.spaces import Space
from ocikit.picture.steps import Steps
from ocikit.picture.tables import WIDTH, Cell, Column, Paint, Role, bar, table, unpainted
from ocikit.picture.text_changes import changes_lines
from ocikit.picture.text_graph import graph_lines
from ocikit.picture.text_overview import index_lines, overview_lines
from ocikit.picture.waste import Waste
from ocikit.picture.waterfall import Bar, Waterfall
from ocikit.sizes import counted, in_units

#: Whatever can be drawn.
Picture: TypeAlias = (
    "Waterfall | Waste | Space | Changes | Graph | Overview | IndexOverview | Sizes | Sized | Steps"
)


def text(picture: Picture, *, width: int = WIDTH, paint: Paint = unpainted) -> str:
    """
    Draw a picture as text.

    Args:
        picture: what to draw.
        width: columns of the terminal; at less than about 70 lines may be wider.
        paint: gives texts their colours, by what they are.

    >>> from ocikit.content.synthetic import image
    >>> from ocikit.picture.waterfall import waterfall
    >>> import random
    >>> print(text(waterfall(image(random.Random(1), layers=2)), width=60))
     #    SIZE                 INSTRUCTION
     1  1.2 kB  ██████▌        synthetic
     2  1.2 kB        ███████  synthetic
    """
    return "\n".join(lines(picture, width, paint))


def lines(picture: Picture, width: int, paint: Paint) -> Iterator[str]:
    """
    Give the lines of a picture.
    """
    match picture:
        case Waterfall():
            return _waterfall(picture, width, paint)
        case Waste():
            return _waste(picture, width, paint)
        case Space():
            return _space(picture, width, paint)
        case Changes():
            return changes_lines(picture, width, paint)
        case Graph():
            return graph_lines(picture, width, paint)
        case Overview():
            return overview_lines(picture, width, paint)
        case IndexOverview():
            return index_lines(picture, width, paint)
        case Sizes():
            return _sizes(picture, width, paint)
        case Sized():
            return _waterfall(picture.layers, width, paint, picture.holders)
        case Steps():
            return _steps(picture, width, paint)


def _waterfall(
    fall: Waterfall, width: int, paint: Paint, holders: tuple[int, ...] = ()
) -> Iterator[str]:
    room = max(8, min(40, (width - 20) // 3))
    read = any(each.unpacked is not None for each in fall.bars)
    columns = [Column(title=" #", right=True), Column(title="SIZE", right=True)]
    if read:
        columns += [Column(title="UNPACKED", right=True), Column(title="FILES", right=True)]
    columns += [Column(title="IMAGES", right=True)] if holders else []
    columns += [Column(), Column(title="INSTRUCTION", gives=True)]
    total = fall.size or 1
    rows = [
        [
            Cell(str(each.number)),
            Cell(in_units(each.size)),
            *(_read(each) if read else ()),
            *([Cell(str(holders[each.number - 1]))] if holders else ()),
            Cell(bar(each.below / total, (each.below + each.size) / total, room), "bar"),
            Cell(each.instruction, path=False),
        ]
        for each in fall.bars
    ]
    return table(columns, rows, width, paint)


def _read(each: Bar) -> tuple[Cell, Cell]:
    if each.unpacked is None:
        return Cell("-"), Cell("-")
    return Cell(in_units(each.unpacked)), Cell(str(each.files))


def _waste(waste: Waste, width: int, paint: Paint) -> Iterator[str]:
    role: Role = "bad" if waste.efficiency < 0.9 else "title"
    yield (
        f"{paint(f'{waste.efficiency:.1%} efficient', role)}: {in_units(waste.wasted)} of"
        f" {in_units(waste.held)} in layers are not seen"
    )
    if not waste.paths:
        return
    columns = [
        Column(title="WASTED", right=True),
        Column(title="FILES", right=True),
        Column(title="IN LAYERS"),
        Column(title="BECAUSE"),
        Column(title="PATH", gives=True),
    ]
    rows = [
        [
            Cell(in_units(each.size)),
            Cell(str(each.files)),
            Cell(_few(each.layers)),
            Cell(because(each.there, each.by), "changed" if each.there else "removed"),
            Cell(each.path or "/"),
        ]
        for each in waste.paths
    ]
    yield from table(columns, rows, width, paint)
    if waste.others:
        yield paint(f"{counted(waste.others, 'other')}, {in_units(waste.others_size)}", "faint")


def because(there: bool, by: int | None) -> str:
    """
    Say why bytes are not seen.

    >>> because(True, 3), because(False, None)
    ('again in 3', 'gone')
    """
    return ("again" if there else "gone") + (f" in {by}" if by is not None else "")


def _few(layers: tuple[int, ...]) -> str:
    said = ",".join(map(str, layers[:4]))
    return said + ("…" if len(layers) > 4 else "")


def _space(space: Space, width: int, paint: Paint) -> Iterator[str]:
    columns = [
        Column(title="SIZE", right=True),
        Column(title="FILES", right=True),
        Column(title="LAYER", right=True),
        Column(),
        Column(title="PATH", gives=True),
    ]
    total = space.size or 1
    rows = [
        [
            Cell(in_units(each.size)),
            Cell(str(each.files)),
            Cell(str(each.layer or "-")),
            Cell(bar(0, each.size / total, 12), "bar"),
            Cell("  " * depth + each.name, "faint" if each.others else "plain"),
        ]
        for depth, each in _walk(space, 0, total / 100)
    ]
    return table(columns, rows, width, paint)


def _walk(space: Space, depth: int, least: float) -> Iterator[tuple[int, Space]]:
    # What is less than a hundredth of all is seen in pictures, not in lines.
    yield depth, space
    for each in space.inside:
        if each.size >= least:
            yield from _walk(each, depth + 1, least)


def _sizes(sizes: Sizes, width: int, paint: Paint) -> Iterator[str]:
    read = any(each.unpacked is not None for each in sizes.images)
    several = len(sizes.images) > 1
    columns = [Column(title="SIZE", right=True)]
    columns += [Column(title="UNPACKED", right=True)] if read else []
    columns += [Column(title="SHARED", right=True)] if several else []
    columns += [Column(title="LAYERS", right=True), Column(title="DIGEST")]
    # Half a name names nothing: it comes last, and may be longer than the line.
    columns += [Column(title="PLATFORM", gives=True), Column(title="IMAGE")]
    rows = []
    for each in sizes.images:
        row = [Cell(in_units(each.size), "title")]
        row += [Cell("-" if each.unpacked is None else in_units(each.unpacked))] if read else []
        row += [Cell(in_units(each.shared))] if several else []
        row += [Cell(str(len(each.layers.bars))), Cell(short(each.digest), "digest")]
        rows.append([*row, Cell(each.platform or "-"), Cell(each.name)])
    yield from table(columns, rows, width, paint)
    if several:
        yield f"{paint(in_units(sizes.size), 'title')} together, what is shared counted once"


def _steps(steps: Steps, width: int, paint: Paint) -> Iterator[str]:
    columns = [
        Column(title="CREATED", gives=True),
        Column(title="LAYER", right=True),
        Column(title="SIZE", right=True),
        Column(title="INSTRUCTION", gives=True),
    ]
    said = any(each.comment for each in steps.steps)
    columns += [Column(title="COMMENT", gives=True)] if said else []
    rows = []
    for each in steps.steps:
        size = "-" if each.size is None else in_units(each.size)
        row = [Cell(each.created[:19]), Cell(str(each.layer or "-")), Cell(size)]
        row.append(Cell(each.instruction, path=False))
        rows.append([*row, Cell(each.comment, path=False)] if said else row)
    return table(columns, rows, width, paint)
