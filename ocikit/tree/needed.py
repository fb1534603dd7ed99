"""
How many layers have to be read to know what is at a path.

What a layer on top puts somewhere is there, whatever lower layers have; but only as long
as its directories are its own. Where a layer speaks of `lib/x` and not of `lib`, a lower
layer may have a link there, and then it is `usr/lib/x` that is spoken of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ocikit.tree.named import Archive, Named, named
from ocikit.tree.reader import LIMITS, Limits, Reader
from ocikit.tree.resolve import LinkTargetMissing, Node, resolve
from ocikit.tree.whiteouts import Opaque, Whiteout

#: Links that are followed for one path; Linux follows as many.
_MOST_LINKS: Final = 40


def needed(
    layers: Sequence[Archive], path: str, *, follow: bool = True, limits: Limits = LIMITS
) -> int:
    """
    Give the lowest layer that has to be read to know what is at a path.

    Layers are read from the top until that is known; when there is nothing at the path,
    all of them. A tree of the layers from there on has the same there as a tree of all.

    Args:
        layers: lowest first.
        path: relative to the root, with a leading slash or without.
        follow: follow the last part too, when it is a symbolic link.
        limits: what is taken for a bomb, in each of them.

    Raises:
        TarInvalid, TarTruncated, TarTooLarge: a layer is not a good archive.

    >>> from ocikit.content.build import build_layer
    >>> from ocikit.tree.entry import Entry
    >>> from ocikit.tree.tarheader import END
    >>> from ocikit.tree.writer import header
    >>> layer = build_layer([header(Entry(name="motd")), END])
    >>> needed([layer, layer, layer], "motd"), needed([layer, layer, layer], "nothing")
    (2, 0)
    """
    above: list[list[Named]] = []
    for number in range(len(layers) - 1, 0, -1):
        with layers[number].uncompressed() as stream:
            above.insert(0, [*named(Reader(stream, limits))])
        if _stand_alone(above) and _is_there(above, path, follow):
            return number
    return 0


def _is_there(layers: Sequence[Sequence[Named]], path: str, follow: bool) -> bool:
    try:
        root = resolve(layers)
    except LinkTargetMissing:
        # It may be a name of what a lower layer has.
        return False
    todo = path.encode("utf-8", "surrogateescape").split(b"/")[::-1]
    stack, links = [root], 0
    while todo:
        name = todo.pop()
        if name in (b"", b".", b".."):
            stack = stack[:-1] or stack if name == b".." else stack
            continue
        node: Node | None = stack[-1].children.get(name)
        if node is None or node.place is None:
            return False
        inode = node.inode or node
        if inode.kind == "symlink" and (follow or any(part not in _HERE for part in todo)):
            links += 1
            if links > _MOST_LINKS:
                return False
            stack = stack[:1] if inode.target.startswith(b"/") else stack
            todo += inode.target.split(b"/")[::-1]
            continue
        stack.append(inode)
    # Of a directory lower layers may have more, and so they may of its facts.
    return stack[-1].kind != "directory"


_HERE: Final = (b"", b".")


def _stand_alone(layers: Sequence[Sequence[Named]]) -> bool:
    """
    Tell whether all that layers say is about directories that they bring themselves.
    """
    known = {b""}
    for layer in layers:
        files = [member for member in layer if member.mark is None and member.path]
        own = {member.path for member in files if member.kind == "directory"} | known
        # Marks are for what is below, wherever in the layer they are.
        for mark in (member.mark for member in layer):
            if isinstance(mark, Whiteout) and _parent(mark.path) in own:
                known = _without(known, mark.path)
            elif isinstance(mark, Opaque) and mark.path in own:
                known = _without(known, mark.path) | known & {mark.path}
            elif isinstance(mark, Whiteout | Opaque):
                return False
        for member in files:
            if _parent(member.path) not in known:
                return False
            if member.kind == "directory":
                known.add(member.path)
            else:
                known = _without(known, member.path)
    return True


def _parent(path: bytes) -> bytes:
    return path.rpartition(b"/")[0]


def _without(known: set[bytes], path: bytes) -> set[bytes]:
    # A directory is only known as long as those above it are.
    if path not in known:
        return known
    prefix = path + b"/"
    return {each for each in known if each != path and not each.startswith(prefix)}
