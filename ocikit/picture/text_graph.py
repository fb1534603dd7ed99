"""
Graphs of content: as a tree of lines, and in the languages of Graphviz and Mermaid.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from ocikit._notebook import short
from ocikit._shown import clipped, on_a_line
from ocikit.digest import Digest
from ocikit.picture.graph import Graph, Node
from ocikit.picture.tables import Paint, Role
from ocikit.sizes import counted, in_units

#: Names in the languages of graphs are no longer than this.
_MOST: Final = 80
#: What a text in quotes cannot have, in either language.
_DOT: Final = str.maketrans({"\\": "\\\\", '"': '\\"'})
_MERMAID: Final = str.maketrans(
    {c: f"#{ord(c)};" for c in '"#<>&;`[](){}|\\*_~$%@'},
)


def graph_lines(graph: Graph, width: int, paint: Paint) -> Iterator[str]:
    """
    Give a tree of lines; what is in several places is opened up in the first.
    """
    tree = _Tree(graph, width, paint)
    root = graph.nodes[graph.root]
    name = clipped(on_a_line(graph.name or root.label), max(8, width - 32))
    yield f"{paint(name, 'title')}  {tree.facts(root)}"
    yield from tree.below(graph.root, "")
    if graph.others:
        yield paint(f"and {counted(graph.others, 'other')}", "faint")


@attrs.define
class _Tree:
    graph: Graph
    width: int
    paint: Paint
    told: set[Digest] = attrs.field(factory=set)

    def below(self, digest: Digest, indent: str) -> Iterator[str]:
        """
        Give the lines of what a node has, and of what is about it.
        """
        self.told.add(digest)
        has, about = links(self.graph, digest)
        nodes = [(node, False) for node in has] + [(node, True) for node in about]
        for position, (node, refers) in enumerate(nodes):
            last = position == len(nodes) - 1
            branch = "└─ " if last else "├─ "
            known = node.digest in self.told
            room = max(8, self.width - len(indent) - 3 - 2 - 30)
            word = clipped(("about it: " if refers else "") + on_a_line(label(node)), room)
            role: Role = "changed" if refers else "plain"
            facts = self.facts(node) + (self.paint("  see above", "faint") if known else "")
            yield f"{indent}{branch}{self.paint(word, role)}  {facts}"
            if not known:
                yield from self.below(node.digest, indent + ("   " if last else "│  "))

    def facts(self, node: Node) -> str:
        """
        Write the digest and size of a node.
        """
        return f"{self.paint(short(node.digest), 'digest')}  {in_units(node.size)}"


def label(node: Node) -> str:
    """
    Say in a word or a type what a node is.
    """
    return node.kind if node.kind in ("config", "layer") else node.label


def links(graph: Graph, digest: Digest) -> tuple[list[Node], list[Node]]:
    """
    Give what a node has, and what is about it.
    """
    has = [graph.nodes[e.end] for e in graph.edges if e.start == digest and e.link == "has"]
    about = [graph.nodes[e.start] for e in graph.edges if e.end == digest and e.link == "about"]
    return has, about


def dot(graph: Graph) -> str:
    """
    Write a graph in the language of Graphviz.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.picture.graph import graph
    >>> print(dot(graph(IMAGE)).splitlines()[0])
    digraph content {
    """
    names = _names(graph)
    lines = ["digraph content {", "  rankdir=LR;", '  node [shape=box, fontname="monospace"];']
    for digest, node in graph.nodes.items():
        said = "\\n".join(part.translate(_DOT) for part in _said(graph, node))
        style = ", style=dashed" if node.kind in ("referrer", "attestation") else ""
        lines.append(f'  {names[digest]} [label="{said}"{style}];')
    for edge in graph.edges:
        style = ' [style=dashed, label="about"]' if edge.link == "about" else ""
        lines.append(f"  {names[edge.start]} -> {names[edge.end]}{style};")
    return "\n".join([*lines, "}"])


def mermaid(graph: Graph) -> str:
    """
    Write a graph in the language of Mermaid, as pages of Markdown show it.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.picture.graph import graph
    >>> print(mermaid(graph(IMAGE)).splitlines()[0])
    flowchart LR
    """
    names = _names(graph)
    lines = ["flowchart LR"]
    for digest, node in graph.nodes.items():
        said = "<br/>".join(part.translate(_MERMAID) for part in _said(graph, node))
        lines.append(f'  {names[digest]}["{said}"]')
    for edge in graph.edges:
        arrow = "-. about .->" if edge.link == "about" else "-->"
        lines.append(f"  {names[edge.start]} {arrow} {names[edge.end]}")
    return "\n".join(lines)


def _names(graph: Graph) -> dict[Digest, str]:
    return {digest: f"n{number}" for number, digest in enumerate(graph.nodes)}


def _said(graph: Graph, node: Node) -> Iterator[str]:
    name = graph.name if node.digest == graph.root else ""
    yield clipped(on_a_line(name or label(node)), _MOST)
    yield f"{short(node.digest)} {in_units(node.size)}"
