"""
Graphs of content, drawn from left to right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from ocikit._markup import Markup, element
from ocikit._notebook import short
from ocikit.digest import Digest
from ocikit.picture.graph import Graph, Kind, Node
from ocikit.picture.squarify import Rectangle
from ocikit.picture.svg import canvas, label, rectangle
from ocikit.picture.text_graph import label as word
from ocikit.picture.text_graph import links
from ocikit.sizes import counted, in_units

_BOX, _GAP, _ROW, _HIGH = 205, 44, 44, 36
_CLASSES: Final[dict[Kind, str]] = {
    "index": "l0",
    "image": "l2",
    "artifact": "l4",
    "attestation": "l3",
    "referrer": "l6",
    "config": "under",
    "layer": "l5",
    "blob": "under",
}


def graph(found: Graph, before: Iterable[Markup]) -> Markup:
    """
    Draw a graph: each node once, edges from what has to what is had, dashed ones to what
    is spoken about.
    """
    places = _Places(found)
    places.put(found.root, 0)
    at = places.at
    columns = 1 + max((column for column, _ in at.values()), default=0)
    rows = places.rows + bool(found.others)
    parts = [*_edges(found, at), *_boxes(found, at)]
    if found.others:
        more = f"and {counted(found.others, 'other')}"
        parts.append(label(more, 4, places.rows * _ROW + 16, 300, "faint"))
    width = columns * (_BOX + _GAP) - _GAP + 2
    return canvas("what is in it, and about it", max(rows, 1) * _ROW, parts, before, width)


@attrs.define
class _Places:
    """
    Columns by depth; rows so that nothing lies on anything else.
    """

    graph: Graph
    at: dict[Digest, tuple[int, float]] = attrs.field(factory=dict)
    rows: int = 0

    def put(self, digest: Digest, column: int) -> None:
        """
        Find a place for a node, beside what is put to its right and has none yet.
        """
        self.at[digest] = column, 0.0
        has, about = links(self.graph, digest)
        placed = []
        for node in (*has, *about):
            if node.digest not in self.at:
                self.put(node.digest, column + 1)
                placed.append(self.at[node.digest][1])
        if placed:
            row = (placed[0] + placed[-1]) / 2
        else:
            row, self.rows = float(self.rows), self.rows + 1
        self.at[digest] = column, row


def _place(at: tuple[int, float]) -> Rectangle:
    column, row = at
    return Rectangle(column * (_BOX + _GAP) + 1, row * _ROW + 3, _BOX, _HIGH)


def _edges(found: Graph, at: dict[Digest, tuple[int, float]]) -> Iterator[Markup]:
    for edge in found.edges:
        if edge.start not in at or edge.end not in at:
            continue
        # Both kinds go from left to right, so that they are drawn alike.
        ends = [_place(at[edge.start]), _place(at[edge.end])]
        left, right = sorted(ends, key=lambda place: place.x)
        x1, y1 = left.x + left.width, left.y + _HIGH / 2
        x2, y2 = right.x, right.y + _HIGH / 2
        if left.x == right.x:
            x2 = right.x + right.width
        path = f"M{x1:g} {y1:g}C{x1 + _GAP / 2:g} {y1:g} {x2 - _GAP / 2:g} {y2:g} {x2:g} {y2:g}"
        dashed = " dashed" if edge.link == "about" else ""
        yield element("path", class_=f"edge{dashed}", d=path)


def _boxes(found: Graph, at: dict[Digest, tuple[int, float]]) -> Iterator[Markup]:
    for digest, node in found.nodes.items():
        if digest in at:
            yield from _box(found, node, _place(at[digest]))


def _box(found: Graph, node: Node, place: Rectangle) -> Iterator[Markup]:
    name = found.name if node.digest == found.root and found.name else word(node)
    title = f"{node.kind} {node.digest}: {node.label}, {node.size:,} bytes"
    yield rectangle(place, f"box {_CLASSES[node.kind]}", title)
    yield label(name, place.x + 7, place.y + 15, _BOX - 14, path=True)
    said = f"{short(node.digest)} {in_units(node.size)}"
    yield label(said, place.x + 7, place.y + 29, _BOX - 14)
