"""
The files that layers make, without unpacking them: looked up, listed, opened.

A tree holds names and facts. Content is read from its layer when a file is opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from ocikit._records import FrozenMap, evolve, record
from ocikit.errors import Missing
from ocikit.tree.entry import Entry, Kind, Owned, entry_of
from ocikit.tree.named import Archive, Named, marked
from ocikit.tree.paths import clean
from ocikit.tree.reader import LIMITS, Limits, Reader
from ocikit.tree.resolve import Node, Place, resolve

#: Links that are followed for one path; Linux follows as many.
_MOST_LINKS: Final = 40


@attrs.frozen(kw_only=True)
class PathMissing(Missing):
    """
    There is nothing at a path.
    """

    path: str

    def __str__(self) -> str:
        return f"{self.path!r}: there is no such file in these layers"


@record(kw_only=True)
class File:
    """
    Anything at a path.
    """

    #: Relative to the root; the root itself is empty.
    path: str
    #: The facts. Of a further name of a file they are those of the file.
    entry: Entry
    #: The layer that put it there, lowest is 0; None when no layer speaks of it.
    layer: int | None
    #: The layer and the member that have its content.
    place: Place | None = None
    #: All its names, when there are several.
    links: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """
        What kind of file it is; never a hard link, for that is a name of another kind.
        """
        return self.entry.kind

    @property
    def size(self) -> int:
        """
        The size of its content in bytes, holes included.
        """
        return self.entry.real_size


@record(kw_only=True)
class FileTree:
    """
    All files of some layers, parents first, siblings in order.
    """

    layers: tuple[Archive, ...] = attrs.field(eq=False, repr=False)
    #: By path; that of the root is empty.
    files: FrozenMap[str, File] = attrs.field(repr=lambda files: f"<{len(files)} files>")
    #: What is taken for a bomb when a layer is read again.
    limits: Limits = attrs.field(default=LIMITS, eq=False, repr=False)


def load(layers: Sequence[Archive], *, limits: Limits = LIMITS) -> FileTree:
    """
    Read the names and facts of all files that layers make; each is read once.

    Args:
        layers: lowest first, as an image has them.
        limits: what is taken for a bomb, in each of them.

    Raises:
        LinkTargetMissing: a hard link refers to what is not there.
        TarInvalid, TarTruncated, TarTooLarge: a layer is not a good archive.

    >>> from ocikit.content.synthetic import layer
    >>> import random
    >>> tree = load([layer(random.Random(1), 100)])
    >>> [file.size for file in walk(tree) if file.kind == "file"]
    [100]
    """
    entries: list[list[Entry]] = []
    known: dict[bytes, Owned] = {}

    def noted(layer: Archive) -> Iterator[Named]:
        facts: list[Entry] = []
        entries.append(facts)
        with layer.uncompressed() as stream:
            for member in Reader(stream, limits):
                path = clean(member.name)
                facts.append(entry_of(member, path.decode("utf-8", "surrogateescape"), known))
                yield Named(member.number, path, member.kind, member.linkname, marked(member, path))

    root = resolve(map(noted, layers))
    files = FrozenMap(_files(root, entries))
    return FileTree(layers=tuple(layers), files=files, limits=limits)


def find(tree: FileTree, path: str, *, follow: bool = True) -> File:
    """
    Give what is at a path; links on the way are followed within the root.

    Args:
        tree: where to look.
        path: relative to the root, with a leading slash or without.
        follow: follow the last part too, when it is a symbolic link.

    Raises:
        PathMissing: there is nothing.
    """
    todo = path.split("/")[::-1]
    here: list[str] = []
    links = 0
    while todo:
        name = todo.pop()
        if name in ("", ".", ".."):
            here = here[:-1] if name == ".." else here
            continue
        file = tree.files.get("/".join([*here, name]))
        if file is None:
            raise PathMissing(path=path)
        if file.kind == "symlink" and (follow or todo):
            links += 1
            if links > _MOST_LINKS:
                raise PathMissing(path=path)
            target = file.entry.linkname
            here = [] if target.startswith("/") else here
            todo += target.split("/")[::-1]
            continue
        if todo and file.kind != "directory":
            raise PathMissing(path=path)
        here.append(name)
    return tree.files["/".join(here)]


def walk(tree: FileTree, top: str = "") -> Iterator[File]:
    """
    Give a directory and all that is below it: parents first, siblings in order.

    Args:
        tree: where to look.
        top: the directory, through links; the root by default.

    Raises:
        PathMissing: there is nothing at `top`.
    """
    found = find(tree, top).path
    prefix = found + "/" if found else ""
    for path, file in tree.files.items():
        if path == found or path.startswith(prefix):
            yield file


def _files(root: Node, entries: Sequence[Sequence[Entry]]) -> dict[str, File]:
    found: dict[str, File] = {}
    linked: dict[Place, list[str]] = {}
    todo = [("", root)]
    while todo:
        path, node = todo.pop()
        inode = node.inode or node
        place = inode.place
        if place is None:
            entry = Entry(name=path, kind="directory", mode=0o755)
        else:
            entry = entries[place[0]][place[1]]
            if entry.name != path:
                entry = evolve(entry, name=path)
        layer = None if node.place is None else node.place[0]
        found[path] = File(path=path, entry=entry, layer=layer, place=place)
        if node.inode is not None and place is not None:
            linked.setdefault(place, []).append(path)
        if node.children:
            prefix = path + "/" if path else ""
            todo += [
                (prefix + name.decode("utf-8", "surrogateescape"), node.children[name])
                for name in sorted(node.children, reverse=True)
            ]
    return _with_links(found, linked)


def _with_links(found: dict[str, File], linked: dict[Place, list[str]]) -> dict[str, File]:
    if linked:
        for path, file in found.items():
            if file.place in linked and path not in linked[file.place]:
                linked[file.place].append(path)
        for names in linked.values():
            if len(names) > 1:
                for path in names:
                    found[path] = evolve(found[path], links=tuple(sorted(names)))
    return found
