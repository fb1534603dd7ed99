"""
Content in pieces reads as if it were one.
"""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.server.pieces import PIECE, PiecesStream, opener_of, pieces_of


class _Slow(io.RawIOBase):
    """
    A stream that gives a few bytes at a time, and then breaks.
    """

    def __init__(self, data: bytes, failure: Exception | None = None) -> None:
        self._inner, self._failure = io.BytesIO(data), failure

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        data = self._inner.read(min(7, len(memoryview(buffer))))  # type: ignore[arg-type]
        memoryview(buffer)[: len(data)] = data  # type: ignore[arg-type]
        if not data and self._failure is not None:
            raise self._failure
        return len(data)


@given(
    pieces=st.lists(st.binary(min_size=1, max_size=9), min_size=1),
    begin=st.integers(0, 100),
    size=st.integers(0, 20),
)
def test_any_part_is_that_of_the_whole(pieces: list[bytes], begin: int, size: int) -> None:
    """
    Seeking and reading agree with the same on one buffer.
    """
    whole, parts = io.BytesIO(b"".join(pieces)), PiecesStream(pieces)
    assert parts.seek(begin) == whole.seek(begin) == parts.tell()
    found = b""
    while len(found) < size and (part := parts.read(size - len(found))):
        found += part
    assert found == whole.read(size)
    assert parts.read() == whole.read()
    assert parts.seek(-1, io.SEEK_END) == len(whole.getvalue()) - 1
    assert parts.seek(-1, io.SEEK_CUR) == max(0, len(whole.getvalue()) - 2)


@given(data=st.binary(max_size=99), length=st.none() | st.integers(0, 99))
def test_no_more_is_read_than_one_byte_too_many(data: bytes, length: int | None) -> None:
    """
    That one is enough to see that there is more.
    """
    found = b"".join(pieces_of(_Slow(data), length))
    assert found == (data if length is None else data[: length + 1])
    assert opener_of(list(pieces_of(_Slow(data), None))).open().read() == data


def test_what_came_before_it_broke_is_given() -> None:
    """
    A push that breaks off is resumed where it broke, not a whole piece before.
    """
    pieces = pieces_of(_Slow(b"x" * 100, ConnectionResetError()), None)
    assert next(pieces) == b"x" * 100
    with pytest.raises(ConnectionResetError):
        next(pieces)


def test_large_content_is_of_bounded_pieces() -> None:
    """
    No piece is larger than the bound, so that none has to be moved to grow.
    """
    data = bytes(2 * PIECE + 5)
    sizes = [len(piece) for piece in pieces_of(io.BufferedReader(io.BytesIO(data)), None)]  # type: ignore[arg-type]
    assert sizes == [PIECE, PIECE, 5]
