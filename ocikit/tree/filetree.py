"""
The files that layers make, without unpacking them: looked up, listed, opened.

A tree holds names and facts. Content is read from its layer when a file is opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Final

import attrs

from ocikit._records import EMPTY, FrozenMap, evolve, record
from ocikit.digest import Digest, digest_of
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
    #: Digests of content that was hashed as it came by; see `load_both`.
    digests: Mapping[Place, Digest] = attrs.field(default=EMPTY, eq=False, repr=False)


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
    return _load(layers, _Pass(limits))


def load_both(
    before: Sequence[Archive], after: Sequence[Archive], *, limits: Limits = LIMITS
) -> tuple[FileTree, FileTree]:
    """
    Load two trees that are to be compared, so that no layer need be read again for that.

    A layer of both is read once; that it is the same is told by `==`. Of the others content is
    hashed meanwhile, but that of sparse files, which may be much longer than their layer.

    Raises: as `load` does.

    >>> from ocikit.content.synthetic import layer
    >>> import random
    >>> one, two = (layer(random.Random(seed), 100) for seed in (1, 2))
    >>> [len(tree.digests) for tree in load_both([one], [one, two])]
    [0, 1]
    """
    run = _Pass(limits, {*before} & {*after}, hashes=True)
    return _load(before, run), _load(after, run)


def _load(layers: Sequence[Archive], run: _Pass) -> FileTree:
    noted: list[_Noted] = []
    root = resolve(run.names(layer, noted) for layer in layers)
    files = FrozenMap(_files(root, [each.entries for each in noted]))
    digests = {
        (at, number): digest
        for at, each in enumerate(noted)
        for number, digest in each.digests.items()
    }
    return FileTree(layers=tuple(layers), files=files, limits=run.limits, digests=digests)


@attrs.define
class _Noted:
    """
    What is kept of a layer that was read.
    """

    entries: list[Entry] = attrs.field(factory=list)
    #: By number of the member.
    digests: dict[int, Digest] = attrs.field(factory=dict)
    #: Of a layer that comes again.
    names: list[Named] = attrs.field(factory=list)


@attrs.define
class _Pass:
    """
    Reads layers, and those once that come again.
    """

    limits: Limits
    again: Set[Archive] = frozenset()
    hashes: bool = False
    _known: dict[bytes, Owned] = attrs.field(factory=dict)
    _kept: dict[Archive, _Noted] = attrs.field(factory=dict)

    def names(self, layer: Archive, noted: list[_Noted]) -> Iterator[Named]:
        """
        Give the names of a layer's members, and add what is noted of it to a list.
        """
        # Not all that can be read can be looked up.
        comes_again = bool(self.again) and layer in self.again
        if comes_again and layer in self._kept:
            noted.append(self._kept[layer])
            yield from self._kept[layer].names
            return
        found = _Noted()
        noted.append(found)
        if not comes_again:
            yield from self._read(layer, found, hashes=self.hashes)
            return
        for name in self._read(layer, found, hashes=False):
            found.names.append(name)
            yield name
        self._kept[layer] = found

    def _read(self, layer: Archive, found: _Noted, *, hashes: bool) -> Iterator[Named]:
        with layer.uncompressed() as stream:
            reader = Reader(stream, self.limits)
            for member in reader:
                path = clean(member.name)
                text = path.decode("utf-8", "surrogateescape")
                entry = entry_of(member, text, self._known)
                found.entries.append(entry)
                if hashes and entry.kind == "file" and entry.size and not entry.sparse:
                    found.digests[member.number] = digest_of(reader.content())
                yield Named(member.number, path, member.kind, member.linkname, marked(member, path))


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
