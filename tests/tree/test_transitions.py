"""
What the layer between two trees holds.
"""

from __future__ import annotations

import pytest

from ocikit import media
from ocikit.content.compression import Zstd
from ocikit.testing.building import archive, link, symlink
from ocikit.testing.building import directory as folder
from ocikit.tree.difference import compare
from ocikit.tree.entry import Entry
from ocikit.tree.filetree import load
from ocikit.tree.tarheader import END
from ocikit.tree.transitions import transition, transition_layer
from tests.tree.archives import block, contents, entries, file, padded, pax
from tests.tree.model import unpack
from tests.tree.stacks import Plain
from tests.tree.test_difference import Once


def between(before: bytes, after: bytes, **options: bool) -> list[str]:
    """
    Say what the layer holds; check that it does what it should.
    """
    one, two = load([Plain(before)]), load([Plain(after)])
    made = b"".join(transition(one, two, **options))
    assert unpack([before, made]) == unpack([after])
    told = {"hardlink": "{name} = {link}", "symlink": "{name} -> {link}"}
    return [
        told.get(entry.kind, "{name}").format(name=entry.name, link=entry.linkname)
        for entry in entries(made)
    ]


@pytest.mark.parametrize(
    ("before", "after", "held"),
    [
        (["a"], ["a"], []),
        (["a", "b"], [("a", b"1"), "b"], ["a"]),
        (["a"], ["a", folder("d"), "d/x"], ["d/", "d/x"]),
        (["d/x", "d/y", "e"], ["d/x"], ["d/.wh.y", ".wh.e"]),
        ([folder("d"), "d/e/x"], ["e"], [".wh.d", "e"]),
        ([folder("d", 0o700), "d/x"], [folder("d"), "d/x"], ["d/"]),
        ([folder("d"), "d/x"], ["d"], ["d"]),
        (["d"], [folder("d"), "d/x"], [".wh.d", "d/", "d/x"]),
        ([symlink("d", "e"), folder("e")], [folder("d"), folder("e")], [".wh.d", "d/"]),
        (["a"], [symlink("a", "b")], ["a -> b"]),
        ([folder("./", 0o700)], [folder("./", 0o711)], ["./"]),
        ([folder("d"), "d/x", "d.y"], [("d.y", b"1"), folder("d"), ("d/x", b"1")], ["d/x", "d.y"]),
    ],
)
def test_it_holds_what_changes(before: list[Entry], after: list[Entry], held: list[str]) -> None:
    """
    Marks first, then files in the order of the tree; directories only when they change.
    """
    assert between(archive(*before), archive(*after)) == held


@pytest.mark.parametrize(
    ("before", "after", "held"),
    [
        ([("a", b"1")], [("a", b"1"), link("b", "a")], ["a", "b = a"]),
        ([("a", b"1"), link("b", "a")], [("a", b"1")], [".wh.b"]),
        ([("a", b"1"), link("b", "a")], [("b", b"1")], [".wh.a"]),
        ([("a", b"1"), link("b", "a")], [("a", b"1"), ("b", b"1")], ["b"]),
        ([("a", b"1"), ("b", b"1")], [("a", b"1"), link("b", "a")], ["a", "b = a"]),
        ([("a", b"1"), link("b", "a")], [("a", b"2"), link("b", "a")], ["a", "b = a"]),
        ([("a-b", b"1"), ("a/b", b"1")], [("a-b", b"1"), link("a/b", "a-b")], ["a/b", "a-b = a/b"]),
        ([symlink("a", "x")], [symlink("a", "x"), link("b", "a")], ["a -> x", "b = a"]),
    ],
)
def test_names_of_one_file(before: list[Entry], after: list[Entry], held: list[str]) -> None:
    """
    Trap: engines cannot link to a file of another layer, so all names are written.
    """
    assert between(archive(*before), archive(*after)) == held


def test_parents() -> None:
    """
    When asked for, as they are; not those that no layer speaks of.
    """
    before = archive(folder("./"), folder("d", 0o1777), "d/x", folder("d/e", 0o700), "f/x", "f/y")
    after = archive(folder("./"), folder("d", 0o1777), "d/x", folder("d/e", 0o700), "d/e/y", "f/x")
    assert between(before, after) == ["f/.wh.y", "d/e/y"]
    assert between(before, after, parents=True) == ["f/.wh.y", "d/", "d/e/", "d/e/y"]


def test_holes_stay_holes() -> None:
    """
    What a layer leaves out is left out again.
    """
    records = {b"GNU.sparse.map": b"%d,3" % (1 << 20), b"GNU.sparse.size": b"%d" % (64 << 20)}
    after = load([Plain(pax(records) + block(b"s", size=3) + padded(b"abc") + END)])
    made = b"".join(transition(load([]), after))
    assert len(made) < 4096
    [(name, content)] = contents(made)
    assert (name, len(content), content[1 << 20 : (1 << 20) + 4]) == ("s", 64 << 20, b"abc\0")


def test_content_in_another_order() -> None:
    """
    Layers have files in any order, and may be larger than what is kept in memory.
    """
    parts = [file(name, name.encode() * (3 << 20)) for name in "cadb"]
    after = load([Plain(b"".join(parts[:2]) + END), Plain(b"".join(parts[2:]) + END)])
    made = b"".join(transition(load([]), after))
    assert contents(made) == [(name, name.encode() * (3 << 20)) for name in "abcd"]


def test_as_a_layer() -> None:
    """
    Of either family, compressed in any way.
    """
    one, two = load([Plain(archive("a"))]), load([Plain(archive("b"))])
    made = transition_layer(one, two, docker=True)
    assert made.media_type == media.DOCKER_LAYER_GZIP
    assert made.uncompressed().read() == b"".join(transition(one, two))
    assert compare(load([*one.layers, made]), two) == ()
    zstd = transition_layer(one, two, compression=Zstd())
    assert (zstd.media_type, zstd.diff_id) == (media.OCI_LAYER_ZSTD, made.diff_id)


def test_nothing_is_read_when_nothing_changes() -> None:
    """
    Trap: two images of one base differ in a few files; the base is not read for them.
    """
    base = Once(archive(("a", b"1"), ("b", b"1")), [0])
    one = load([base])
    base.count[0] = 0
    two = load([base, Plain(archive(".wh.b", ("c", b"2")))])
    made = b"".join(transition(one, two))
    assert [entry.name for entry in entries(made)] == [".wh.b", "c"]
