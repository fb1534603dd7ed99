"""
Sparse files, in the four ways that GNU tar has written them.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.tree.faults import TarInvalid
from ocikit.tree.reader import Reader
from ocikit.tree.sparse import pieces
from ocikit.tree.writer import header
from tests.real.process import Command
from tests.tree.archives import (
    END,
    GNU,
    block,
    by_tarfile,
    contents,
    entries,
    file,
    padded,
    pax,
    record,
    summed,
)

Segments = list[tuple[int, int]]


def _number(value: int) -> bytes:
    return b"%011o\0" % value


def _in_header(segments: Segments, size: int, stored: bytes) -> bytes:
    """
    Put the map into the header, and into blocks after it.
    """
    written = [_number(at) + _number(length) for at, length in segments]
    groups = [written[:4], *(written[at : at + 21] for at in range(4, len(written), 21))]
    head = block(b"s", b"S", size=len(stored), magic=GNU)
    more = bytes([len(groups) > 1])
    head = head[:386] + b"".join(groups[0]).ljust(96, b"\0") + more + _number(size) + bytes(17)
    rest = [
        b"".join(group).ljust(504, b"\0") + bytes([group is not groups[-1]]) + bytes(7)
        for group in groups[1:]
    ]
    return summed(head) + b"".join(rest) + padded(stored)


def _in_many_records(segments: Segments, size: int, stored: bytes) -> bytes:
    records = record(b"GNU.sparse.size", b"%d" % size)
    records += record(b"GNU.sparse.numblocks", b"%d" % len(segments))
    for at, length in segments:
        records += record(b"GNU.sparse.offset", b"%d" % at)
        records += record(b"GNU.sparse.numbytes", b"%d" % length)
    return pax(records) + block(b"s", size=len(stored)) + padded(stored)


def _in_one_record(segments: Segments, size: int, stored: bytes) -> bytes:
    numbers = b",".join(b"%d,%d" % segment for segment in segments)
    records = {
        b"GNU.sparse.size": b"%d" % size,
        b"GNU.sparse.numblocks": b"%d" % len(segments),
        b"GNU.sparse.map": numbers,
        b"GNU.sparse.name": b"s",
    }
    return pax(records) + block(b"GNUSparseFile.1/s", size=len(stored)) + padded(stored)


def _before_content(segments: Segments, size: int, stored: bytes) -> bytes:
    lines = b"%d\n" % len(segments)
    lines += b"".join(b"%d\n%d\n" % segment for segment in segments)
    whole = padded(lines) + stored
    records = {
        b"GNU.sparse.major": b"1",
        b"GNU.sparse.minor": b"0",
        b"GNU.sparse.name": b"s",
        b"GNU.sparse.realsize": b"%d" % size,
    }
    return pax(records) + block(b"GNUSparseFile.1/s", size=len(whole)) + padded(whole)


FORMS = [_in_header, _in_many_records, _in_one_record, _before_content]

maps = st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 2000)), min_size=1, max_size=60)


@given(gaps=maps, tail=st.integers(0, 3000))
@pytest.mark.parametrize("form", FORMS)
def test_holes_are_filled(form, gaps: Segments, tail: int) -> None:  # type: ignore[no-untyped-def]
    """
    Whatever the form, the file is what it was; what follows it is found.
    """
    segments, at, whole = [], 0, bytearray()
    for gap, length in gaps:
        at += gap
        segments.append((at, length))
        whole += bytes(at - len(whole)) + b"x" * length
        at += length
    whole += bytes(tail)
    if tail:
        segments.append((len(whole), 0))
    stored = b"x" * sum(length for _, length in segments)
    data = form(segments, len(whole), stored) + file("after", b"1") + END
    assert contents(data) == [("s", bytes(whole)), ("after", b"1")] == by_tarfile(data)
    entry = entries(data)[0]
    assert (entry.sparse, entry.real_size) == (True, len(whole))


@pytest.mark.parametrize("form", FORMS)
def test_what_is_written_anew_has_the_same_holes(form) -> None:  # type: ignore[no-untyped-def]
    """
    The old header's map becomes a pax record, for new headers are ustar and pax.
    """
    segments = [(10 * number, 5) for number in range(30)]
    data = form(segments, 400, b"x" * 150)

    made = b"".join(Reader(io.BytesIO(data)).rewrite(lambda member: header(member.entry))) + END
    assert contents(made) == contents(data) == by_tarfile(made)


def test_pieces_have_their_places() -> None:
    """
    Who writes to a disk leaves the holes out.
    """
    reader = Reader(io.BytesIO(_before_content([(0, 2), (1000, 3)], 5000, b"abcde")))
    [found] = [list(pieces(member, reader.content())) for member in reader]
    assert found == [(0, b"ab"), (1000, b"cde")]


@pytest.mark.parametrize(
    "data",
    [
        _in_one_record([(5, 5), (0, 5)], 20, b"x" * 10),
        _in_one_record([(0, 5), (4, 5)], 20, b"x" * 10),
        _in_one_record([(0, 5), (19, 5)], 20, b"x" * 10),
        _in_one_record([(0, 5)], 20, b"x" * 10),
        _in_one_record([(0, 50)], 60, b"x" * 10),
        _in_one_record([(0, 5), (8, -5)], 20, b""),
        pax({b"GNU.sparse.map": b"0,1,2", b"GNU.sparse.size": b"9"}) + block(b"s"),
        pax({b"GNU.sparse.map": b"a,b", b"GNU.sparse.size": b"9"}) + block(b"s"),
        pax({b"GNU.sparse.major": b"1", b"GNU.sparse.realsize": b"9"}) + block(b"s"),
        pax({b"GNU.sparse.major": b"1", b"GNU.sparse.realsize": b"9"})
        + file("s", b"99999999\n0\n1\n"),
        pax({b"GNU.sparse.major": b"1", b"GNU.sparse.realsize": b"9"})
        + file("s", b"1" * (3 << 20)),
    ],
)
def test_maps_that_lie_are_refused(data: bytes) -> None:
    """
    Segments that overlap, go back, lie beyond the end, or do not fit what is stored.
    """
    with pytest.raises(TarInvalid, match="tar member 0 at byte 0"):
        contents(data)


@pytest.mark.parametrize("version", ["gnu", "0.0", "0.1", "1.0"])
def test_what_gnu_tar_writes(tmp_path: Path, version: str, gnu_tar: Command) -> None:
    """
    Real archives of a real file with holes.
    """
    with (tmp_path / "s").open("wb") as made:
        for number in range(30):
            made.seek(number << 16)
            made.write(b"x" * 100)
        made.truncate(3 << 20)
    form = ["--format=gnu"] if version == "gnu" else ["--format=pax", f"--sparse-version={version}"]
    data = gnu_tar.bytes("-C", tmp_path, "--sparse", *form, "-cf", "-", "s")
    assert len(data) < 1 << 20
    assert contents(data) == [("s", (tmp_path / "s").read_bytes())]
