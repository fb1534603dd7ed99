"""
Headers: the quick look and the close one, and what a member costs.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Iterator
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.content.streams import Stream
from ocikit.tree import headers
from ocikit.tree.entry import LINKS
from ocikit.tree.faults import TarInvalid
from ocikit.tree.once import once
from ocikit.tree.reader import LIMITS, Reader
from tests.tree.archives import END, block, file, padded, pax, record, summed

#: What is put over a good header, and where.
changes = st.lists(
    st.tuples(st.integers(0, 500), st.binary(min_size=1, max_size=12) | st.just(b"0_1 +8\0 ")),
    max_size=3,
)
forms = st.sampled_from([b"%06o\0 ", b"%07o\0", b"%7o ", b" %06o ", b"%6o\0\0", b"%08o"])


@given(
    st.sampled_from([b"0", b"1", b"2", b"5", b"7", b"x", b"\0"]),
    st.integers(0, 8**11 - 1),
    changes,
    st.booleans(),
    forms,
)
def test_a_quick_look_sees_what_a_close_one_sees(
    flag: bytes, size: int, changes: list[tuple[int, bytes]], mended: bool, form: bytes
) -> None:
    """
    Whatever is in a header: the same facts, or nothing.
    """
    made = block(b"some/name", flag, size=size, link=b"other")
    for at, data in changes:
        made = (made[:at] + data + made[at + len(data) :])[:512]
    if mended:
        made = summed(made)
        made = made[:148] + form % int(made[148:154], 8) + made[156:]
    quick, records = headers.plain(made), headers.plain_pax(made)
    if quick is not None or records is not None:
        flag = headers.flag_of(made)
    if records is not None:
        assert records == headers.size_of(made)
    if quick is not None:
        name, kind, size, link = quick
        linkname = headers.names_of(made)[1] if kind in LINKS else b""
        assert (name, link) == (headers.names_of(made)[0], linkname)
        assert kind == headers.kind_of(flag, name)
        assert size == (headers.size_of(made) if kind == "file" else 0)


def test_common_headers_need_no_close_look() -> None:
    """
    In whichever way their writer ends the checksum.
    """
    made = block(b"some/name", size=7)
    for form in (b"%06o\0 ", b"%06o\0", b"%7o\0", b"%07o\0"):
        said = (form % int(made[148:154], 8)).ljust(8)
        assert headers.plain(made[:148] + said + made[156:]) == (b"some/name", "file", 7, b"")


@pytest.mark.parametrize(("last", "seen"), [(b"0", [b"hidden"]), (b"_", [])])
def test_a_twelfth_digit_counts(last: bytes, seen: list[bytes]) -> None:
    """
    Trap: records end where eleven digits say, and go on where all of them say.
    """
    first, path = record(b"comment", b"x" * 18), record(b"path", b"hidden")
    filler = record(b"filler", b"x" * (7 * len(first) - len(path) - 12))
    content = first + filler + path
    assert len(content) == 8 * len(first)
    made = block(b"PaxHeaders/x", b"x", size=b"%011o" % len(first) + last)
    names: list[bytes] = []
    with contextlib.suppress(TarInvalid):
        names += [
            member.name for member in Reader(io.BytesIO(made + padded(content) + file("a") + END))
        ]
    assert names == seen


class _Archive:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def uncompressed(self) -> Stream:
        """
        Open it.
        """
        return io.BytesIO(self._data)


def _calls(run: Callable[[], object]) -> int:
    count = 0

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(before)
    return count


def _scanned(data: bytes) -> Iterator[object]:
    return iter(Reader(io.BytesIO(data)))


def _merged(data: bytes) -> Iterator[object]:
    return once([_Archive(data)], LIMITS)


@pytest.mark.parametrize(
    ("way", "before", "most"),
    [
        (_scanned, b"", 6),
        (_scanned, pax({b"mtime": b"1.5"}), 10),
        (_merged, b"", 9),
        (_merged, pax({b"mtime": b"1.5"}), 13),
    ],
)
def test_what_a_member_costs(
    way: Callable[[bytes], Iterator[object]], before: bytes, most: int
) -> None:
    """
    Calls of functions in Python, of which an image has as many as members, or some times more.
    """

    def calls(members: int) -> int:
        names = (f"usr/lib/{number:05}" for number in range(members))
        data = b"".join(before + file(name) for name in names) + END
        # What headers have in common is known from the first time.
        list(way(data))
        return _calls(lambda: list(way(data)))

    assert calls(300) - calls(100) <= 200 * most
