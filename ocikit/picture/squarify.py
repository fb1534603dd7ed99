"""
Rectangles of given areas that fill a rectangle, and are as square as can be (Bruls,
Huizing and van Wijk, "Squarified Treemaps").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ocikit._records import record


@record
class Rectangle:
    """
    A place in a drawing.
    """

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """
        Its width times its height.
        """
        return self.width * self.height


def squarify(sizes: Sequence[int], room: Rectangle) -> Iterator[Rectangle]:
    """
    Divide a rectangle in proportion to sizes, given in the order of these.

    Args:
        sizes: more than 0 each, the largest first.
        room: what is filled.

    >>> for each in squarify([4, 2, 2], Rectangle(0, 0, 8, 4)):
    ...     print(each)
    Rectangle(x=0, y=0.0, width=4.0, height=4.0)
    Rectangle(x=4.0, y=0.0, width=4.0, height=2.0)
    Rectangle(x=4.0, y=2.0, width=4.0, height=2.0)
    """
    total, begin = sum(sizes), 0
    while begin < len(sizes):
        end = _row(sizes, begin, total, room)
        row = sizes[begin:end]
        part = sum(row)
        yield from _filled(row, part, part / total, room)
        room = _rest(room, part / total)
        total, begin = total - part, end


def _row(sizes: Sequence[int], begin: int, total: int, room: Rectangle) -> int:
    """
    Find where the row ends that begins here: as long as its worst part gets squarer.
    """
    side = min(room.width, room.height)
    scale = room.area / total
    end, part, worst = begin, 0, float("inf")
    while end < len(sizes):
        part += sizes[end]
        depth = part * scale / side if side else 0
        now = max(
            _stretch(sizes[begin] * scale, depth),
            _stretch(sizes[end] * scale, depth),
        )
        if now > worst:
            break
        worst, end = now, end + 1
    return max(end, begin + 1)


def _stretch(area: float, depth: float) -> float:
    length = area / depth if depth else 0
    return max(length / depth, depth / length) if length and depth else float("inf")


def _filled(row: Sequence[int], part: int, share: float, room: Rectangle) -> Iterator[Rectangle]:
    done = 0.0
    for size in row:
        if room.width >= room.height:
            height = room.height * size / part
            yield Rectangle(room.x, room.y + done, room.width * share, height)
            done += height
        else:
            width = room.width * size / part
            yield Rectangle(room.x + done, room.y, width, room.height * share)
            done += width


def _rest(room: Rectangle, share: float) -> Rectangle:
    if room.width >= room.height:
        gone = room.width * share
        return Rectangle(room.x + gone, room.y, max(room.width - gone, 0), room.height)
    gone = room.height * share
    return Rectangle(room.x, room.y + gone, room.width, max(room.height - gone, 0))
