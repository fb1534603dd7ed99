"""
Archives whose members were all changed at one time.
"""

from __future__ import annotations

import io

import pytest

from ocikit._records import FrozenMap
from ocikit.testing import building
from ocikit.testing.building import link, symlink
from ocikit.tree.entry import Entry
from ocikit.tree.retime import Retimed
from tests.tree.archives import (
    END,
    GNU,
    OLD,
    block,
    by_reader,
    by_tarfile,
    entries,
    file,
    long,
    pax,
)
from tests.tree.stacks import archive

SECOND = 10**9


def retimed(data: bytes, seconds: int = 5, *, clamp: bool = False) -> bytes:
    """
    Give an archive another time; what is said not to change must not.
    """
    made = Retimed(io.BytesIO(data), seconds, clamp=clamp)
    out = b"".join(made.pieces())
    if not made.changed:
        assert out.rstrip(b"\0") == data.rstrip(b"\0")
    # Doing it again changes nothing.
    again = Retimed(io.BytesIO(out), seconds, clamp=clamp)
    assert b"".join(again.pieces()) == out
    assert not again.changed
    return out


def times(data: bytes) -> list[int]:
    """
    List when members were changed, in nanoseconds.
    """
    return [entry.mtime_ns for entry in entries(data)]


@pytest.mark.parametrize(
    "one",
    [
        file("a", b"1" * 600, mtime_ns=9 * SECOND),
        file("a", mtime_ns=9 * SECOND + 5),
        file("a", mtime_ns=-SECOND),
        file("a", mtime_ns=8**11 * SECOND),
        file("d" * 90 + "/" + "e" * 90, mtime_ns=9 * SECOND),
        file("d/" * 150 + "e", b"x", mtime_ns=9 * SECOND + 1),
        file("röt", b"x", mtime_ns=1, uname="é"),
        pax({b"mtime": b"7.5", b"atime": b"8", b"ctime": b"9"}) + block(),
        pax({b"mtime": b"7", b"LIBARCHIVE.creationtime": b"8"}) + block(),
        pax({b"SCHILY.xattr.user.a": b"1", b"mtime": b"7"}) + block(),
        pax({b"uid": b"70000000", b"mtime": b"7.25"}) + block(),
        long(b"n" * 120) + block(b"n" * 100, magic=GNU),
        block(magic=OLD),
        block(magic=GNU, mtime=b"\x80" + bytes(10) + b"\7"),
        block(mtime=b"      7     "),
        block(b"a\xe9", signed=True, mtime=b"00000000007\0"),
        pax({b"uname": b"you", b"mtime": b"7"}, b"g") + block(),
    ],
)
def test_all_times_are_one(one: bytes) -> None:
    """
    In headers of any form; names, owners, content and attributes are as they were.
    """
    made = retimed(one + END)
    assert times(made) == [5 * SECOND]
    before, after = entries(one)[0], entries(made)[0]
    assert (after.name, after.uid, after.uname, after.xattrs) == (
        before.name,
        before.uid,
        before.uname,
        before.xattrs,
    )
    assert [content for _, content in by_reader(made)] == [content for _, content in by_reader(one)]
    assert len(by_tarfile(made)) == 1


@pytest.mark.parametrize("magic", [GNU, b"ustar\x0000"])
def test_further_times_go(magic: bytes) -> None:
    """
    Trap: those of pax records, and those that GNU tar and star keep in headers, tell when
    an archive was made, though the time of the file itself is the same.
    """
    now = b"00000000005\0"
    if magic == GNU:
        odd = block(magic=GNU, mtime=now, prefix=b"15000000000\0" + b"15000000000\0")
        only = block(magic=GNU, mtime=now, prefix=bytes(12) + b"15000000000\0")
    else:
        star = bytes(131) + b"15000000000\0" + b"15000000000\0"
        odd = block(mtime=now, prefix=star, tail=bytes(8) + b"tar\0")
        only = pax({b"atime": b"1.5"}) + block(mtime=now)
    plain = retimed(block(mtime=b"00000000006\0") + END)
    for one in (odd, only):
        made = retimed(one + END)
        assert b"15000000000" not in made
        assert b"atime" not in made
        assert [e.name for e in entries(made)] == ["a"]
        assert times(made) == times(plain)


def test_what_has_the_time_stays() -> None:
    """
    Byte for byte, however it is written.
    """
    long_name = "d/" * 40 + "x" * 60
    data = file("a", b"1", mtime_ns=5 * SECOND) + file(long_name, mtime_ns=5 * SECOND)
    data += pax({b"SCHILY.xattr.user.a": b"1"}) + block(mtime=b"00000000005\0")
    assert retimed(data + END) == data + END
    made = Retimed(io.BytesIO(data + END), 5)
    assert list(made.pieces())
    assert not made.changed


def test_clamped_times_are_no_later() -> None:
    """
    What is earlier stays, to the nanosecond; what is later by less than a second does not.
    """
    given = [0, 4 * SECOND + 999, 5 * SECOND, 5 * SECOND + 1, 9 * SECOND, -SECOND]
    data = archive([(Entry(name="a", mtime_ns=each), b"") for each in given])
    made = retimed(data, clamp=True)
    assert times(made) == [min(each, 5 * SECOND) for each in given]
    assert retimed(data, 10, clamp=True) == data


def test_links_and_directories_have_times_too() -> None:
    """
    Everything that has a header.
    """
    data = building.archive("a", Entry(name="d", kind="directory", mtime_ns=7), link("l", "a"))
    data = data[:-1024] + building.archive(symlink("s", "x" * 120), Entry(name="p", kind="fifo"))
    made = retimed(data)
    assert times(made) == [5 * SECOND] * 5
    assert [(e.name, e.kind, e.linkname) for e in entries(made)] == [
        (e.name, e.kind, e.linkname) for e in entries(data)
    ]


def test_sparse_files_keep_their_holes() -> None:
    """
    The map of what is there is no time.
    """
    said = FrozenMap(
        {"GNU.sparse.size": b"9", "GNU.sparse.numblocks": b"1", "GNU.sparse.map": b"4,2"}
    )
    data = archive([(Entry(name="a", size=2, pax=said, mtime_ns=9), b"xy")])
    made = retimed(data)
    assert [content for _, content in by_reader(made)] == [b"\0\0\0\0xy\0\0\0"]
    assert times(made) == [5 * SECOND]
