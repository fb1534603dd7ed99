"""
Where the space goes: directories and files by size, as many as a picture can show.
"""

from __future__ import annotations

import heapq
import itertools
from typing import Final

from ocikit._records import record
from ocikit.picture.directories import Directory
from ocikit.sizes import counted

#: Of one directory so many things are shown, the others as one.
_MOST_INSIDE: Final = 24
#: What is smaller than this part of its directory is one of the others, but for a few.
_LEAST: Final = 0.004
_FEW: Final = 8


@record(kw_only=True)
class Space:
    """
    A directory, a file, or others together, and how large that is.
    """

    #: From the root; empty for the root, and the directory's own for others in it.
    path: str
    #: Bytes of content.
    size: int
    #: How many files that are; 1 for a file.
    files: int
    #: The layer that has most of it, counted from 1; 0 where there is nothing.
    layer: int
    #: What is in it, largest first; nothing in a file, or where it was not divided.
    inside: tuple[Space, ...] = ()
    #: How many directories and files are taken together here.
    others: int = 0

    @property
    def name(self) -> str:
        """
        The last part of the path, or how many others there are.
        """
        if self.others:
            return counted(self.others, "other")
        return self.path.rpartition("/")[2] or "/"


def spaces(root: Directory, most: int) -> Space:
    """
    Divide a directory, the largest part first, until there are so many parts.
    """
    divided: set[int] = set()
    # Of equals the first found comes first; directories themselves have no order.
    turn = itertools.count()
    waiting = [(-root.size, next(turn), root)]
    parts = 1
    while waiting and parts < most:
        _, _, directory = heapq.heappop(waiting)
        shown, _, _ = _shares(directory)
        if not shown or parts + len(shown) > most:
            continue
        divided.add(id(directory))
        parts += len(shown) + 1
        for each in shown:
            if isinstance(each, Directory):
                heapq.heappush(waiting, (-each.size, next(turn), each))
    return _space(root, divided)


#: A file of a directory: its name, its size, its layer.
_File = tuple[bytes, int, int]


def _shares(directory: Directory) -> tuple[list[Directory | _File], list[Directory | _File], int]:
    """
    Give what is shown of a directory, what is left for the others, and bytes of that.
    """
    everything: list[Directory | _File] = [each for each in directory.inside if each.size]
    everything += [(name, *said) for name, said in directory.own.items()]
    everything.sort(key=lambda each: (-_size(each), _name(each)))
    least = directory.size * _LEAST
    shown = [
        each
        for at, each in enumerate(everything[:_MOST_INSIDE])
        if at < _FEW or _size(each) >= least
    ]
    left = everything[len(shown) :]
    if len(left) == 1:
        return everything, [], 0
    return shown, left, sum(map(_size, left))


def _space(directory: Directory, divided: set[int]) -> Space:
    inside: list[Space] = []
    path = directory.path.decode("utf-8", "surrogateescape")
    if id(directory) in divided:
        shown, left, size = _shares(directory)
        for each in shown:
            inside.append(
                _space(each, divided) if isinstance(each, Directory) else _file(path, *each)
            )
        if left:
            inside.append(_others(path, left, size))
    return Space(
        path=path,
        size=directory.size,
        files=directory.files,
        layer=_largest(directory),
        inside=tuple(inside),
    )


def _file(parent: str, name: bytes, size: int, layer: int) -> Space:
    text = name.decode("utf-8", "surrogateescape")
    path = f"{parent}/{text}" if parent else text
    return Space(path=path, size=size, files=1, layer=layer + 1)


def _others(path: str, left: list[Directory | _File], size: int) -> Space:
    files = sum(each.files if isinstance(each, Directory) else 1 for each in left)
    first = left[0]
    layer = _largest(first) if isinstance(first, Directory) else first[2] + 1
    return Space(path=path, size=size, files=files, layer=layer, others=len(left))


def _largest(directory: Directory) -> int:
    if not directory.sizes:
        return 0
    return max(directory.sizes, key=lambda layer: (directory.sizes[layer], -layer)) + 1


def _size(each: Directory | _File) -> int:
    return each.size if isinstance(each, Directory) else each[1]


def _name(each: Directory | _File) -> bytes:
    return each.path if isinstance(each, Directory) else each[0]
