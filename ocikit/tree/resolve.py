"""
What layers make of each other, by the names of their members alone.

This is what an engine does when it unpacks them one upon the other, lowest first, within
a root that links cannot leave:

- What a layer marks as gone is gone before its members come, wherever the marks are
  (image-spec, layer.md: "Whiteout files MUST only apply to resources in lower layers").
- A parent that is a link leads where it leads in the root; one that is missing, or is
  no directory, becomes one.
- A directory that is there already stays, with new facts; anything else is replaced.
- A hard link is another name of what its target is at that time.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Final

import attrs

from ocikit.errors import Corrupt
from ocikit.tree.entry import Kind
from ocikit.tree.named import Named
from ocikit.tree.paths import clean
from ocikit.tree.whiteouts import Mark, Opaque, Whiteout

#: Links that are followed for one path; Linux follows as many.
_MOST_LINKS: Final = 40

#: The number of a layer, lowest first, and that of a member in it.
Place = tuple[int, int]


@attrs.frozen(kw_only=True)
class LinkTargetMissing(Corrupt):
    """
    A hard link refers to what is no file in its layer or those below.
    """

    layer: int
    number: int
    path: str
    target: str

    def __str__(self) -> str:
        return (
            f"layer {self.layer}, tar member {self.number}: {self.path!r} is a hard link to"
            f" {self.target!r}, which is no file there"
        )


@attrs.define(eq=False)
class Node:
    """
    Something in a tree; what has several names is one node, and one for each link.
    """

    kind: Kind
    #: The member that it comes from; None for a directory that nothing speaks of.
    place: Place | None
    #: What is in a directory.
    children: dict[bytes, Node]
    #: Where a symbolic link leads.
    target: bytes = b""
    #: What a hard link is another name of.
    inode: Node | None = None


#: What is in that which is no directory.
_NOTHING: Final[dict[bytes, Node]] = {}


def resolve(layers: Iterable[Iterable[Named]]) -> Node:
    """
    Give the root of the tree that layers make, lowest first.

    Raises:
        LinkTargetMissing: a hard link refers to what is not there.

    >>> from ocikit.tree.named import Named
    >>> [name for name in resolve([[Named(0, b"etc/passwd", "file", b"", None)]]).children]
    [b'etc']
    """
    tree = Tree()
    for layer in layers:
        tree.add(layer)
    return tree.root


class Tree:
    """
    The tree of the layers so far.
    """

    def __init__(self) -> None:
        self.root = Node("directory", None, {})
        self._layer = -1
        #: Directories of the last members' parents, by the paths that led there.
        self._found: dict[bytes, Node] = {}

    def add(self, members: Iterable[Named]) -> None:
        """
        Put a layer on top.
        """
        self._layer += 1
        everything = list(members)
        files = [member for member in everything if member.mark is None]
        own = {member.path for member in files if member.kind == "directory"}
        for member in everything:
            if member.mark is not None:
                self._take_away(member.mark, own)
        self._found = {b"": self.root}
        for member in files:
            self._put(member)

    def find(self, path: bytes) -> Node | None:
        """
        Give what is at a clean path now, parents through links; None when nothing is.
        """
        parent, _, name = path.rpartition(b"/")
        directory = self._directory(parent)
        return None if directory is None else directory.children.get(name)

    def _take_away(self, mark: Mark, own: Set[bytes]) -> None:
        if isinstance(mark, Whiteout):
            parent, _, name = mark.path.rpartition(b"/")
            directory = self._directory(parent, own=own)
            if directory is not None:
                directory.children.pop(name, None)
        elif isinstance(mark, Opaque):
            directory = self._directory(mark.path, own=own)
            if directory is not None:
                directory.children.clear()

    def _put(self, member: Named) -> None:
        place = (self._layer, member.number)
        if not member.path:
            self.root.place = place
            return
        path, _, name = member.path.rpartition(b"/")
        found = self._found
        parent = found.get(path)
        if parent is None:
            # Where that replaces a link, the same path leads elsewhere the next time: the
            # new directory is not noted down in what is still valid.
            parent = found[path] = self._directory(path, make=True) or self.root
        old = parent.children.get(name)
        if member.kind == "directory":
            if old is not None and old.kind == "directory":
                old.place = place
                return
            new = Node("directory", place, {})
        elif member.kind == "hardlink":
            inode = self._inode(member)
            if old is not None and (old.inode or old) is inode:
                return
            new = Node("hardlink", place, _NOTHING, inode=inode)
        else:
            new = Node(member.kind, place, _NOTHING, target=member.linkname)
        parent.children[name] = new
        if old is not None and old.kind in ("directory", "symlink", "hardlink"):
            # Paths may lead elsewhere now.
            self._found = {b"": self.root}

    def _inode(self, member: Named) -> Node:
        target = clean(member.linkname)
        node = self.find(target)
        if node is None or node.kind == "directory":
            raise LinkTargetMissing(
                layer=self._layer,
                number=member.number,
                path=member.path.decode("utf-8", "surrogateescape"),
                target=target.decode("utf-8", "surrogateescape"),
            )
        return node.inode or node

    def _directory(
        self, path: bytes, *, make: bool = False, own: Set[bytes] = frozenset()
    ) -> Node | None:
        """
        Find a directory, through links; None when there is none.

        Args:
            path: where it is.
            make: make one of what is missing, or is none.
            own: directories that the layer brings itself: links that lower layers have
                there lead nowhere any more.
        """
        parts = path.split(b"/")
        todo, stack, links = parts[::-1], [self.root], 0
        while todo:
            name = todo.pop()
            if name in (b"", b".", b".."):
                stack = stack[:-1] or stack if name == b".." else stack
                continue
            node = stack[-1].children.get(name)
            link = node and (node.inode or node)
            if link and link.kind == "symlink" and links < _MOST_LINKS:
                if own and not links and b"/".join(parts[: len(stack)]) in own:
                    return None
                links += 1
                stack = stack[:1] if link.target.startswith(b"/") else stack
                todo += link.target.split(b"/")[::-1]
                continue
            if node is None or node.kind != "directory":
                if not make:
                    return None
                if node is not None:
                    self._found = {b"": self.root}
                node = stack[-1].children[name] = Node("directory", None, {})
            stack.append(node)
        return stack[-1]
