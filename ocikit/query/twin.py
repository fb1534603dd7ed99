"""
Two streams that are read as one, as long as they are the same.
"""

from __future__ import annotations

import io
from collections import deque
from typing import TYPE_CHECKING, Final

from ocikit.content.streams import CHUNK, Stream
from ocikit.query.headers import first

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer

#: How many pieces are remembered of what both have: more than the headers of any member.
_REMEMBERED: Final = 6


class Twin(io.RawIOBase):
    """
    Gives the left one of two streams, and notes where the right one parts from it.
    """

    def __init__(self, left: Stream, right: Stream) -> None:
        self._left = left
        self._right = right
        #: The first byte that differs, or at which one ends; None as long as none does.
        self.parted: int | None = None
        #: Bytes that were read of the left one.
        self.count = 0
        #: What was read of the right one from where they part.
        self._rest = b""
        self._common: deque[bytes] = deque(maxlen=_REMEMBERED)

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        data = self._left.read(CHUNK if size is None or size < 0 else size)
        if self.parted is None and size:
            self._compare(data)
        self.count += len(data)
        return data

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def drain(self) -> None:
        """
        Read on to the end of the left one.
        """
        while self.read(CHUNK):
            pass

    @property
    def ended(self) -> tuple[bool, bool]:
        """
        Whether the left one, and the right one, ends where they part.
        """
        return self.parted == self.count, not self._rest

    def right(self, offset: int) -> Stream:
        """
        Give the right one from a place that both have, not far before where they part.

        Raises:
            ValueError: it is too far before.
        """
        common = b"".join(self._common)
        begin = (self.parted or 0) - len(common)
        if not begin <= offset <= begin + len(common):
            raise ValueError(f"byte {offset} is not remembered")
        return io.BufferedReader(_Chained(common[offset - begin :] + self._rest, self._right))

    def _compare(self, data: bytes) -> None:
        # The right one goes on where the left one ends: one byte shows it.
        other = exactly(self._right, len(data) or 1)
        if data == other:
            self._common.append(data)
            return
        at = first(data, other)
        self._common.append(data[:at])
        self.parted = self.count + at
        self._rest = other[at:]


class _Chained(io.RawIOBase):
    def __init__(self, head: bytes, stream: Stream) -> None:
        self._head = memoryview(head)
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if not self._head:
            return self._stream.readinto(view)
        count = min(len(view), len(self._head))
        view[:count] = self._head[:count]
        self._head = self._head[count:]
        return count


def exactly(stream: Stream, size: int) -> bytes:
    """
    Read that many bytes, or all that there are.
    """
    data = stream.read(size)
    while len(data) < size and (more := stream.read(size - len(data))):
        data += more
    return data
