"""
The directories that containers see, with what is in them summed up.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence

import attrs

from ocikit.tree.resolve import Node, Place


@attrs.define(eq=False)
class Directory:
    """
    A directory while sums are made.
    """

    #: From the root; its own is empty.
    path: bytes
    node: Node
    #: Bytes of all files within, by layer, lowest is 0; of several names the first counts.
    sizes: Counter[int] = attrs.field(factory=Counter)
    #: How many files are within.
    files: int = 0
    #: Those right in it.
    inside: list[Directory] = attrs.field(factory=list)
    #: Sizes and layers of the files right in it that have content, by name.
    own: dict[bytes, tuple[int, int]] = attrs.field(factory=dict)

    @property
    def size(self) -> int:
        """
        Bytes of all files within.
        """
        return self.sizes.total()


def directories(root: Node, sizes: Sequence[array[int]]) -> tuple[Directory, tuple[bytearray, ...]]:
    """
    Sum up a tree.

    Args:
        root: of the tree.
        sizes: for each layer the sizes of its members.

    Returns:
        The root, and for each layer which of its members are seen, by number.
    """
    seen = tuple(bytearray(len(each)) for each in sizes)
    top = Directory(b"", root)
    order = [top]
    # It grows while it is gone through: parents come before what is in them.
    for directory in order:
        for name, node in directory.node.children.items():
            inode = node.inode or node
            if inode.kind == "directory":
                path = directory.path + b"/" + name if directory.path else name
                directory.inside.append(Directory(path, inode))
                continue
            directory.files += 1
            _count(directory, name, inode.place, sizes, seen)
        order += directory.inside
    for directory in reversed(order):
        for each in directory.inside:
            directory.sizes.update(each.sizes)
            directory.files += each.files
    return top, seen


def _count(
    directory: Directory,
    name: bytes,
    place: Place | None,
    sizes: Sequence[array[int]],
    seen: Sequence[bytearray],
) -> None:
    if place is None or seen[place[0]][place[1]]:
        return
    layer, number = place
    seen[layer][number] = 1
    if size := sizes[layer][number]:
        directory.own[name] = size, layer
        directory.sizes[layer] += size
