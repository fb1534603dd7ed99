"""
Layers without some of the files that they make.

Where a file lies is decided by all layers, as they are: what is written through a link
lies where that leads. Of a layer only what has to be is changed. But of one that writes
through links, and in which or below which something goes, and of one that has a path
twice, what it does is written anew: paths are those where files lie, and marks say one
by one what they take away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from ocikit._records import evolve
from ocikit.tree.entry import LINKS, Member
from ocikit.tree.named import Archive, Named
from ocikit.tree.overlay import joined, names_of, streams
from ocikit.tree.paths import clean
from ocikit.tree.plan import Plan, plan, renamed, seen
from ocikit.tree.reader import LIMITS, Limits
from ocikit.tree.resolve import Node, Tree
from ocikit.tree.whiteouts import Opaque, Whiteout

#: Gives something true of a path that is to go, with all that is below it.
Match: TypeAlias = Callable[[str], object]


def prune(
    layers: Sequence[Archive], match: Match, *, limits: Limits = LIMITS
) -> Iterator[Iterator[bytes] | None]:
    """
    Give the tar stream of each layer without some files; None where it stays as it is.

    Together the new layers make the tree of the old ones, but for what goes, and no
    content of that is in them. A file that has another name, in the same layer or one
    above, stays under that. A directory stays though all that is in it goes.

    Args:
        layers: lowest first; each is read for its names, and those that change again.
        match: tells of a clean path, relative to the root, whether it is to go. The root
            itself stays.
        limits: what is taken for a bomb, in each of them.

    Raises:
        LinkTargetMissing: a hard link refers to what is not there.
        TarInvalid, TarTruncated, TarTooLarge: a layer is not a good archive.

    >>> from ocikit.content.synthetic import layer
    >>> import random
    >>> one = layer(random.Random(1), 100)
    >>> [any(b"".join(made or ())) for made in prune([one], lambda path: path == "random")]
    [False]
    >>> list(prune([one], lambda path: path == "etc"))
    [None]
    """
    tree, goes = Tree(), _Goes(match)
    changed = False
    for count, layer in enumerate(layers, 1):
        names = tuple(names_of(layer, limits))
        roundabout = _is_roundabout(tree.root, names)
        if not roundabout and not any(map(goes.concerns, names)):
            tree.add(names)
            yield None
            continue
        before = seen(goes.left(tree.root))
        tree.add(names)
        goes.found = False
        after = goes.left(tree.root)
        if roundabout and not changed and not goes.found:
            yield None
            continue
        changed = True
        planned = plan(after, count, before)
        if not roundabout and _is_orderly(names):
            planned = _as_they_are(planned, names, goes, after)
        yield joined(streams(layers[:count], planned, limits, _as_it_was))


class _Goes:
    """
    What is to go, with all that is below it.
    """

    def __init__(self, match: Match) -> None:
        self._match = match
        self._directories = {b"": False}
        #: Whether there was any of it in the last tree.
        self.found = False

    def __call__(self, path: bytes) -> bool:
        return bool(path) and (self._in(path.rpartition(b"/")[0]) or self._is_named(path))

    def concerns(self, member: Named) -> bool:
        """
        Tell whether a member, or what it refers to, is to go.
        """
        if isinstance(member.mark, Whiteout | Opaque):
            return self(member.mark.path)
        return self(member.path) or (member.kind == "hardlink" and self(clean(member.linkname)))

    def left(self, root: Node) -> Node:
        """
        Give what is left of a tree.
        """
        made = _bare(root)
        todo = [(b"", root, made)]
        while todo:
            path, old, new = todo.pop()
            prefix = path + b"/" if path else b""
            for name, child in old.children.items():
                if self._is_named(prefix + name):
                    self.found = True
                elif child.kind == "directory":
                    new.children[name] = _bare(child)
                    todo.append((prefix + name, child, new.children[name]))
                else:
                    new.children[name] = child
        return made

    def _in(self, directory: bytes) -> bool:
        known = self._directories.get(directory)
        if known is None:
            known = self._directories[directory] = self(directory)
        return known

    def _is_named(self, path: bytes) -> bool:
        return bool(self._match(path.decode("utf-8", "surrogateescape")))


def _bare(directory: Node) -> Node:
    return Node("directory", directory.place, {})


def _is_roundabout(root: Node, names: Iterable[Named]) -> bool:
    """
    Tell whether a layer may write, mark or link anything through a link.
    """
    links = {each.path for each in names if each.kind in LINKS}
    ways: set[bytes] = set()
    for each in names:
        if each.mark is None:
            ways.add(each.path.rpartition(b"/")[0])
        elif isinstance(each.mark, Opaque):
            ways.add(each.mark.path)
        else:
            ways.add(each.mark.path.rpartition(b"/")[0])
        if each.kind == "hardlink":
            ways.add(clean(each.linkname).rpartition(b"/")[0])
    return any(_has_link(root, way, links) for way in ways)


def _has_link(root: Node, way: bytes, links: set[bytes]) -> bool:
    node: Node | None = root
    at = 0
    while at < len(way):
        end = way.find(b"/", at)
        end = len(way) if end < 0 else end
        node = None if node is None else node.children.get(way[at:end])
        if way[:end] in links or (node is not None and node.kind in LINKS):
            return True
        at = end + 1
    return False


def _is_orderly(names: Sequence[Named]) -> bool:
    """
    Tell whether nothing in a layer replaces anything else in it.
    """
    files = [each for each in names if each.mark is None]
    leaves = {each.path for each in files if each.kind != "directory"}
    paths = {each.path for each in files}
    return len(paths) == len(files) and leaves.isdisjoint(_ways(paths))


def _as_they_are(planned: Plan, names: Iterable[Named], goes: _Goes, after: Node) -> Plan:
    """
    Let the marks and links of an orderly layer be those that it has, but for what goes.
    """
    marks: dict[int, bytes] = {}
    links = dict(planned.layers[-1].links)
    for each in names:
        if each.mark is not None and not goes(each.mark.path):
            marks[each.number] = each.path
        elif each.kind == "hardlink" and not goes(clean(each.linkname)):
            links.pop(each.number, None)
    # What is marked may be there again, as a directory of which only what goes spoke.
    ways = _ways(each.path for each in names if each.mark is None and goes(each.path))
    bare = {*planned.bare, *(way for way in ways if _is_bare(after, way))}
    *lower, top = planned.layers
    top = evolve(top, paths={**top.paths, **marks}, links=links)
    return evolve(planned, layers=(*lower, top), bare=tuple(sorted(bare)), gone=())


def _ways(paths: Iterable[bytes]) -> set[bytes]:
    """
    Give the directories that lead to paths, but for the root.
    """
    found = {b""}
    for path in paths:
        way = path.rpartition(b"/")[0]
        while way not in found:
            found.add(way)
            way = way.rpartition(b"/")[0]
    return found - {b""}


def _is_bare(root: Node, path: bytes) -> bool:
    node: Node | None = root
    for name in path.split(b"/"):
        node = node and node.children.get(name)
    return node is not None and node.kind == "directory" and not (node.place or node.children)


def _as_it_was(member: Member, path: bytes, link: bytes | None) -> bytes:
    # However it is written, it is the same path.
    same = clean(member.name) == path and link in (None, clean(member.linkname))
    return member.header if same else renamed(member, path, link)
