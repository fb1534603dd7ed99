"""
Where two tar streams part.
"""

from __future__ import annotations

import io
import tracemalloc

import pytest

from ocikit.query.explanation import Explanation
from ocikit.query.tars import explain_tars
from ocikit.testing.building import link, symlink
from ocikit.tree.entry import Entry
from ocikit.tree.writer import header
from tests.query.test_archives import Made
from tests.tree.archives import END, GNU, block, file, long, padded, pax, summed


def parted(left: bytes, right: bytes) -> Explanation:
    """
    Explain why two streams differ.
    """
    found = explain_tars(io.BytesIO(left), io.BytesIO(right), ("layer 1",))
    assert found is not None
    assert found.path[0] == "layer 1"
    return found


def why(left: bytes, right: bytes) -> str:
    """
    Explain why two streams differ, as text.
    """
    return str(parted(left, right)).removeprefix("layer 1").removeprefix(" > ").lstrip(": ")


def test_equal_streams_have_no_cause() -> None:
    """
    Whether they are archives or not.
    """
    for data in (b"", END, file("a", b"1") + END, b"x" * 5000, file("a", b"1")[:600]):
        assert explain_tars(io.BytesIO(data), io.BytesIO(data), ()) is None


@pytest.mark.parametrize(
    ("left", "right", "told"),
    [
        (file("a", mode=0o600), file("a"), 'a: mode "0600" | "0644"'),
        (file("a", uid=1), file("a"), "a: uid 1 | 0"),
        (file("a", uname="me"), file("a"), 'a: uname "me" | ""'),
        (file("a", mtime_ns=5 * 10**9), file("a"), "a: mtime 5 | 0"),
        (file("a", mtime_ns=5), file("a"), "a: mtime 0.000000005 | 0"),
        (file("a", b"1"), header(Entry(name="a", kind="fifo")), "a: file | fifo"),
        (header(symlink("l", "a")), header(symlink("l", "b")), 'l: linkname "a" | "b"'),
        (file("a", b"123"), file("a", b"124"), "a: content differs from byte 2"),
        (
            file("a", b"12"),
            file("a", b"123"),
            "a: size 2 | 3; content differs from byte 2",
        ),
        (
            file("a", b"1" * 5000 + b"x"),
            file("a", b"1" * 5000 + b"yz"),
            "a: size 5001 | 5002; content differs from byte 5000",
        ),
    ],
)
def test_facts_and_content_are_told(left: bytes, right: bytes, told: str) -> None:
    """
    The first one that differs, in the order in which headers have them.
    """
    before, after = file("before", b"b" * 2000), file("after") + END
    assert why(before + left + after, before + right + after) == told


def test_offsets_are_those_of_the_stream_or_of_the_file() -> None:
    """
    Of headers where the byte is in the archive, of content where it is in the file.
    """
    one, other = file("a", mode=0o600) + END, file("a") + END
    assert parted(one, other).offset == 105
    assert parted(file("b", b"12") + one, file("b", b"13") + one).offset == 1


@pytest.mark.parametrize(
    ("left", "right", "told"),
    [
        (file("./a"), file("a"), 'a: spelling "./a" | "a"'),
        (header(link("b", "./a")), header(link("b", "a")), 'b: linkname spelling "./a" | "a"'),
        (block(), block(magic=GNU), 'a: format "ustar" | "gnu"'),
        (block(), pax({b"path": b"a"}) + block(), 'a: format "ustar" | "pax"'),
        (long(b"a") + block(magic=GNU), pax({b"path": b"a"}) + block(), 'a: format "gnu" | "pax"'),
        (
            block(mode=b"000644 \0"),
            block(),
            'a: header {"mode":"000644 \\u0000"} | {"mode":"0000644\\u0000"}',
        ),
        (block(), summed(block()[:500] + b"1" + block()[501:]), "a: header {"),
        (
            pax({b"x": b"1", b"y": b"2"}) + block(),
            pax({b"y": b"2", b"x": b"1"}) + block(),
            "a: header {",
        ),
    ],
)
def test_other_ways_to_write_the_same_are_told(left: bytes, right: bytes, told: str) -> None:
    """
    As that, and not as a fact.
    """
    assert why(left + END, right + END).startswith(told)
    assert parted(left + END, right + END).cause == "format"


def test_members_that_one_side_has() -> None:
    """
    At the beginning, in the middle, at the end; on the left or on the right.
    """
    a, b, c = (file(name, b"1" * 600) for name in "abc")
    for one, other in (((a, b, c), (b, c)), ((b, a, c), (b, c)), ((b, c, a), (b, c))):
        left, right = b"".join(one) + END, b"".join(other) + END
        assert why(left, right) == "a: it is only on the left"
        assert why(right, left) == "a: it is only on the right"
        assert parted(right, left).right == '"file"'


def test_members_in_another_order() -> None:
    """
    Both are there on both sides.
    """
    a, b, c = (file(name) for name in "abc")
    found = parted(a + b + c + END, a + c + b + END)
    assert str(found) == 'layer 1: members come in another order: "b" | "c"'
    assert (found.cause, found.offset) == ("order", 512)


def test_padding_and_ends_are_told() -> None:
    """
    What is not seen by who unpacks: how blocks and archives are filled up.
    """
    one = file("a", b"1") + END
    dirty = one[:600] + b"x" + one[601:]
    assert why(one, dirty) == "a: the bytes that fill up its last block differ from byte 600"
    assert why(one, one + END) == "1024 | 2048 bytes follow the last member of the tar stream"
    assert why(one, file("a", b"1")).startswith("1024 | 0 bytes follow")
    assert why(one + b"x" * 512, one + b"y" * 512) == (
        "the tar streams differ from byte 2048, behind the last member"
    )
    assert why(END, b"") == "1024 | 0 bytes follow the last member of the tar stream"


def test_headers_for_all_members_are_told() -> None:
    """
    Readers do not show them as members.
    """
    one, other = (
        file("a") + pax({b"comment": text}, b"g") + file("b") + END for text in (b"1", b"2")
    )
    assert why(one, other).endswith(", in a header for all members that follow")
    one, other = (pax({b"uid": b"7"}, b"g") + file("b", mode=mode) + END for mode in (0o600, 0o644))
    assert why(one, other).endswith(", in the header of 'b'")


def test_streams_that_were_cut_short() -> None:
    """
    Within content, within a header; on either side.
    """
    whole = file("a", b"1" * 3000) + file("b") + END
    for size in (600, 2000):
        assert (
            why(whole, whole[:size]) == f"the right tar stream ends after {size} bytes, within 'a'"
        )
        assert (
            why(whole[:size], whole) == f"the left tar stream ends after {size} bytes, within 'a'"
        )
    assert "right tar stream ends after 3700 bytes" in why(whole, whole[:3700])
    assert "left tar stream ends after 3700 bytes" in why(whole[:3700], whole)


def test_what_is_no_archive() -> None:
    """
    The byte is told, and what is wrong with one side.
    """
    good = file("a", b"1") + END
    assert why(good, b"x" * 2048).startswith(
        "the tar streams differ from byte 0; the right one cannot be read: tar member 0"
    )
    assert why(b"x" * 2048, good).startswith(
        "the tar streams differ from byte 0; the left one cannot be read: tar member 0"
    )
    assert why(good[:1024] + b"x" * 1024, good).startswith("the tar streams differ from byte 1024")
    assert why(file("a") + b"x" * 512, file("b") + b"y" * 512) == "a: it is only on the left"


def test_memory_is_bounded() -> None:
    """
    Of 200 MB on each side that part at the end, a few mebibytes are kept.
    """
    names = tuple(f"f{number}" for number in range(20))
    one = Made((*names, "a"), 10 << 20, 0o644)
    other = Made((*names, "b"), 10 << 20, 0o644)
    tracemalloc.start()
    with one.open() as left, other.open() as right:
        found = explain_tars(left, right, ())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(found) == "a: it is only on the left"
    assert peak < 32 << 20


def test_long_headers_are_remembered() -> None:
    """
    What is in front of a header may be large, and begin long before the byte that differs.
    """
    one, other = (
        pax({b"x": b"1" * 900_000}) + block(mode=mode) + padded(b"") + END
        for mode in (b"0000644\0", b"0000600\0")
    )
    assert why(file("before", bytes(3 << 20)) + one, file("before", bytes(3 << 20)) + other) == (
        'a: mode "0644" | "0600"'
    )
