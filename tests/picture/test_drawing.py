"""
How pictures are laid out: rectangles, bars, tables, trees.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit._records import evolve
from ocikit.content.image import Content, Index
from ocikit.content.partial import index_of
from ocikit.picture.graph import graph
from ocikit.picture.instructions import instruction
from ocikit.picture.looks import Look
from ocikit.picture.overview import index_overview, overview
from ocikit.picture.page import page
from ocikit.picture.sizes import sizes
from ocikit.picture.squarify import Rectangle, squarify
from ocikit.picture.steps import steps
from ocikit.picture.style import COLOURS, PAGE, colour
from ocikit.picture.svg import svg
from ocikit.picture.tables import Cell, Column, bar, table
from ocikit.picture.text import text
from ocikit.picture.text_graph import dot, mermaid
from ocikit.testing import strategies as oci
from ocikit.testing.refusing import Refusing
from tests.query.builders import artifact, attestation, image, index, layer, listed


@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=9).map(lambda s: sorted(s, reverse=True))
)
def test_rectangles_fill_the_room_in_proportion(areas: list[int]) -> None:
    """
    Law: areas are as sizes are, all within the room, and none on another.
    """
    room = Rectangle(10, 20, 300, 200)
    made = [*squarify(areas, room)]
    assert len(made) == len(areas)
    for size, each in zip(areas, made, strict=True):
        assert each.area == pytest.approx(room.area * size / sum(areas), rel=1e-6)
        assert each.x >= room.x - 1e-6
        assert each.y >= room.y - 1e-6
        assert each.x + each.width <= room.x + room.width + 1e-6
        assert each.y + each.height <= room.y + room.height + 1e-6
    for at, one in enumerate(made):
        for other in made[:at]:
            across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
            down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
            assert across < 1e-6 or down < 1e-6


def test_equal_parts_are_squares() -> None:
    """
    That is what the layout is for.
    """
    assert {(each.width, each.height) for each in squarify([1] * 4, Rectangle(0, 0, 8, 8))} == {
        (4.0, 4.0)
    }


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 60))
def test_bars_are_as_wide_as_their_line(one: float, other: float, width: int) -> None:
    """
    Law: a bar takes the whole line, and something of it can be seen.
    """
    made = bar(min(one, other), max(one, other), width)
    assert len(made) == width
    assert made.strip()


def test_columns_give_way_to_each_other() -> None:
    """
    One that needs little leaves the rest to the others; the last line has no blanks.
    """
    columns = [Column(title="A", gives=True), Column(title="B", gives=True)]
    lines = [*table(columns, [[Cell("ab"), Cell("x" * 50)]], 30)]
    assert lines == ["A   B", "ab  " + "x" * 12 + "…" + "x" * 13]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ("/bin/sh -c #(nop) ADD file:1 in / ", "ADD file:1 in /"),
        ('/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]'),
        ("/bin/sh -c apt-get update", "RUN apt-get update"),
        ("RUN /bin/sh -c make # buildkit", "RUN make"),
        ("RUN |2 A=1 B=2 /bin/sh -c make # buildkit", "RUN make"),
        ("|1 A=b c /bin/sh -c make", "RUN make"),
        ("COPY /a /b # buildkit", "COPY /a /b"),
        ('CMD ["sh"]', 'CMD ["sh"]'),
        ("RUN echo '# buildkit' twice", "RUN echo '# buildkit' twice"),
        ("|1 nothing of the kind", "|1 nothing of the kind"),
        ("", ""),
    ],
)
def test_instructions_are_as_their_author_wrote_them(history: str, expected: str) -> None:
    """
    Docker's first builder and BuildKit write them in their own ways.
    """
    assert instruction(history) == expected


@given(oci.contents(depth=2))
def test_graphs_have_everything_once(content: Content) -> None:
    """
    Law: a node for each digest, edges between nodes, and every one can be drawn.
    """
    found = graph(content, "name")
    assert found.root == content.digest
    assert {edge.end for edge in found.edges} | {found.root} == set(found.nodes)
    assert all(edge.start in found.nodes for edge in found.edges)
    for made in (text(found), dot(found), mermaid(found), svg(found)):
        assert made.replace("\n", "").isprintable()
    assert text(found).count("\n") >= len(found.nodes) - 1


def _sample() -> Index:
    shared, own = layer("a"), layer("b", "c")
    one, other = image("linux/amd64", shared, own), image("linux/arm64", shared)
    return index(listed(one, "linux/amd64"), attestation(one), listed(other, "linux/arm64"))


def test_a_tree_opens_up_what_it_has_in_the_first_place() -> None:
    """
    Shared layers are named again and not opened; attestations are about their image.
    """
    content = _sample()
    one = content.manifest.manifests[0].digest
    note = evolve(artifact(layer("x")).descriptor, artifact_type="text/spdx")
    signed = evolve(artifact(layer("y")).descriptor, artifact_type="application/sig")
    made = graph(content, "app:1", referrers={one: (note,), note.digest: (signed,)})
    said = [line.partition("  sha256")[0] for line in text(made).splitlines()]
    assert said == [
        "app:1",
        "├─ linux/amd64",
        "│  ├─ config",
        "│  ├─ layer",
        "│  ├─ layer",
        "│  ├─ about it: text/spdx",
        "│  │  └─ about it: application/sig",
        "│  └─ about it: attestation",
        "│     ├─ config",
        "│     └─ layer",
        "├─ attestation",
        "└─ linux/arm64",
        "   ├─ config",
        "   └─ layer",
    ]
    assert text(made).count("see above") == 2


def test_large_graphs_end_somewhere() -> None:
    """
    What is beyond is counted; what refers to itself does not go round for ever.
    """
    content = _sample()
    found = graph(content, most=3)
    assert len(found.nodes) == 3
    assert found.others > 0
    assert text(found).splitlines()[-1] == f"and {found.others} others"
    assert f"and {found.others} others" in svg(found)
    again = graph(content, referrers={content.digest: (content.descriptor,)})
    assert text(again)
    assert svg(again)


def test_sizes_count_what_is_shared_once() -> None:
    """
    Of layers that several of the images have; of the same image, all of them.
    """
    shared, own = layer("a"), layer("b" * 50)
    one, other = image("linux/amd64", shared), image("linux/amd64", shared, own)
    found = sizes([("one", one), ("other", other)])
    assert [each.shared for each in found.images] == [shared.size, shared.size]
    assert [each.holders for each in found.images] == [(2,), (2, 1)]
    total = one.size + other.size + one.config.size + other.config.size
    assert found.size == total + shared.size + own.size
    assert text(found).splitlines()[-1].endswith("together, what is shared counted once")
    assert "<svg" in svg(found)


def test_an_overview_opens_no_layer() -> None:
    """
    Trap: to look at an image is not to download it. Its configuration is read, no more.
    """
    closed = image("linux/amd64", layer("a", closed=True), config={"config": {"User": "me"}})
    found = overview(closed, "app:1")
    assert found.config.user == "me"
    assert found.created == ""
    assert "user        me" in text(found)
    assert [step.layer for step in steps(closed).steps] == [1]
    note = evolve(attestation(closed), opener=Refusing())
    listing = index_overview(index(listed(closed, "linux/amd64"), note))
    assert [each.what for each in listing.listed] == ["linux/amd64", "attestation"]
    assert [each.size is None for each in listing.listed] == [False, True]


def test_an_artifact_has_an_overview() -> None:
    """
    Its config is opaque, and not opened; nothing is said of how it would run.
    """
    made = artifact(layer("a", closed=True))
    assert isinstance(made.config.opener, Refusing)
    found = overview(made)
    assert "user" not in text(found)
    assert "application/vnd.example" in text(found)
    assert not [*Look(name="x", image=found).pictures()][1:]


def test_long_lists_are_cut() -> None:
    """
    Of a thousand labels or platforms a page has some, and says how many there are.
    """
    many = {f"label{number}": "v" for number in range(1000)}
    one = overview(image("linux/amd64", config={"config": {"Labels": many}}))
    assert "others" in text(one)
    assert text(one).count("\n") < 100
    assert page("many", [one]).count("<tr>") < 150
    listing = index_overview(index_of([image(f"linux/a{number}") for number in range(150)]))
    assert "110 others" in text(listing)
    assert "50 others" in page("many", [listing])


def test_colours_go_round() -> None:
    """
    There is one for each layer, and all are in the style sheet.
    """
    assert colour(COLOURS + 1) == colour(1)
    assert all(f".{colour(number)}{{" in PAGE for number in range(COLOURS + 1))
    assert PAGE.count("{") == PAGE.count("}")
    assert "<" not in PAGE
    assert "&" not in PAGE
