"""
What two trees differ in.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import attrs
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from ocikit._records import FrozenMap, record
from ocikit.content.streams import Stream
from ocikit.errors import Corrupt
from ocikit.testing.building import archive, link, symlink
from ocikit.testing.building import directory as folder
from ocikit.tree.difference import compare
from ocikit.tree.entry import Entry
from ocikit.tree.filetree import load, load_both
from tests.tree.stacks import Plain, stacks


def told(before: bytes, after: bytes, **options: object) -> list[str]:
    """
    Say what differs between two layers.
    """
    one, two = load([Plain(before)]), load([Plain(after)])
    return [str(each) for each in compare(one, two, **options)]  # type: ignore[arg-type]


def test_paths_of_one_tree_only() -> None:
    """
    What was added and removed, sorted by path.
    """
    one = archive("a", "b/x", "c")
    assert told(one, archive("c", "b.d", "b/y")) == ["- a", "- b/x", "+ b/y", "+ b.d"]
    assert told(one, one) == []


@pytest.mark.parametrize(
    ("old", "new", "facts"),
    [
        (Entry(name="a"), folder("a"), "kind"),
        (Entry(name="a", mode=0o600), Entry(name="a", uid=1), "mode, uid"),
        (Entry(name="a", mtime_ns=1), Entry(name="a", gname="g"), "gname, mtime_ns"),
        (symlink("a", "b"), symlink("a", "c"), "linkname"),
        (Entry(name="a", kind="char"), Entry(name="a", kind="char", devminor=1), "devminor"),
        (Entry(name="a"), Entry(name="a", pax=FrozenMap({"SCHILY.xattr.b": b"c"})), "xattrs"),
        (("a", b"1"), ("a", b"2"), "content"),
        (("a", b"1"), ("a", b"22"), "size, content"),
    ],
)
def test_facts(old: Entry | tuple[str, bytes], new: Entry | tuple[str, bytes], facts: str) -> None:
    """
    Each by its name; of different kinds nothing else is compared.
    """
    assert told(archive(old), archive(new)) == [f"~ a ({facts})"]


def test_hard_links() -> None:
    """
    Two files with the same content are not one file with two names.
    """
    one, two = archive(("a", b"1"), link("b", "a")), archive(("a", b"1"), ("b", b"1"))
    assert told(one, two) == ["~ a (links)", "~ b (links)"]
    assert told(one, two, ignore={"links"}) == []


def test_what_is_ignored_is_not_told() -> None:
    """
    Nor is content read, where it is.
    """
    one, two = archive(("a", b"1")), archive(Entry(name="a", size=1, mtime_ns=5))
    two = two[:512] + b"2" + two[513:]
    assert told(one, two, ignore=["mtime_ns"]) == ["~ a (content)"]
    assert told(one, two, ignore=["mtime_ns", "content"]) == []


@record
class Once:
    """
    An archive that can be opened a single time.
    """

    data: bytes
    count: list[int]

    def uncompressed(self) -> Stream:
        """
        Open it.
        """
        self.count[0] += 1
        assert self.count[0] == 1
        return io.BytesIO(self.data)


@record
class Told:
    """
    An archive that tells when it is opened.
    """

    data: bytes
    tell: Callable[[bytes], None] = attrs.field(eq=False)

    def uncompressed(self) -> Stream:
        """
        Open it.
        """
        self.tell(self.data)
        return io.BytesIO(self.data)


def test_content_of_the_same_layer_is_not_read() -> None:
    """
    Trap: comparing two images of one base must not read the base again.
    """
    base = Once(archive(("a", b"1"), ("b", b"1")), [0])
    one = load([base])
    base.count[0] = 0
    two = load([base, Plain(archive("c"))])
    assert [str(each) for each in compare(one, two)] == ["+ c"]


def test_other_layers_may_have_the_same() -> None:
    """
    Layers cut otherwise make the same tree.
    """
    one = load([Plain(archive(("a", b"1"), ("b", b"2")))])
    two = load([Plain(archive(("b", b"2"))), Plain(archive(("a", b"1")))])
    assert compare(one, two) == ()


@given(stacks, stacks, st.lists(st.booleans(), min_size=4, max_size=4))
def test_trees_that_are_read_together_are_the_same(
    left: list[bytes], right: list[bytes], common: list[bool]
) -> None:
    """
    Law: how often layers are read, and when content is hashed, changes nothing; layers of both
    are read once, wherever they are, and no layer again.
    """
    right = [
        left[at % len(left)] if shared else each
        for at, (each, shared) in enumerate(zip(right, common, strict=False))
    ]
    one, two = ([Plain(data) for data in side] for side in (left, right))
    try:
        alone = load(one), load(two)
    except Corrupt:
        # What cannot be loaded at all is tried elsewhere.
        reject()
    opened: list[bytes] = []
    first, second = ([Told(data, opened.append) for data in side] for side in (left, right))
    together = load_both(first, second)
    assert (together[0].files, together[1].files) == (alone[0].files, alone[1].files)
    assert len(opened) <= len(left) + len(right) - len({*left} & {*right})
    assert compare(*together) == compare(*alone)
