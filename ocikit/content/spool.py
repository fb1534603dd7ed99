"""
Where computed bytes wait: in memory, or beyond a bound in a file that has no name.
"""

from __future__ import annotations

import io
import os
import weakref
from typing import TYPE_CHECKING, Any, Final, NoReturn

import attrs

from ocikit._records import record
from ocikit.content.streams import BytesOpener, Opener, Stream
from ocikit.errors import Unsupported

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer

#: How much is kept in memory, in bytes.
MEMORY: Final = 8 << 20


@attrs.frozen(kw_only=True)
class SpoolUnpicklable(Unsupported):
    """
    Content in a temporary file of this process cannot be handed to another.
    """

    size: int

    def __str__(self) -> str:
        return (
            f"{self.size} bytes of content lie in a temporary file of this process and cannot be"
            " pickled; flush them to a layout or a registry and load them from there"
        )


class _File:
    """
    A file without a name; it is gone when nobody can read it any more.
    """

    def __init__(self) -> None:
        # Here because most layers never need one, and it takes milliseconds to import.
        import tempfile

        with tempfile.TemporaryFile(buffering=0) as file:
            self.descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, self.descriptor)

    def append(self, data: bytes | bytearray | memoryview) -> None:
        view = memoryview(data).cast("B")
        while view:
            view = view[os.write(self.descriptor, view) :]


@record
class SpoolOpener:
    """
    Bytes in a temporary file of this process.

    It is read by position, so that many may read at once. The file goes when the last
    opener and the last stream of it are gone.
    """

    file: _File = attrs.field(repr=False)
    size: int

    def open(self) -> Stream:
        """
        Read the bytes from their beginning.
        """
        return _SpoolStream(self.file, self.size)

    def __reduce__(self) -> NoReturn:
        raise SpoolUnpicklable(size=self.size)

    def __deepcopy__(self, memo: dict[int, Any]) -> SpoolOpener:
        return self


class _SpoolStream(io.RawIOBase):
    def __init__(self, file: _File, size: int) -> None:
        self._file: _File | None = file
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = min(max(0, base + offset), self._size)
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        file = self._opened()
        view = memoryview(buffer).cast("B")[: self._size - self._at]
        count = os.preadv(file.descriptor, [view], self._at)
        self._at += count
        return count

    def read(self, size: int | None = -1, /) -> bytes:
        self._opened()
        left = self._size - self._at
        view = bytearray(left if size is None or size < 0 else min(size, left))
        done = 0
        while done < len(view) and (count := self.readinto(memoryview(view)[done:])):
            done += count
        return bytes(view[:done])

    def _opened(self) -> _File:
        if self._file is None:
            raise ValueError("read of a closed stream")
        return self._file

    def close(self) -> None:
        self._file = None
        super().close()


class Spool:
    """
    Takes bytes once, and opens them as often as anyone likes.

    >>> spool = Spool()
    >>> spool.write(b"hello")
    >>> spool.opener().open().read()
    b'hello'
    """

    def __init__(self, memory: int = MEMORY) -> None:
        self._memory = memory
        self._buffer = io.BytesIO()
        self._file: _File | None = None
        #: Bytes taken so far.
        self.size = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """
        Take more bytes; beyond the bound all of them go to a file.
        """
        self.size += len(data)
        if self._file is None and self.size > self._memory:
            self._file = _File()
            self._file.append(self._buffer.getbuffer())
            self._buffer = io.BytesIO()
        if self._file is None:
            self._buffer.write(data)
        else:
            self._file.append(data)

    def opener(self) -> Opener:
        """
        Give what opens the bytes taken so far.

        Bytes in memory pickle; of those in a file pickling raises `SpoolUnpicklable`.
        """
        if self._file is None:
            return BytesOpener(self._buffer.getvalue())
        return SpoolOpener(self._file, self.size)
