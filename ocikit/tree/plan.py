"""
Which members of which layer make up the tree, and by what names: known before any is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ocikit._records import EMPTY, evolve, record
from ocikit.tree.entry import Entry, Member
from ocikit.tree.paths import is_written, written
from ocikit.tree.resolve import Node, Place
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
    #: Directories that no member speaks of, and that nothing is in.
    bare: tuple[bytes, ...]


def plan(root: Node, layers: int) -> Plan:
    """
    Plan the stream of a tree.

    The stream has the top layer first, and members in the order of their layer. Of files
    with several names the first in the stream has the content.
    """
    plans = tuple(LayerPlan({}, {}, {}) for _ in range(layers))
    linked: defaultdict[Place, list[tuple[Place, bytes]]] = defaultdict(list)
    bare: list[bytes] = []
    for path, node in _walk(root):
        if node.place is None:
            if path and not node.children:
                bare.append(path)
            continue
        if node.inode is not None and node.inode.place is not None:
            linked[node.inode.place].append((node.place, path))
        else:
            layer, number = node.place
            plans[layer].paths[number] = path
    for (layer, number), names in linked.items():
        _plan_links(plans, layer, number, names)
    return Plan(plans, tuple(sorted(bare)))


def _plan_links(
    plans: tuple[LayerPlan, ...], layer: int, number: int, names: list[tuple[Place, bytes]]
) -> None:
    names.sort(key=lambda name: (-name[0][0], name[0][1]))
    first = plans[layer].paths.get(number)
    if first is None:
        # Its own name is gone: another one takes the content.
        first = plans[layer].paths[number] = names.pop(0)[1]
    further = []
    for (upper, other), path in names:
        if upper == layer:
            plans[layer].paths[other] = path
            plans[layer].links[other] = first
        else:
            further.append(path)
    if further:
        plans[layer].further[number] = tuple(further)


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


def further_link(member: Member, path: bytes, link: bytes) -> bytes:
    """
    Give the headers of a hard link to what a member holds.
    """
    made = evolve(
        member.entry, name=written(path), kind="hardlink", linkname=written(link), size=0, pax=EMPTY
    )
    return header(made)
