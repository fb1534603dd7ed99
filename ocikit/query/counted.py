"""
A stream that is counted while others read it.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ocikit.content.streams import CHUNK, Stream
from ocikit.digest import Hash

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer


class Counted(io.RawIOBase):
    """
    Passes on what is read of a stream, and takes it down.
    """

    def __init__(self, stream: Stream, hash: Hash | None = None) -> None:
        self._stream = stream
        self._hash = hash
        #: Bytes read so far.
        self.count = 0
        #: How many of them there are up to the last one that is not zero.
        self.full = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        data = self._stream.read(-1 if size is None else size)
        self._take(data)
        return data

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def drain(self) -> None:
        """
        Read what is left.
        """
        while self.read(CHUNK):
            pass

    def _take(self, data: bytes) -> None:
        if self._hash is not None:
            self._hash.update(data)
        if data:
            full = len(data) if data[-1] else len(data.rstrip(b"\0"))
            self.full = self.count + full if full else self.full
            self.count += len(data)
