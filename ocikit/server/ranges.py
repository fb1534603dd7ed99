"""
Parts of streams.
"""

from __future__ import annotations

import io

from ocikit.content.streams import Opener, Stream


class Window(io.BufferedIOBase):
    """
    The next bytes of a stream, up to a number of them; it closes the stream.
    """

    def __init__(self, stream: Stream, length: int) -> None:
        self._stream = stream
        self._left = length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        view = memoryview(buffer).cast("B")
        count = self._stream.readinto(view[: self._left])
        self._left -= count
        return count

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        data = self._stream.read(wanted) if wanted else b""
        self._left -= len(data)
        return data

    def close(self) -> None:
        self._stream.close()
        super().close()


def window(opener: Opener, start: int, length: int) -> Stream:
    """
    Open `length` bytes from `start` on.

    >>> from ocikit.content.streams import BytesOpener
    >>> window(BytesOpener(b"hello"), 1, 3).read()
    b'ell'
    """
    stream = opener.open()
    try:
        _skip(stream, start)
    except BaseException:
        stream.close()
        raise
    return Window(stream, length)


def _skip(stream: Stream, count: int) -> None:
    if isinstance(stream, io.IOBase) and stream.seekable():
        stream.seek(count)
        return
    while count and (piece := stream.read(min(count, 1 << 20))):
        count -= len(piece)
