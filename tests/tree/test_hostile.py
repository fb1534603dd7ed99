"""
What the reader makes of archives that are damaged, or made to be read in two ways.
"""

from __future__ import annotations

import io
import tracemalloc

import pytest

from ocikit.errors import Corrupt
from ocikit.tree.faults import TarInvalid, TarTooLarge, TarTruncated
from ocikit.tree.reader import Limits, Reader
from tests.tree.archives import (
    END,
    block,
    contents,
    entries,
    file,
    long,
    named,
    padded,
    pax,
    summed,
)

INVALID = {
    "no checksum": (b"x" * 512, "no header"),
    "a byte was altered": (b"b" + block()[1:], "no header"),
    "checksum is no number": (block()[:148] + b"9" * 8 + block()[156:], "no header"),
    "size is no number": (block(size=b"0000000000x\0"), "not an octal number"),
    "size is negative": (block(size=b"\xff" * 12), "size of -1 bytes"),
    "size has a sign": (block(size=b"-0000000001\0"), "not an octal number"),
    "size is beyond all": (block(size=b"\x80\0\0\0" + b"\xff" * 8), "cannot have a size"),
    "mode is no number": (block(mode=b"rw-r--r-"), "'a': b'rw-r--r-' is not an octal number"),
    "type of no layer": (block(flag=b"M"), "no members of type b'M'"),
    "label of a volume": (block(flag=b"V"), "no members of type b'V'"),
    "list of a directory": (block(flag=b"D"), "no members of type b'D'"),
    "type of Solaris": (pax({b"a": b"b"}, b"X") + block(), "no members of type b'X'"),
    "empty block": (bytes(512) + block(), "an empty block is in its place"),
    "pax header of nothing": (pax({b"path": b"p"}) + END, "nothing follows a header"),
    "pax header at the end": (pax({b"path": b"p"}), "nothing follows a header"),
    "two pax headers": (pax({b"path": b"p"}) * 2 + block(), "two headers with a pax header"),
    "two long names": (long(b"n") * 2 + block(), "two headers with a long name"),
    "two names": (long(b"n") + pax({b"path": b"p"}) + block(), "and its pax record path differ"),
    "global within": (pax({b"path": b"p"}) + pax({b"a": b"b"}, b"g") + block(), "b'g'"),
    "global size": (pax({b"size": b"0"}, b"g") + block(), "'size' for all"),
    "global path": (pax({b"path": b"p"}, b"g") + block(), "'path' for all"),
    "global map": (pax({b"GNU.sparse.map": b""}, b"g") + block(), "'GNU.sparse.map' for all"),
    "pax without length": (pax(b"path=p\n") + block(), "keep their form"),
    "pax without end": (pax(b"8 path=p\n") + block(), "keep their form"),
    "pax too long": (pax(b"99 path=p\n") + block(), "keep their form"),
    "pax without key": (pax(b"6 =pp\n") + block(), "keep their form"),
    "pax length of zero": (pax(b"0 path=p\n") + block(), "keep their form"),
    "pax length negative": (pax(b"-9 path=p\n") + block(), "keep their form"),
    "pax with NUL": (pax({b"path": b"p\0q"}) + block(), "has a NUL in it"),
    "pax size no number": (pax({b"size": b"1e3"}) + block(), "not a number"),
    "pax size negative": (pax({b"size": b"-1"}) + block(), "size of -1"),
    "pax time no time": (pax({b"mtime": b"1.x"}) + block(), "not a time"),
    "pax size endless": (pax({b"size": b"9" * 5000}) + block(), "not a number"),
    "pax segments": (pax(b"24 GNU.sparse.offset=1\n" * 2) + block(), "keep their form"),
    "pax segment twice": (
        pax({b"GNU.sparse.numbytes": b"1"}) + block(),
        "GNU.sparse.numbytes=b'1' is out of place",
    ),
}


@pytest.mark.parametrize(("data", "reason"), INVALID.values(), ids=INVALID.keys())
def test_what_cannot_be_is_refused(data: bytes, reason: str) -> None:
    """
    Each with the member and the byte at which it begins.
    """
    with pytest.raises(TarInvalid) as caught:
        entries(file("first") + data)
    assert reason in str(caught.value)
    assert (caught.value.number, caught.value.offset) == (1, 512)
    assert isinstance(caught.value, Corrupt)


def test_archives_that_were_cut_short() -> None:
    """
    Wherever it was cut but at the end of a member, it is told, and told where.
    """
    second = pax({b"path": b"p" * 600}) + file("b", b"2" * 700)
    whole = file("a", b"1") + second
    for size in range(1025, len(whole) - 324, 37):
        with pytest.raises((TarTruncated, TarInvalid), match="tar member 1 at byte 1024"):
            contents(whole[:size])
    with pytest.raises(TarTruncated, match=r"member 0 at byte 0: .* after 812 bytes") as cut:
        named(file("a", b"1" * 301)[:812])
    assert cut.value.there == 812


def test_truncated_content_raises_when_it_is_read() -> None:
    """
    Trap: who reads the content alone, and not the next header, must not take it for whole.
    """
    reader = Reader(io.BytesIO(file("a", bytes(3 << 20))[: 2 << 20]))
    next(iter(reader))
    with pytest.raises(TarTruncated):
        list(reader.content())


def test_the_size_of_pax_counts() -> None:
    """
    Trap (CVE-2025-62518): a reader that goes by the field's size finds other members.
    """
    inner = file("hidden", b"evil")
    data = pax({b"size": b"%d" % len(inner)}) + block(b"outer", size=0) + inner + END
    assert contents(data) == [("outer", inner)]
    data = pax({b"size": b"0"}) + block(b"outer", size=len(inner)) + inner + END
    assert contents(data) == [("outer", b""), ("hidden", b"evil")]


def test_the_size_of_pax_is_not_that_of_other_headers() -> None:
    """
    Trap: it is the member's, not that of a long name that stands between.
    """
    data = pax({b"size": b"4"}) + long(b"n" * 200) + block(size=0) + padded(b"evil") + END
    assert contents(data) == [("n" * 200, b"evil")]


def test_limits() -> None:
    """
    Bombs of headers are refused before they are read.
    """
    with pytest.raises(TarTooLarge, match="extension header beyond 1048576"):
        entries(block(flag=b"x", size=100 << 20))
    with pytest.raises(TarTooLarge, match="extension header"):
        entries(block(flag=b"L", size=(1 << 20) + 1))
    with pytest.raises(TarTooLarge, match="path beyond 4096"):
        entries(pax({b"path": b"p" * 4097}) + block())
    with pytest.raises(TarTooLarge, match="path beyond 4096"):
        entries(pax({b"linkpath": b"p" * 4097}) + block(flag=b"2"))
    with pytest.raises(TarTooLarge, match="depth of folders beyond 512"):
        entries(pax({b"path": b"p/" * 513}) + block())
    with pytest.raises(TarTooLarge, match="members beyond 1000"):
        entries(block() * 5000, Limits(members=1000))
    more = summed(block(flag=b"S")[:482] + b"\1" + bytes(29))
    with pytest.raises(TarTooLarge, match="map of a sparse file"):
        entries(more + (bytes(504) + b"\1" + bytes(7)) * 5000)


def test_large_content_takes_no_memory() -> None:
    """
    What is skipped, and what is read in pieces, is never all there.
    """

    class Endless(io.RawIOBase):
        def __init__(self) -> None:
            self.head = block(b"big", size=1 << 28)
            self.left = 1 << 28

        def read(self, size: int = -1, /) -> bytes:
            if self.head:
                head, self.head = self.head, b""
                return head
            size = min(size, self.left)
            self.left -= size
            return bytes(size)

    tracemalloc.start()
    assert sum(1 for _ in Reader(Endless())) == 1
    reader = Reader(Endless())
    next(iter(reader))
    assert sum(map(len, reader.content())) == 1 << 28
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20
