"""
What the reader makes of archives as tools write them.
"""

from __future__ import annotations

import io
import tarfile

import pytest

from ocikit._records import FrozenMap
from ocikit.tree.entry import Entry
from ocikit.tree.reader import Reader
from ocikit.tree.writer import header
from tests.tree.archives import (
    END,
    GNU,
    OLD,
    block,
    by_tarfile,
    contents,
    entries,
    file,
    long,
    named,
    padded,
    pax,
    summed,
)


def test_an_empty_archive_has_no_members() -> None:
    """
    With its end or without, even one that ends with a single empty block.
    """
    for data in (b"", END, END[:512], END * 20):
        assert entries(data) == []


def test_the_end_may_be_missing() -> None:
    """
    Archives that were put together by hand lack their end, or the last block's zeros.
    """
    whole = file("a", b"1") + file("b", b"2")
    for data in (whole + END, whole + END[:512], whole, whole[:-511]):
        assert contents(data) == [("a", b"1"), ("b", b"2")]


def test_what_follows_the_end_is_not_read() -> None:
    """
    As every reader stops there: a second archive behind the first is not seen.
    """
    assert named(file("a") + END + file("b") + END) == ["a"]


@pytest.mark.parametrize("size", [1, 511, 512, 513, 1 << 20, (1 << 20) - 512, (3 << 20) + 7])
def test_content_is_given_whole(size: int) -> None:
    """
    Whether it fits what is read at a time, or not, and whether it is asked for or not.
    """
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    data = file("before", b"b" * 100) + file("big", content) + file("after", b"c") + END
    found = contents(data)
    assert found == [("before", b"b" * 100), ("big", content), ("after", b"c")]
    assert named(data) == ["before", "big", "after"]


def test_content_may_be_left_in_the_middle() -> None:
    """
    Who asks for the next member before the end of this one gets the next one.
    """
    data = file("big", bytes(5 << 20)) + file("after", b"c") + END
    reader = Reader(io.BytesIO(data))
    names = []
    for member in reader:
        next(reader.content())
        names.append(member.name)
    assert names == [b"big", b"after"]


class Dripping(io.BytesIO):
    """
    A stream that gives less than it is asked for, as sockets do.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        """
        Read 700 bytes at the most.
        """
        return super().read(min(700, 700 if size is None or size < 0 else size))


def test_short_reads_are_no_end() -> None:
    """
    Trap: streams may give less than was asked for, and headers lie across.
    """
    data = pax({b"path": b"p" * 2000}) + file("a", b"1" * 3000) + file("b", b"2") + END
    reader = Reader(Dripping(data))
    found = [(each.entry.name, b"".join(reader.content())) for each in reader]
    assert found == [("p" * 2000, b"1" * 3000), ("b", b"2")]


def test_facts_of_all_kinds() -> None:
    """
    Every fact comes back as it was written.
    """
    made = [
        Entry(name="d/", kind="directory", mode=0o1777, uid=1, gid=2, mtime_ns=3 * 10**9),
        Entry(name="d/f", mode=0o4755, uid=2**31, gid=2**32, uname="röt", gname="g" * 40),
        Entry(name="d/l", kind="hardlink", linkname="d/f"),
        Entry(name="d/s", kind="symlink", linkname="../" + "x" * 200, mtime_ns=-1_250_000_000),
        Entry(name="d/c", kind="char", devmajor=1, devminor=3),
        Entry(name="d/b", kind="block", devmajor=8, devminor=2**24),
        Entry(name="d/p", kind="fifo", mtime_ns=1_600_000_000_123_456_789),
        Entry(name="x" * 300, pax=FrozenMap({"SCHILY.xattr.user.a": b"\0\xff=\n", "x.y": b"1"})),
        Entry(name="caf\udce9"),
    ]
    assert entries(b"".join(map(header, made)) + END) == made


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_what_tarfile_writes(form: int) -> None:
    """
    The three forms that Python writes, long names and large numbers among them.
    """
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=form) as archive:
        for name in ("short", "p" * 90 + "/" + "n" * 90, "ä"):
            info = tarfile.TarInfo(name)
            info.size, info.mtime = 3, 1_700_000_000
            info.uid = 5 if form == tarfile.USTAR_FORMAT else 2**30
            archive.addfile(info, io.BytesIO(b"abc"))
    assert contents(held.getvalue()) == by_tarfile(held.getvalue())
    assert [entry.uid for entry in entries(held.getvalue())] == [info.uid] * 3


def test_headers_of_old() -> None:
    """
    Before ustar there was no magic: a slash told a directory, prefixes were not.
    """
    data = block(b"d/", b"\0", magic=OLD) + block(b"d/f", b"\0", magic=OLD, size=2)
    data += padded(b"hi") + block(b"n", b"0", magic=OLD, prefix=b"junk") + END
    assert [(entry.name, entry.kind) for entry in entries(data)] == [
        ("d/", "directory"),
        ("d/f", "file"),
        ("n", "file"),
    ]


def test_types_of_files() -> None:
    """
    Contiguous files are files, and devices and pipes have numbers in binary too.
    """
    data = b"".join(block(flag=flag, size=2) + padded(b"hi") for flag in (b"0", b"\0", b"7"))
    assert contents(data) == [("a", b"hi")] * 3
    data = block(b"c", b"3") + block(b"b", b"4") + block(b"p", b"6") + block(b"d", b"5")
    assert [entry.kind for entry in entries(data)] == ["char", "block", "fifo", "directory"]
    large = summed(block(flag=b"4")[:329] + b"\x80" + bytes(4) + b"\1\0\0" + bytes(175))
    assert entries(large)[0].devmajor == 1 << 16


def test_names_in_no_charset() -> None:
    """
    Writers that do not know how names are written say so; the bytes are kept.
    """
    records = {b"hdrcharset": b"BINARY", b"path": b"caf\xe9", b"uname": b"\xff"}
    [entry] = entries(pax(records) + block())
    assert (entry.name, entry.uname, entry.pax) == ("caf\udce9", "\udcff", {})


def test_prefixes() -> None:
    """
    Those of ustar are part of the path; star's are shorter; GNU keeps times there.
    """
    star = block(b"n", prefix=b"p".ljust(131, b"\0") + b"00000000000 ", tail=b"00000000tar\0")
    data = block(b"n", prefix=b"p" * 155) + star + block(b"n", magic=GNU, prefix=b"01234567") + END
    assert named(data) == ["p" * 155 + "/n", "p/n", "n"]


def test_numbers_in_every_form() -> None:
    """
    Octal with blanks before or after, all digits used, and binary ones.
    """
    forms = [b"          3 ", b"3          \0", b"000000000003", b"3\0garbage!!!"]
    forms += [b"\x80" + bytes(10) + b"\x03"]
    data = b"".join(block(size=form) + padded(b"abc") for form in forms)
    assert contents(data) == [("a", b"abc")] * 5
    [entry] = entries(block(mtime=b"\xff" * 12, mode=b"  644 \0 "))
    assert (entry.mtime_ns, entry.mode) == (-(10**9), 0o644)


def test_checksums_of_signed_bytes() -> None:
    """
    Some old writers added up signed bytes; both sums are right.
    """
    assert named(block("ä".encode(), signed=True) + block("ö".encode())) == ["ä", "ö"]


def test_links_and_devices_have_no_content() -> None:
    """
    Trap: a hard link that repeats the size of its file is followed by no bytes.
    """
    data = file("f", b"hi") + block(b"l", b"1", size=2, link=b"f") + block(b"d/", b"5", size=512)
    assert contents(data + END) == [("f", b"hi"), ("l", b""), ("d/", b"")]


def test_long_names() -> None:
    """
    GNU's headers for names and links, in either order, and with pax beside them.
    """
    data = long(b"n" * 300) + long(b"t" * 200, b"K") + block(b"n" * 100, b"2", link=b"t" * 100)
    data += long(b"t" * 200, b"K") + long(b"n" * 300) + pax({b"mtime": b"1.5"}) + block(b"n", b"2")
    found = entries(data + END)
    assert [(entry.name, entry.linkname) for entry in found] == [("n" * 300, "t" * 200)] * 2
    assert found[1].mtime_ns == 1_500_000_000


def test_pax_records_count_before_fields() -> None:
    """
    Empty ones do not count; of two the last one does; those not known are kept.
    """
    records = {b"path": b"p", b"uid": b"7", b"gname": b"g", b"LIBARCHIVE.x": b"1", b"uname": b""}
    [entry] = entries(pax(records) + block() + END)
    assert (entry.name, entry.uid, entry.gname, entry.uname) == ("p", 7, "g", "")
    assert entry.pax == {"LIBARCHIVE.x": b"1"}
    [entry] = entries(pax(b"8 uid=1\n8 uid=2\n") + block() + END)
    assert entry.uid == 2


def test_global_records_count_for_all_that_follow() -> None:
    """
    They are no member, and a member's own records count before them.
    """
    data = file("a", uname="me") + pax({b"comment": b"commit", b"uname": b"you"}, b"g")
    data += block(b"b") + pax({b"uname": b"her"}) + block(b"c") + END
    assert [(entry.name, entry.uname) for entry in entries(data)] == [
        ("a", "me"),
        ("b", "you"),
        ("c", "her"),
    ]
    members = list(Reader(io.BytesIO(data)))
    assert [each.number for each in members] == [0, 1, 2]
    assert [each.offset for each in members] == [0, 512 + 1024, 512 + 1024 + 512]


def test_headers_stand_alone() -> None:
    """
    Trap: a member that is copied elsewhere would lose what a global header said of it.
    """
    data = pax({b"uname": b"you"}, b"g") + block(b"b") + END
    [member] = Reader(io.BytesIO(data))
    assert entries(member.header)[0].uname == "you"


def test_members_know_where_they_are() -> None:
    """
    Offsets are those of the first header; headers are all blocks until the content.
    """
    first = long(b"n" * 200) + block(b"n", size=3) + padded(b"abc")
    data = first + file("b") + END
    one, two = Reader(io.BytesIO(data))
    assert (one.offset, len(one.header), one.size) == (0, 1536, 3)
    assert (two.offset, len(two.header), two.number) == (len(first), 512, 1)
    assert data.startswith(one.header)
