"""
A blob on its way from another registry: fetched once, and read by all who want it.
"""

from __future__ import annotations

import io
import os
import tempfile
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from ocikit._records import record
from ocikit.content.streams import Stream
from ocikit.files.opener import skip

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer


class FlightBroken(ConnectionError):
    """
    The blob did not arrive, or is another than was asked for.
    """


class Flight:
    """
    Bytes that come in on one side, and are read on the other while they come.

    The last of them is held back until all are known to be right: whoever has the whole
    has a blob of that digest.

    Args:
        size: how many bytes there should be.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._changed = threading.Condition()
        handle, path = tempfile.mkstemp(prefix="ocikit-flight-")
        os.unlink(path)
        self._file = io.FileIO(handle, "r+")
        self._came = 0
        #: Who reads; and what lets the bytes come, until it has ended.
        self._users = 1
        self._done = False
        self._failure: BaseException | None = None

    def open(self) -> Stream:
        """
        Read from the beginning, whatever has come; only before it has ended.
        """
        with self._changed:
            self._users += 1
        return _Passenger(self)

    def add(self, data: memoryview) -> None:
        """
        Take bytes that came.

        Raises:
            FlightBroken: there are more than there should be.
        """
        at = self._came
        if at + len(data) > self.size:
            raise FlightBroken(f"more than the {self.size} bytes that it should have")
        while data:
            count = os.pwrite(self._file.fileno(), data, at)
            data, at = data[count:], at + count
        with self._changed:
            self._came = at
            self._changed.notify_all()

    def end(self, failure: BaseException | None = None) -> None:
        """
        Say that all came and is right, or why it did not.
        """
        with self._changed:
            self._done, self._failure = True, failure
            self._changed.notify_all()
        self.leave()

    def leave(self) -> None:
        """
        Need the bytes no longer; the last one gives the file back.
        """
        with self._changed:
            self._users -= 1
            if not self._users:
                self._file.close()

    def read(self, view: memoryview, at: int) -> int:
        """
        Read what came from `at` on, when something has; 0 at the end.

        Raises:
            FlightBroken: the rest will not come.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._done or self._ready() > at)
            if self._failure is not None:
                raise FlightBroken("the blob did not arrive") from self._failure
            ready = self._ready()
        return os.preadv(self._file.fileno(), [view[: ready - at]], at) if at < ready else 0

    def _ready(self) -> int:
        return self._came if self._done else min(self._came, self.size - 1)


class _Passenger(io.RawIOBase):
    def __init__(self, flight: Flight) -> None:
        self._flight, self._at = flight, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._flight.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        count = self._flight.read(memoryview(buffer).cast("B"), self._at)
        self._at += count
        return count

    def close(self) -> None:
        if not self.closed:
            self._flight.leave()
        super().close()


@record
class LazyOpener:
    """
    Opens bytes only when they are read: who asks for a head alone lets nothing come.

    Args:
        begin: opens them.
        size: how many there are.
    """

    begin: Callable[[], Stream]
    size: int

    def open(self) -> Stream:
        """
        Give a stream from the beginning.
        """
        return _Lazy(self.begin, self.size)


class _Lazy(io.RawIOBase):
    def __init__(self, begin: Callable[[], Stream], size: int) -> None:
        self._begin, self._size, self._at = begin, size, 0
        self._stream: Stream | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._stream is None

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        if self._stream is None:
            self._stream = self._begin()
            skip(self._stream, self._at)
        return self._stream.readinto(memoryview(buffer))

    def close(self) -> None:
        if not self.closed and self._stream is not None:
            self._stream.close()
        super().close()
