"""
Differences of the members of layers.
"""

from __future__ import annotations

import io
import tarfile
import tracemalloc
from collections.abc import Iterator

import pytest

from ocikit._records import FrozenMap, evolve, record
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.layer import Layer
from ocikit.content.streams import Stream
from ocikit.digest import Digest, finish, hasher
from ocikit.query.archives import archives
from ocikit.query.diff import diff
from ocikit.tree.checked import DiffIDMismatch
from ocikit.tree.entry import Entry
from ocikit.tree.faults import TarInvalid
from ocikit.tree.tarheader import padding
from ocikit.tree.writer import header
from tests.query.builders import of_tars, tarred
from tests.tree.archives import END, GNU, OLD, block, file, long, padded, pax, summed

Told = list[tuple[str, str, str | None, str | None]]


def told(left: bytes, right: bytes) -> Told:
    """
    Give the differences of two streams: path, field, and both sides.
    """
    found = archives(tarred(left), tarred(right, "gzip"), ())
    return [(" > ".join(each.path), each.field, each.left, each.right) for each in found]


def facts(**changed: object) -> Told:
    """
    Give the differences of a file and one that has other facts.
    """
    one = Entry(name="a", mtime_ns=10**9)
    pair = [header(entry) + END for entry in (one, evolve(one, **changed))]
    return told(*pair)


@pytest.mark.parametrize(
    ("changed", "field", "left", "right"),
    [
        ({"mode": 0o4755}, "mode", '"0644"', '"4755"'),
        ({"uid": 5}, "uid", "0", "5"),
        ({"gid": 6}, "gid", "0", "6"),
        ({"uname": "me"}, "uname", '""', '"me"'),
        ({"gname": "us"}, "gname", '""', '"us"'),
        ({"mtime_ns": 0}, "mtime", "1", "0"),
        ({"mtime_ns": -1_500_000_000}, "mtime", "1", "-1.5"),
    ],
)
def test_facts_are_told(changed: dict[str, object], field: str, left: str, right: str) -> None:
    """
    Each by itself, with its values on both sides.
    """
    assert facts(**changed)[0] == ("a", field, left, right)


def test_a_fact_that_needs_another_format_tells_both() -> None:
    """
    A finer time than seconds is written in pax.
    """
    assert facts(mtime_ns=10**9 + 5) == [
        ("a", "mtime", "1", "1.000000005"),
        ("a", "format", '"ustar"', '"pax"'),
    ]


def test_records_are_told_one_by_one() -> None:
    """
    Extended attributes by their names, other records by theirs.
    """
    one = FrozenMap({"SCHILY.xattr.user.a": b"1", "SCHILY.xattr.user.b": b"2", "ctime": b"5"})
    other = FrozenMap({"SCHILY.xattr.user.a": b"\xff", "ctime": b"6"})
    pair = (header(Entry(name="a", pax=pax)) + END for pax in (one, other))
    assert told(*pair) == [
        ("a", "xattr user.a", '"1"', '"\\udcff"'),
        ("a", "xattr user.b", '"2"', None),
        ("a", "pax ctime", '"5"', '"6"'),
    ]


def test_content_is_told_by_digest() -> None:
    """
    Of equal size or not; a file that is empty is one.
    """
    one, other, empty = (file("a", data) + END for data in (b"1", b"2", b""))
    digests = [f'"{Digest.of(data)}"' for data in (b"1", b"2", b"")]
    assert told(one, other) == [("a", "content", digests[0], digests[1])]
    assert told(one, empty)[:2] == [
        ("a", "size", "1", "0"),
        ("a", "content", digests[0], digests[2]),
    ]


def test_other_kinds_are_told_and_nothing_else_of_them() -> None:
    """
    A folder in place of a file; links that lead elsewhere; devices with other numbers.
    """
    folder = header(Entry(name="a", kind="directory", mode=0o755)) + END
    assert told(file("a", b"1") + END, folder) == [("a", "kind", '"file"', '"directory"')]
    one, other = (header(Entry(name="l", kind="symlink", linkname=x)) + END for x in ("a", "./a"))
    assert told(one, other) == [("l", "linkname", '"a"', '"./a"')]
    one, other = (header(Entry(name="n", kind="char", devminor=x)) + END for x in (1, 3))
    assert told(one, other) == [("n", "devminor", "1", "3")]


def test_what_one_side_lacks_is_told() -> None:
    """
    By its kind; marks of what is gone are members like others.
    """
    one, other = file("a") + file("b") + END, file("b") + file(".wh.c") + END
    assert told(one, other) == [
        ("a", "kind", '"file"', None),
        (".wh.c", "kind", None, '"file"'),
    ]


def test_spelling_of_paths_is_told_as_that() -> None:
    """
    However it is written, the same path is meant; so it is with hard links.
    """
    one = file("./a") + header(Entry(name="b", kind="hardlink", linkname="./a")) + END
    other = file("a") + header(Entry(name="/b", kind="hardlink", linkname="a")) + END
    assert told(one, other) == [
        ("a", "spelling", '"./a"', '"a"'),
        ("b", "spelling", '"b"', '"/b"'),
        ("b", "linkname spelling", '"./a"', '"a"'),
    ]


@pytest.mark.parametrize(
    ("left", "right", "fields"),
    [
        (block(), block(magic=GNU), ["format"]),
        (block(), block(magic=OLD), ["format"]),
        (block(b"a"), pax({b"path": b"a"}) + block(b"x"), ["format"]),
        (long(b"a") + block(magic=GNU), pax({b"path": b"a"}) + block(), ["format"]),
        (block(mode=b"0000644\0"), block(mode=b"000644 \0"), ["header"]),
        (block(mode=b"0000644\0"), block(mode=b"0100644\0"), ["mode"]),
        (block(flag=b"0"), block(flag=b"\0"), ["header"]),
        (block(), block()[:154] + b" \0" + block()[156:], ["header"]),
        (block(), summed(block()[:330] + b"1" + block()[331:]), ["header"]),
    ],
)
def test_other_ways_to_write_the_same(left: bytes, right: bytes, fields: list[str]) -> None:
    """
    The format where it is another one, else the first field that is written otherwise.
    """
    assert [each[1] for each in told(left + END, right + END)] == fields


def test_a_field_that_is_written_otherwise_is_told_beside_facts() -> None:
    """
    Trap: a time that differs, and may be ignored, hides no other difference.
    """
    one = block(mode=b"0000644\0", mtime=b"00000000001\0") + END
    other = block(mode=b"000644 \0", mtime=b"00000000002\0") + END
    assert told(one, other) == [
        ("a", "mtime", "1", "2"),
        ("a", "header", '{"mode":"0000644\\u0000"}', '{"mode":"000644 \\u0000"}'),
    ]


def test_order_is_one_difference() -> None:
    """
    Where it first differs, of what is on both sides; what is in between does not matter.
    """
    one = b"".join(map(file, ["a", "b", "c", "d"])) + END
    other = b"".join(map(file, ["x", "a", "c", "b", "d"])) + END
    assert told(one, other)[-1] == ("", "file order", '"b"', '"c"')
    assert told(one, b"".join(map(file, ["a", "d"])) + END) == [
        ("b", "kind", '"file"', None),
        ("c", "kind", '"file"', None),
    ]


def test_what_is_there_twice_is_paired_in_order() -> None:
    """
    The first with the first; the one that is too many is told.
    """
    one = file("a", b"1") + file("b") + file("a", b"2") + END
    other = file("a", b"1") + file("b") + file("a", b"3") + file("a") + END
    assert [each[:2] for each in told(one, other)] == [("a", "content"), ("a", "kind")]


def test_ends_are_told() -> None:
    """
    Zeros behind the last member, unless both archives are written in whole records.
    """
    whole = file("a", b"1")
    assert told(whole + END, whole) == [("", "end", "1024", "0")]
    held = []
    for names in ("a", "ab"):
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as archive:
            for name in names:
                archive.addfile(tarfile.TarInfo(name))
        held.append(stream.getvalue())
    assert [each[1] for each in told(*held)] == ["kind"]


def test_holes_are_content() -> None:
    """
    A sparse file is the same as the one without holes; only its format differs.
    """
    records = {
        b"GNU.sparse.major": b"1",
        b"GNU.sparse.minor": b"0",
        b"GNU.sparse.name": b"a",
        b"GNU.sparse.realsize": b"2000",
    }
    content = b"1\n1000\n3\n".ljust(512, b"\0") + b"abc"
    sparse = pax(records) + block(b"x", size=len(content)) + padded(content) + END
    plain = file("a", bytes(1000) + b"abc" + bytes(997)) + END
    assert {each[1].partition(" ")[0] for each in told(sparse, plain)} == {"pax", "format"}


def test_a_hole_of_any_size_costs_nothing() -> None:
    """
    Trap: a petabyte of zeros is a few bytes to write, and would take days to hash.
    """
    records = {
        b"GNU.sparse.major": b"1",
        b"GNU.sparse.minor": b"0",
        b"GNU.sparse.name": b"a",
        b"GNU.sparse.realsize": b"%d" % 10**15,
    }
    made = [
        pax(records) + block(b"x", size=515) + padded(b"1\n1000\n3\n".ljust(512, b"\0") + end) + END
        for end in (b"abc", b"abd")
    ]
    assert [each[1] for each in told(*made)] == ["content"]


def test_what_cannot_be_read_raises() -> None:
    """
    A difference cannot be told of what is no archive, or not the one that is meant.
    """
    with pytest.raises(TarInvalid):
        told(file("a") + END, b"x" * 512)
    wrong = evolve(tarred(file("a") + END), diff_id=Digest.of(b"other"))
    with pytest.raises(DiffIDMismatch):
        list(archives(wrong, tarred(file("b") + END), ()))


def test_layers_without_diff_ids_are_read() -> None:
    """
    Of an artifact's layers nobody says what they uncompress to.
    """
    one, other = (
        Layer(blob=of_bytes(file(name) + END, "application/vnd.oci.image.layer.v1.tar"))
        for name in ("a", "b")
    )
    assert [each.field for each in archives(one, other, ())] == ["kind", "kind"]


def test_digests_follow_from_members() -> None:
    """
    Trap: where nothing of a member differs, the diff ID is what is told.
    """
    images = [of_tars(file("a") + END + rest * 512) for rest in (b"x", b"y")]
    assert [each.field for each in diff(*images)] == ["digest", "digest", "digest", "diffID"]


@record
class Made:
    """
    An opener of an archive that is written as it is read.
    """

    names: tuple[str, ...]
    size: int
    mode: int

    def open(self) -> Stream:
        """
        Begin to write.
        """
        return io.BufferedReader(_Written(self))


class _Written(io.RawIOBase):
    def __init__(self, made: Made) -> None:
        self._parts = self._write(made)
        self._held = b""

    def _write(self, made: Made) -> Iterator[bytes]:
        content = bytes(1 << 20)
        for name in made.names:
            yield header(Entry(name=name, size=made.size, mode=made.mode))
            for _ in range(made.size >> 20):
                yield content
            yield padding(made.size)
        yield END

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._held:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._held = part
        view = memoryview(buffer).cast("B")
        count = min(len(view), len(self._held))
        view[:count], self._held = self._held[:count], self._held[count:]
        return count


def test_memory_is_bounded() -> None:
    """
    Of 200 MB on each side, in the opposite order, only facts and digests are kept.
    """
    names = tuple(f"f{number}" for number in range(20))
    layers = []
    for each, mode in ((names, 0o600), (names[::-1], 0o644)):
        made = Made(each, 10 << 20, mode)
        running, size = hasher(), 0
        with made.open() as stream:
            while data := stream.read(1 << 20):
                running.update(data)
                size += len(data)
        descriptor = evolve(
            of_bytes(b"", "application/vnd.oci.image.layer.v1.tar").descriptor,
            digest=finish(running),
            size=size,
        )
        layers.append(Layer(blob=Blob(descriptor=descriptor, opener=made)))
    tracemalloc.start()
    found = list(archives(layers[0], layers[1], ()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [each.field for each in found] == ["mode"] * 20 + ["file order"]
    assert peak < 32 << 20
