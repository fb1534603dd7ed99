"""
Pictures as SVG: standing alone, or in a page that has their style.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from ocikit._markup import Markup, element
from ocikit._shown import clipped, on_a_line, shown
from ocikit.picture.changes import Changes
from ocikit.picture.graph import Graph
from ocikit.picture.sizes import Sizes
from ocikit.picture.spaces import Space
from ocikit.picture.squarify import Rectangle, squarify
from ocikit.picture.style import DRAWING, colour
from ocikit.picture.waste import Waste
from ocikit.picture.waterfall import Waterfall
from ocikit.sizes import counted, in_units

#: Whatever can be drawn.
Drawn: TypeAlias = "Waterfall | Waste | Space | Changes | Graph | Sizes"

WIDTH: Final = 952
#: Of a column of text, and of a line.
CELL: Final = 6.7
LINE: Final = 20
_TREEMAP: Final = 540
_HEAD: Final = 15
#: So many rows of a kind are drawn.
MOST: Final = 150


def svg(picture: Drawn) -> str:
    """
    Draw a picture that stands alone: an SVG document with its style in it.

    >>> from ocikit.content.synthetic import image
    >>> from ocikit.picture.waterfall import waterfall
    >>> import random
    >>> svg(waterfall(image(random.Random(1))))[:44]
    '<svg xmlns="http://www.w3.org/2000/svg" widt'
    """
    return str(drawing(picture, element("style", Markup(DRAWING))))


def drawing(picture: Drawn, *before: Markup) -> Markup:
    """
    Draw a picture for a page.
    """
    from ocikit.picture.svg_changes import changes
    from ocikit.picture.svg_graph import graph

    match picture:
        case Waterfall():
            return _waterfall(picture, before)
        case Waste():
            return _waste(picture, before)
        case Space():
            return _treemap(picture, before)
        case Changes():
            return changes(picture, before)
        case Graph():
            return graph(picture, before)
        case Sizes():
            return _sizes(picture, before)


def canvas(
    name: str,
    height: float,
    parts: Iterable[Markup],
    before: Iterable[Markup],
    width: float = WIDTH,
) -> Markup:
    """
    Put parts on a canvas.
    """
    return element(
        "svg",
        *before,
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        width=width,
        height=height,
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_label=name,
    )


def label(
    text: str,
    x: float,
    y: float,
    room: float,
    kind: str = "",
    *,
    end: bool = False,
    path: bool = False,
) -> Markup:
    """
    Write a text, cut to the room that it has.

    Args:
        text: anything; it is made fit to be shown.
        x: where it begins, or with `end` where it ends.
        y: where the letters stand.
        room: how wide it may be.
        kind: its class.
        end: set it to the right.
        path: keep the end of what is too long, and its blanks.
    """
    columns = max(int(room / CELL), 1)
    cut = clipped(shown(text) if path else on_a_line(text), columns, keep_end=path)
    aligned = {"text_anchor": "end"} if end else {}
    classed = {"class_": kind} if kind else {}
    return element("text", cut, x=x, y=y, **classed, **aligned)


def rectangle(place: Rectangle, kind: str, title: str = "") -> Markup:
    """
    Draw a rectangle, with what is said when a pointer is on it.
    """
    inside = [element("title", title)] if title else []
    return element(
        "rect",
        *inside,
        class_=kind,
        x=place.x,
        y=place.y,
        width=max(place.width, 0.5),
        height=max(place.height, 0.5),
    )


def _waterfall(fall: Waterfall, before: tuple[Markup, ...]) -> Markup:
    bars, total = fall.bars[:MOST], fall.size or 1
    left, room = 110, 300
    parts: list[Markup] = []
    for row, each in enumerate(bars):
        top = row * LINE
        said = on_a_line(each.instruction) or "unknown"
        place = Rectangle(
            left + room * each.below / total, top + 3, max(room * each.size / total, 1), LINE - 6
        )
        parts += [
            label(str(each.number), 24, top + 14, 24, "faint", end=True),
            label(in_units(each.size), left - 10, top + 14, 70, end=True),
            rectangle(Rectangle(left, top + 3, room, LINE - 6), "under"),
            rectangle(
                place, f"b {colour(each.number)}", f"{each.number}: {each.size:,} bytes, {said}"
            ),
            label(said, left + room + 12, top + 14, WIDTH - left - room - 12),
        ]
    parts += _more(len(fall.bars) - len(bars), len(bars))
    height = LINE * (len(bars) + (len(fall.bars) > len(bars))) or LINE
    return canvas("layers by size", height, parts, before)


def _more(count: int, row: int) -> Iterator[Markup]:
    if count > 0:
        yield label(counted(count, "other"), 110, row * LINE + 14, 300, "faint")


def _waste(waste: Waste, before: tuple[Markup, ...]) -> Markup:
    part = waste.efficiency
    parts = [
        rectangle(Rectangle(0, 2, WIDTH * part, 20), "bar", "seen by containers"),
        rectangle(Rectangle(WIDTH * part, 2, WIDTH * (1 - part), 20), "del", "not seen"),
        label(f"{part:.1%} of {in_units(waste.held)} is seen", 0, 40, 460),
        label(f"{in_units(waste.wasted)} wasted", WIDTH, 40, 460, "del", end=True),
    ]
    return canvas("wasted space", 48, parts, before)


def _sizes(sizes: Sizes, before: tuple[Markup, ...]) -> Markup:
    shown_ones = sizes.images[:MOST]
    most = max((each.size for each in shown_ones), default=0) or 1
    left, room = 380, WIDTH - 380 - 90
    parts: list[Markup] = []
    for row, each in enumerate(shown_ones):
        top, shared = row * LINE, room * each.shared / most
        own = room * (each.size - each.shared) / most
        name = f"{each.name} {each.platform}".rstrip()
        parts += [
            label(name, 0, top + 14, left - 12, path=True),
            rectangle(Rectangle(left, top + 3, shared, LINE - 6), "b l0", "shared"),
            rectangle(Rectangle(left + shared, top + 3, own, LINE - 6), "b l1", "its own"),
            label(in_units(each.size), WIDTH, top + 14, 80, end=True),
        ]
    parts += _more(len(sizes.images) - len(shown_ones), len(shown_ones))
    return canvas("sizes of images", LINE * (len(shown_ones) + 1), parts, before)


def _treemap(space: Space, before: tuple[Markup, ...]) -> Markup:
    parts = _boxes(space, Rectangle(0, 0, WIDTH, _TREEMAP))
    return canvas("files by size", _TREEMAP, parts, before)


def _boxes(space: Space, place: Rectangle) -> Iterator[Markup]:
    title = f"{space.path or '/'}{f' ({space.name})' if space.others else ''}: {space.size:,} bytes"
    if space.files != 1:
        title += f" in {space.files:,} files"
    if space.layer:
        title += f", layer {space.layer}"
    yield rectangle(place, f"box {colour(space.layer)}", title)
    heads = place.width > 4 * CELL and place.height > _HEAD
    if heads:
        name = f"{space.name} {in_units(space.size)}"
        fits = len(name) * CELL <= place.width - 8
        yield label(name if fits else space.name, place.x + 4, place.y + 11.5, place.width - 8)
    inside = [each for each in space.inside if each.size]
    # What is smaller than a few points cannot be told apart any more.
    if not inside or min(place.width, place.height) < 12:
        return
    top = _HEAD if heads else 2
    room = Rectangle(place.x + 2, place.y + top, place.width - 4, place.height - top - 2)
    if room.height < 4 or room.width < 4:
        return
    ordered = sorted(inside, key=lambda each: -each.size)
    for each, part in zip(ordered, squarify([e.size for e in ordered], room), strict=True):
        yield from _boxes(each, part)
