"""
What content consists of, and what refers to it, as a graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias

import attrs

from ocikit._records import FrozenMap, evolve, record
from ocikit.content.image import Content, Image, Index
from ocikit.digest import Digest
from ocikit.query.walk import MAX_NESTING, NestedTooDeeply
from ocikit.spec.attestation import about, is_attestation
from ocikit.spec.descriptor import Descriptor

Kind: TypeAlias = Literal[
    "index", "image", "artifact", "attestation", "config", "layer", "blob", "referrer"
]
#: Why there is an edge: one has the other; or it is about the other.
Link: TypeAlias = Literal["has", "about"]

#: How many nodes a picture has; those that are beyond are counted.
MOST: Final = 400


@record(kw_only=True)
class Node:
    """
    Something that has a digest.
    """

    digest: Digest
    kind: Kind
    #: What a person calls it: a platform, the type of an artifact or layer.
    label: str
    #: Bytes of it alone.
    size: int


@record(kw_only=True)
class Edge:
    """
    That one node has another, or is about it.
    """

    start: Digest
    end: Digest
    link: Link = "has"


@record(kw_only=True)
class Graph:
    """
    Nodes, each digest once, and edges in the order of documents.
    """

    root: Digest
    #: How the root was named.
    name: str
    nodes: FrozenMap[Digest, Node]
    edges: tuple[Edge, ...]
    #: How many nodes there are beyond those of the picture.
    others: int = 0


def graph(
    content: Content,
    name: str = "",
    *,
    referrers: Mapping[Digest, tuple[Descriptor, ...]] = FrozenMap(),
    most: int = MOST,
) -> Graph:
    """
    Draw up the graph of an image or index: children, configurations, layers, referrers.

    Children are loaded; no blob is opened.

    Args:
        content: where to begin.
        name: how it was named.
        referrers: what refers to a manifest, by its digest, and to those referrers.
        most: how many nodes there may be.

    Raises:
        NestedTooDeeply: indexes are nested without end.
        Missing, Unreachable, Corrupt: a child could not be had.

    >>> from ocikit.content.synthetic import index
    >>> import random
    >>> found = graph(index(random.Random(1)))
    >>> sorted(node.kind for node in found.nodes.values())
    ['config', 'config', 'image', 'image', 'index', 'layer', 'layer']
    """
    made = _Made(referrers, most)
    made.content(content, _node(content), MAX_NESTING)
    return Graph(
        root=content.digest,
        name=name,
        nodes=FrozenMap(made.nodes),
        edges=tuple(made.edges),
        others=len(made.beyond),
    )


@attrs.define
class _Made:
    referrers: Mapping[Digest, tuple[Descriptor, ...]]
    most: int
    nodes: dict[Digest, Node] = attrs.field(factory=dict)
    #: In order, and each once.
    edges: dict[Edge, None] = attrs.field(factory=dict)
    beyond: set[Digest] = attrs.field(factory=set)

    def content(self, content: Content, node: Node, nesting: int) -> None:
        """
        Add content, and what is below it.
        """
        if not self._add(node):
            return
        if isinstance(content, Index):
            if nesting < 1:
                raise NestedTooDeeply(digest=content.digest, limit=MAX_NESTING)
            self._children(content, nesting - 1)
        elif isinstance(content, Image):
            self._blobs(content)
        self._about(node.digest)

    def _children(self, index: Index, nesting: int) -> None:
        for child in index.children:
            given = child.descriptor
            node = _listed(given)
            if len(self.nodes) < self.most or given.digest in self.nodes:
                content = child.content
                if not is_attestation(given):
                    label = str(given.platform or "") or _node(content).label
                    node = evolve(_node(content), label=label)
                self.content(content, node, nesting)
            else:
                self.beyond.add(given.digest)
            self._edge(index.digest, given.digest)
        for given in index.manifest.manifests:
            for subject in _subjects(index, given):
                self._edge(given.digest, subject, "about")

    def _blobs(self, image: Image) -> None:
        kind: Kind = "blob" if image.artifact_type else "config"
        self._blob(image, image.config.descriptor, kind)
        kind = "blob" if image.artifact_type else "layer"
        for layer in image.layers:
            self._blob(image, layer.descriptor, kind)

    def _blob(self, image: Image, given: Descriptor, kind: Kind) -> None:
        label = given.annotations.get("org.opencontainers.image.title") or given.media_type
        node = Node(digest=given.digest, kind=kind, label=label, size=given.size)
        if self._add(node) or given.digest in self.nodes:
            self._edge(image.digest, given.digest)

    def _about(self, digest: Digest) -> None:
        todo = [(digest, each) for each in self.referrers.get(digest, ())]
        for subject, given in todo:
            label = given.artifact_type or given.media_type
            node = Node(digest=given.digest, kind="referrer", label=label, size=given.size)
            if self._add(node):
                todo += [(given.digest, each) for each in self.referrers.get(given.digest, ())]
            self._edge(given.digest, subject, "about")

    def _add(self, node: Node) -> bool:
        """
        Add a node; tell whether it is new, and there was room for it.
        """
        if node.digest in self.nodes:
            return False
        if len(self.nodes) >= self.most:
            self.beyond.add(node.digest)
            return False
        self.nodes[node.digest] = node
        return True

    def _edge(self, start: Digest, end: Digest, link: Link = "has") -> None:
        if start in self.nodes and end in self.nodes:
            self.edges[Edge(start=start, end=end, link=link)] = None


def _subjects(index: Index, given: Descriptor) -> Iterator[Digest]:
    known = {str(child.descriptor.digest): child.descriptor.digest for child in index.children}
    if is_attestation(given) and about(given) in known:
        yield known[about(given)]


def _listed(given: Descriptor) -> Node:
    attestation = is_attestation(given)
    label = "attestation" if attestation else str(given.platform or "") or given.media_type
    kind: Kind = "attestation" if attestation else "blob"
    return Node(digest=given.digest, kind=kind, label=label, size=given.size)


def _node(content: Content) -> Node:
    kind: Kind = "blob"
    label = content.media_type
    if isinstance(content, Index):
        kind, label = "index", content.artifact_type or "index"
    elif isinstance(content, Image):
        kind = "artifact" if content.artifact_type else "image"
        label = content.artifact_type or "image"
    return Node(digest=content.digest, kind=kind, label=label, size=content.size)
