"""
Bytes that travel with an image and that no container sees: files that are written again,
or deleted, in later layers.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Iterator, Sequence
from typing import Protocol, TypeAlias

import attrs

from ocikit._records import record
from ocikit.tree.resolve import Tree
from ocikit.tree.whiteouts import Mark, Opaque, Whiteout


@record(kw_only=True)
class Lost:
    """
    A path of which layers hold bytes that are not seen.
    """

    #: Of a file; or of a directory that was deleted, or emptied, with all that was in it.
    path: str
    #: How many bytes of content they are, and of how many files.
    size: int
    files: int = 1
    #: The layers that hold them, counted from 1, lowest first.
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
    takers = _Takers(layers)
    lost: dict[_Cause, _Held] = {}
    for number, (layer, flags) in enumerate(zip(layers, seen, strict=True)):
        for member, path in layer.paths.items():
            if not flags[member]:
                cause = _cause(tree, takers, path, number)
                lost.setdefault(cause, _Held()).add(path, layer.sizes[member], number + 1)
    largest = heapq.nsmallest(most, lost, key=lambda cause: (-lost[cause].size, cause[0]))
    named = tuple(_lost(cause, lost[cause]) for cause in largest)
    total = sum(held.size for held in lost.values())
    return Waste(
        held=sum(sum(layer.sizes) for layer in layers),
        wasted=total,
        paths=named,
        others=len(lost) - len(named),
        others_size=total - sum(each.size for each in named),
    )


#: A path, whether something is there, and the layer that made it so, counted from 1.
_Cause: TypeAlias = tuple[bytes, bool, int | None]


@attrs.define
class _Held:
    size: int = 0
    paths: set[bytes] = attrs.field(factory=set)
    layers: set[int] = attrs.field(factory=set)

    def add(self, path: bytes, size: int, layer: int) -> None:
        """
        Count a member.
        """
        self.size += size
        self.paths.add(path)
        self.layers.add(layer)


def _lost(cause: _Cause, held: _Held) -> Lost:
    path, there, by = cause
    return Lost(
        path=path.decode("utf-8", "surrogateescape"),
        size=held.size,
        files=len(held.paths),
        layers=tuple(sorted(held.layers)),
        there=there,
        by=by,
    )


def _cause(tree: Tree, takers: _Takers, path: bytes, layer: int) -> _Cause:
    node = tree.find(path)
    if node is not None:
        return path, True, None if node.place is None else node.place[0] + 1
    taken, by = takers.of(path, layer)
    return taken, False, by


class _Takers:
    """
    What layers mark as gone, to be looked up by any path that goes with it.
    """

    def __init__(self, layers: Sequence[_Layer]) -> None:
        #: Numbers of layers, lowest first, by what is gone, and by whose content is.
        self._gone: dict[bytes, list[int]] = {}
        self._emptied: dict[bytes, list[int]] = {}
        for number, layer in enumerate(layers):
            for mark in layer.marks:
                if isinstance(mark, Whiteout):
                    self._gone.setdefault(mark.path, []).append(number)
                elif isinstance(mark, Opaque):
                    self._emptied.setdefault(mark.path, []).append(number)

    def of(self, path: bytes, layer: int) -> tuple[bytes, int | None]:
        """
        Give what went with a path that a layer had, and in which layer, counted from 1.
        """
        found = [
            (number, end)
            for end in _ends(path)
            for number in (
                *self._gone.get(path[:end], ()),
                *(self._emptied.get(path[:end], ()) if end < len(path) else ()),
            )
            if number > layer
        ]
        if not found:
            return path, None
        number, end = min(found)
        return path[:end], number + 1


def _ends(path: bytes) -> Iterator[int]:
    # Where the names of the directories above end, and the path itself.
    yield 0
    at = path.find(b"/")
    while at >= 0:
        yield at
        at = path.find(b"/", at + 1)
    yield len(path)
