"""
The part of a stream that is in memory: whole blocks, about a mebibyte of them.
"""

from __future__ import annotations

from typing import Final

from ocikit.content.streams import CHUNK, Stream

BLOCK: Final = 512


class Window:
    """
    Reads a stream on and on; forgets what lies behind.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        #: Whole blocks; zeros stand for what is missing of the stream's last one.
        self.buffer = b""
        #: Where in the stream the buffer begins.
        self.base = 0
        #: How many bytes of the stream were read.
        self.total = 0
        #: Whether that is all there is.
        self.ended = False

    def refill(self) -> bool:
        """
        Go on to the bytes behind those of the buffer; tell whether there are any.
        """
        self.base += len(self.buffer)
        self.buffer = self._read()
        return bool(self.buffer)

    def extend(self, start: int) -> bool:
        """
        Forget what is before `start` in the buffer and read more; tell whether there is.
        """
        more = self._read()
        self.base += start
        self.buffer = self.buffer[start:] + more
        return bool(more)

    def _read(self) -> bytes:
        data = self._stream.read(CHUNK)
        while (short := -len(data) % BLOCK) and (more := self._stream.read(short)):
            data += more
        self.total += len(data)
        self.ended = self.ended or short > 0 or not data
        return data + bytes(short)
