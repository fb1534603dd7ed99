"""
Bytes that travel with an image and that no container sees: files that are written again,
or deleted, in later layers.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Iterator, Sequence
from typing import Protocol

from ocikit._records import record
from ocikit.tree.resolve import Tree
from ocikit.tree.whiteouts import Mark, Opaque, Whiteout


@record(kw_only=True)
class Lost:
    """
    A path of which layers hold bytes that are not seen.
    """

    path: str
    #: How many bytes of content they are.
    size: int
    #: The layers that hold them, counted from 1, lowest first; one may do so twice.
    layers: tuple[int, ...]
    #: Whether something is at the path in the end, so that it was written again.
    there: bool
    #: The layer that wrote it last, or took it away, counted from 1; None when that was
    #: done by what took the place of a directory above.
    by: int | None


@record(kw_only=True)
class Waste:
    """
    What is wasted in an image, and where.
    """

    #: Bytes of the content of all files in all layers.
    held: int
    #: How many of them are not seen.
    wasted: int
    #: Where most of them are, the most first.
    paths: tuple[Lost, ...]
    #: How many further paths there are, and bytes of them.
    others: int = 0
    others_size: int = 0

    @property
    def efficiency(self) -> float:
        """
        Which part of the bytes is seen, from 0 to 1; 1 when there are none.

        It is dive's score, but of a file that is written again the last size counts,
        which is what containers see; for dive it is the smallest.
        """
        return 1 - self.wasted / self.held if self.held else 1.0


class _Layer(Protocol):
    @property
    def sizes(self) -> array[int]: ...
    @property
    def paths(self) -> dict[int, bytes]: ...
    @property
    def marks(self) -> list[Mark]: ...


def wasted(tree: Tree, layers: Sequence[_Layer], seen: Sequence[bytearray], most: int) -> Waste:
    """
    Sum up what is not seen.

    Args:
        tree: what all layers make.
        layers: what is in each, lowest first.
        seen: which of their members are seen.
        most: how many paths are named.
    """
    lost: dict[bytes, list[int]] = {}
    for number, (layer, flags) in enumerate(zip(layers, seen, strict=True)):
        for member, path in layer.paths.items():
            if not flags[member]:
                held = lost.setdefault(path, [0])
                held[0] += layer.sizes[member]
                held.append(number + 1)
    largest = heapq.nsmallest(most, lost, key=lambda path: (-lost[path][0], path))
    named = tuple(_lost(tree, layers, path, *lost[path]) for path in largest)
    total = sum(held[0] for held in lost.values())
    return Waste(
        held=sum(sum(layer.sizes) for layer in layers),
        wasted=total,
        paths=named,
        others=len(lost) - len(named),
        others_size=total - sum(each.size for each in named),
    )


def _lost(tree: Tree, layers: Sequence[_Layer], path: bytes, size: int, *held: int) -> Lost:
    node = tree.find(path)
    by: int | None
    if node is not None:
        by = None if node.place is None else node.place[0] + 1
    else:
        by = next(_takers(layers, path, held[-1]), None)
    return Lost(
        path=path.decode("utf-8", "surrogateescape"),
        size=size,
        layers=held,
        there=node is not None,
        by=by,
    )


def _takers(layers: Sequence[_Layer], path: bytes, last: int) -> Iterator[int]:
    for number in range(last, len(layers)):
        if any(_takes(mark, path) for mark in layers[number].marks):
            yield number + 1


def _takes(mark: Mark, path: bytes) -> bool:
    if isinstance(mark, Whiteout):
        return path == mark.path or path.startswith(mark.path + b"/")
    if isinstance(mark, Opaque):
        return not mark.path or path.startswith(mark.path + b"/")
    return False
