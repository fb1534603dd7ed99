"""
Large content in memory: pieces that are never moved once they are written.

A single buffer that grows is copied again and again, and needs twice its size for it.
"""

from __future__ import annotations

import bisect
import io
import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from ocikit._records import record
from ocikit.content.streams import BytesOpener, Opener, Stream
from ocikit.digest import Buffer

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer

#: How large a piece is at most, in bytes.
PIECE: Final = 1 << 20


class PiecesStream(io.RawIOBase):
    """
    Pieces, read one after the other.
    """

    def __init__(self, pieces: Sequence[Buffer]) -> None:
        self._pieces = pieces
        #: Where each piece ends.
        self._ends = list(itertools.accumulate(map(len, pieces)))
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._ends[-1]}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        index = bisect.bisect_right(self._ends, self._at)
        if index == len(self._ends):
            return 0
        piece = memoryview(self._pieces[index])
        begin = len(piece) - (self._ends[index] - self._at)
        found = piece[begin : begin + len(view)]
        view[: len(found)] = found
        self._at += len(found)
        return len(found)


@record
class PiecesOpener:
    """
    Bytes in memory, in pieces.
    """

    pieces: tuple[Buffer, ...] = attrs.field(repr=lambda pieces: f"<{len(pieces)} pieces>")

    def open(self) -> Stream:
        """
        Read the bytes from their beginning.
        """
        return PiecesStream(self.pieces)


def opener_of(pieces: Sequence[Buffer]) -> Opener:
    """
    Give the opener of what lies in pieces.

    >>> opener_of([b"hello ", b"world"]).open().read()
    b'hello world'
    """
    if len(pieces) > 1:
        return PiecesOpener(tuple(pieces))
    return BytesOpener(bytes(pieces[0]) if pieces else b"")


def pieces_of(stream: Stream, length: int | None) -> Iterator[Buffer]:
    """
    Read a stream piece by piece; whatever came before it broke is given first.

    Of a stream that is to have `length` bytes no more than one too many is read.

    >>> list(pieces_of(io.BytesIO(b"hello"), None))
    [b'hello']
    """
    if isinstance(stream, io.BytesIO):
        # It gives the very bytes that it was made of.
        yield stream.read()
        return
    left = None if length is None else length + 1
    while left is None or left:
        piece, failure = _piece(stream, PIECE if left is None else min(PIECE, left))
        left = None if left is None else left - len(piece)
        if len(piece):
            yield piece
        if failure is not None:
            raise failure
        if not len(piece):
            return


def _piece(stream: Stream, size: int) -> tuple[Buffer, BaseException | None]:
    buffer, filled = bytearray(size), 0
    failure: BaseException | None = None
    with memoryview(buffer) as view:
        try:
            while filled < size and (count := stream.readinto(view[filled:])):
                filled += count
        except BaseException as error:
            failure = error
    try:
        del buffer[filled:]
    except BufferError:
        # A traceback, of a failure now or of one that was mended, may hold a view of it.
        return bytes(memoryview(buffer)[:filled]), failure
    return buffer, failure
