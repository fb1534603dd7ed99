"""
What differs between two images, as bars to the left and right of a line.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ocikit._markup import Markup, element
from ocikit.picture.changes import Changes, FileChange, How
from ocikit.picture.squarify import Rectangle
from ocikit.picture.svg import LINE, WIDTH, canvas, label, rectangle
from ocikit.picture.text_changes import growth

_MOST: Final = 40
#: Where the line is from which bars go, and how far these go.
_MIDDLE, _REACH = 210, 120
CLASSES: Final[dict[How, str]] = {"added": "add", "removed": "del", "changed": "chg"}


def changes(found: Changes, before: Iterable[Markup]) -> Markup:
    """
    Draw how much files have grown: those of the images, or of all children of indexes.
    """
    files = sorted(_files(found), key=lambda each: (-abs(each.growth), each.path))[:_MOST]
    most = max((abs(each.growth) for each in files), default=0) or 1
    height = max(LINE * len(files), LINE)
    parts = [
        element("line", class_="edge", x1=_MIDDLE, y1=0, x2=_MIDDLE, y2=height),
    ]
    for row, each in enumerate(files):
        top, kind = row * LINE, CLASSES[each.how]
        length = _REACH * abs(each.growth) / most
        start = _MIDDLE if each.growth >= 0 else _MIDDLE - length
        parts += [
            label(growth(each.growth), 80, top + 14, 80, kind, end=True),
            rectangle(Rectangle(start, top + 3, length, LINE - 6), kind, each.how),
            label(each.path, 345, top + 14, WIDTH - 345, path=True),
        ]
    return canvas("files that differ", height, parts, before)


def _files(found: Changes) -> Iterable[FileChange]:
    yield from found.files
    for each in found.inside:
        yield from _files(each)
