"""
Pictures made of given words, so that hostile and harmless ones can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ocikit._records import FrozenMap
from ocikit.digest import Digest
from ocikit.picture.changes import Changes, FileChange, LayerChange, Tally
from ocikit.picture.graph import Edge, Graph, Node
from ocikit.picture.overview import IndexOverview, Listed, Overview
from ocikit.picture.sizes import Sized, Sizes
from ocikit.picture.spaces import Space
from ocikit.picture.steps import Step, Steps
from ocikit.picture.text import Picture
from ocikit.picture.waste import Lost, Waste
from ocikit.picture.waterfall import Bar, Waterfall
from ocikit.query.difference import Difference
from ocikit.spec.config import Config, Healthcheck
from ocikit.spec.descriptor import Descriptor

#: What a page, a drawing or a terminal might be led astray by.
NASTY = (
    "<script>alert(1)</script>",
    "</title></style></svg><img src=x onerror=alert(1)>",
    "\"' onload='alert(1)",
    "]]><!--",
    "&lt;&#x3c;&amp",
    "\x1b[2J\x1b]0;title\x07",
    "\u202egnp.exe\u2066",
    "a\nb\r\tc\x00\x7f\x85\u2028",
    "\udcff\udc80 not UTF-8",
    "\ufffe\uffff\ufeff",
    "日本語 é \U0001f40b",
    "e" + "\u0301" * 3000,
    "x" * 10_000,
    '</pre>%%{init: {}}%%"]; n1 --> n0',
    "javascript:alert(1)",
    "\\",
)
DIGEST = Digest.of(b"")


def words() -> SearchStrategy[list[str]]:
    """
    Texts of strangers, the worst there are and any others.
    """
    anything = st.text(st.characters(exclude_categories=()), max_size=20)
    return st.lists(st.sampled_from(NASTY) | anything, min_size=4, max_size=4)


def pictures(words: Sequence[str]) -> list[Picture]:
    """
    Make a picture of each kind; how they are built does not depend on the words.
    """
    # None is empty, and none is there twice, whatever they are.
    a, b, c, d = (f"{number}{word}" for number, word in enumerate(words))
    return [
        _overview(a, b, c, d),
        _index(a, b, c),
        _waterfall(a, b),
        Waste(held=10, wasted=9, paths=(_lost(a, True), _lost(b, False)), others=2, others_size=3),
        _space(a, b, c),
        _changes(a, b, c, d),
        _graph(a, b, c),
        _sizes(a, b),
        Steps(name=a, steps=(_step(b, c), _step(d, ""))),
    ]


def _overview(a: str, b: str, c: str, d: str) -> Overview:
    config = Config(
        user=a,
        entrypoint=(b, c),
        cmd=(d,),
        env=(f"{a}={b}", c),
        labels=FrozenMap({a: b, c: d}),
        exposed_ports=frozenset([a]),
        volumes=frozenset([b]),
        working_dir=c,
        stop_signal=d,
        shell=(a,),
        healthcheck=Healthcheck(test=(b,)),
    )
    return Overview(
        name=a,
        digest=DIGEST,
        media_type=b,
        artifact_type=c,
        platform=d,
        created=a,
        author=b,
        size=1,
        layers=2,
        config=config,
        annotations=FrozenMap({c: d}),
        subject=_descriptor(a),
    )


def _descriptor(word: str) -> Descriptor:
    return Descriptor(media_type=word, digest=DIGEST, size=3, artifact_type=word)


def _index(a: str, b: str, c: str) -> IndexOverview:
    return IndexOverview(
        name=a,
        digest=DIGEST,
        media_type=b,
        size=5,
        listed=(Listed(descriptor=_descriptor(c), size=1), Listed(descriptor=_descriptor(a))),
        annotations=FrozenMap({b: c}),
    )


def _waterfall(a: str, b: str) -> Waterfall:
    bars = (
        Bar(
            number=number,
            digest=DIGEST,
            media_type=a,
            size=size,
            below=10 * (number - 1),
            instruction=b,
            created_by=a,
            created=b,
            unpacked=size,
            files=1,
        )
        for number, size in ((1, 10), (2, 0))
    )
    return Waterfall(bars=tuple(bars))


def _lost(path: str, there: bool) -> Lost:
    return Lost(path=path, size=4, layers=(1, 2), there=there, by=3)


def _space(a: str, b: str, c: str) -> Space:
    file = Space(path=f"{a}/{b}", size=4, files=1, layer=1)
    others = Space(path=a, size=2, files=2, layer=2, others=2)
    inside = Space(path=a, size=6, files=3, layer=1, inside=(file, others))
    return Space(path="", size=8, files=4, layer=1, inside=(inside, _file(c)))


def _file(path: str) -> Space:
    return Space(path=path, size=2, files=1, layer=14)


def _changes(a: str, b: str, c: str, d: str) -> Changes:
    layer = LayerChange(
        name=a,
        before=DIGEST,
        after=None,
        before_size=1,
        after_size=0,
        same=False,
        instruction=b,
    )
    files = (
        FileChange(path=a, how="added", before=None, after=5),
        FileChange(path=b, how="removed", before=5, after=None),
        FileChange(path=c, how="changed", before=5, after=5, facts=(d,)),
    )
    return Changes(
        name=c,
        before=DIGEST,
        after=None,
        settings=(Difference("config", (a, b), c, d, None),),
        other_settings=1,
        layers=(layer,),
        files=files,
        tallies=(Tally(how="added", count=5, growth=1),),
        touched=1,
        read=True,
        inside=(Changes(name=a, before=DIGEST, after=DIGEST),),
    )


def _graph(a: str, b: str, c: str) -> Graph:
    one, two, three = (Digest.of(bytes([number])) for number in range(3))
    nodes = {
        one: Node(digest=one, kind="index", label=a, size=1),
        two: Node(digest=two, kind="image", label=b, size=1),
        three: Node(digest=three, kind="referrer", label=c, size=1),
    }
    edges = (Edge(start=one, end=two), Edge(start=three, end=two, link="about"))
    return Graph(root=one, name=a, nodes=FrozenMap(nodes), edges=edges, others=1)


def _sizes(a: str, b: str) -> Sizes:
    images = (
        Sized(
            name=name,
            platform=b,
            digest=DIGEST,
            size=10,
            shared=10,
            unpacked=10,
            layers=_waterfall(a, b),
            holders=(2, 2),
        )
        for name in (a, b)
    )
    return Sizes(images=tuple(images), size=12)


def _step(word: str, comment: str) -> Step:
    return Step(created=word, instruction=word, created_by=word, comment=comment)
