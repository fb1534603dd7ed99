"""
Which members of which layer make up the tree, and by what names: known before any is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from ocikit._records import EMPTY, evolve, record
from ocikit.tree.entry import Entry, Member
from ocikit.tree.paths import is_written, written
from ocikit.tree.resolve import Node, Place
from ocikit.tree.whiteouts import PREFIX
from ocikit.tree.writer import header


@record
class LayerPlan:
    """
    What is taken of one layer, by the number of its members.
    """

    #: Where what a member holds appears; the root is the empty path.
    paths: dict[int, bytes]
    #: Those of them that are hard links, and to which path.
    links: dict[int, bytes]
    #: Further names of what a member holds, which upper layers gave it.
    further: dict[int, tuple[bytes, ...]]


@record
class Plan:
    """
    What is taken of each layer, lowest first.
    """

    layers: tuple[LayerPlan, ...]
    #: Directories that have to be there, and no facts.
    bare: tuple[bytes, ...]
    #: What is to be taken away from what is below.
    gone: tuple[bytes, ...]


#: What is at a path: whether it is a directory, and the member that it comes from.
Seen: TypeAlias = tuple[bool, Place | None]


def seen(root: Node) -> dict[bytes, Seen]:
    """
    Take down what a tree has now; parents come first.
    """
    return {path: (node.kind == "directory", node.place) for path, node in _walk(root)}


def plan(root: Node, layers: int, below: Mapping[bytes, Seen] = EMPTY) -> Plan:
    """
    Plan the stream of a tree, or of what is new in it.

    The stream has the top layer first, and members in the order of their layer. Of files
    with several names the first in the stream has the content.

    Args:
        root: the tree of all layers.
        layers: how many they are.
        below: what there was before the stream; only what differs is planned.
    """
    plans = tuple(LayerPlan({}, {}, {}) for _ in range(layers))
    linked: defaultdict[Place, list[tuple[Place, bytes]]] = defaultdict(list)
    #: Names that files below still have.
    kept: dict[Place, bytes] = {}
    bare: list[bytes] = []
    for path, node in _walk(root):
        old = below.get(path)
        inode = (node.inode or node).place
        if node.place is None or inode is None:
            if path and (not node.children if old is None else old[1] is not None):
                bare.append(path)
        elif old is not None and old[1] == node.place:
            kept.setdefault(inode, path)
        elif node.inode is not None:
            linked[inode].append((node.place, path))
        else:
            plans[inode[0]].paths[inode[1]] = path
    for place, names in linked.items():
        _plan_links(plans, place, names, kept.get(place))
    return Plan(plans, tuple(sorted(bare)), tuple(sorted(_gone(root, below))))


def _plan_links(
    plans: tuple[LayerPlan, ...],
    place: Place,
    names: list[tuple[Place, bytes]],
    kept: bytes | None,
) -> None:
    layer, number = place
    names.sort(key=lambda name: (-name[0][0], name[0][1]))
    first = plans[layer].paths.get(number) if kept is None else kept
    if first is None:
        # Its own name is gone: another one takes the content.
        first = plans[layer].paths[number] = names.pop(0)[1]
    further: list[bytes] = []
    for (upper, other), path in names:
        if upper == layer or kept is not None:
            plans[upper].paths[other] = path
            plans[upper].links[other] = first
        else:
            further.append(path)
    if further:
        plans[layer].further[number] = tuple(further)


def _gone(root: Node, below: Mapping[bytes, Seen]) -> Iterator[bytes]:
    now = {path: node.kind == "directory" for path, node in _walk(root)} if below else {}
    #: Directories of which there is still something to be taken away.
    open_still: set[bytes] = set()
    for path, (directory, _) in below.items():
        if path and path.rpartition(b"/")[0] not in open_still:
            continue
        there = now.get(path)
        if there is None or (there and not directory):
            # A link would lead elsewhere what goes into the directory in its place.
            yield path
        elif there:
            open_still.add(path)


def _walk(root: Node) -> Iterator[tuple[bytes, Node]]:
    todo = [(b"", root)]
    while todo:
        path, node = todo.pop()
        yield path, node
        prefix = path + b"/" if path else b""
        todo += [(prefix + name, child) for name, child in node.children.items()]


def renamed(member: Member, path: bytes, link: bytes | None = None) -> bytes:
    """
    Give the headers of a member at a path; those that it has, where they say it already.

    Args:
        member: what is named.
        path: where it appears.
        link: for a hard link, the path of what it is another name of.
    """
    same = is_written(member.name, path)
    if link is None or member.kind != "hardlink":
        return member.header if same else header(evolve(member.entry, name=written(path)))
    if same and member.linkname == link:
        return member.header
    return header(evolve(member.entry, name=written(path), linkname=written(link)))


def bare_directory(path: bytes) -> bytes:
    """
    Give the headers of a directory of which nothing is known.
    """
    return header(Entry(name=written(path), kind="directory", mode=0o755))


def whiteout(path: bytes) -> bytes:
    """
    Give the headers of the mark that takes a path away.
    """
    parent, slash, name = path.rpartition(b"/")
    return header(Entry(name=written(parent + slash + PREFIX + name), mode=0))


def further_link(entry: Entry, path: bytes, link: bytes) -> bytes:
    """
    Give the headers of a hard link: a further name of what an entry is about.
    """
    made = evolve(
        entry, name=written(path), kind="hardlink", linkname=written(link), size=0, pax=EMPTY
    )
    return header(made)
