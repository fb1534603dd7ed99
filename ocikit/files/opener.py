"""
Bytes that lie in a file: the whole of it, or a window.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from typing import TYPE_CHECKING

import attrs

from ocikit._records import record
from ocikit.content.streams import Opener, Stream
from ocikit.errors import Corrupt, Missing, Unreachable

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer

_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
#: A pipe that took the place of a file must not hold us up.
_NEVER_WAIT = getattr(os, "O_NONBLOCK", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


@attrs.frozen(kw_only=True)
class FileMissing(Missing):
    """
    There is no file of that name.
    """

    path: str

    def __str__(self) -> str:
        return f"{self.path}: there is no such file"


@attrs.frozen(kw_only=True)
class FileUnreadable(Unreachable):
    """
    The system does not let a file be read.
    """

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: cannot be read: {self.reason}"


@attrs.frozen(kw_only=True)
class NotARegularFile(Corrupt):
    """
    Where a plain file should be is a link, a folder, a pipe or a device.
    """

    path: str

    def __str__(self) -> str:
        return f"{self.path}: not a plain file; links, folders, pipes and devices are not read"


class FileWindow(io.RawIOBase):
    """
    A stretch of an open file, read as if it were the whole.
    """

    def __init__(self, file: io.FileIO, start: int, size: int, path: str = "") -> None:
        self._file = file
        self._at = 0
        #: Where the file is; "" when that is not known.
        self.path = path
        #: Where the stretch begins in the file, and how long it is, in bytes.
        self.start = start
        self.size = size
        file.seek(start)

    @property
    def is_whole(self) -> bool:
        """
        Whether the stretch is all of the file.
        """
        return self.start == 0 and self.size == os.fstat(self.fileno()).st_size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._file.fileno()

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        self._file.seek(self.start + self._at)
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        count = self._file.readinto(view[: max(0, self.size - self._at)]) or 0
        self._at += count
        return count

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def _text(path: str | os.PathLike[str]) -> str:
    return os.fspath(path)


@record
class FileOpener:
    """
    A file, or `size` bytes of it from `offset` on.

    Args:
        path: where it is.
        offset: where to begin, in bytes.
        size: how many bytes; None for all that follow.
        follow: whether the file may be a symbolic link.

    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     _ = file.write(b"hello world"), file.flush()
    ...     FileOpener(file.name, offset=6, size=3).open().read()
    b'wor'
    """

    path: str = attrs.field(converter=_text)
    offset: int = 0
    size: int | None = None
    follow: bool = attrs.field(default=True, kw_only=True)

    def open(self) -> FileWindow:
        """
        Open the bytes from their beginning.

        Raises:
            FileMissing: there is no such file.
            NotARegularFile: it is something else than a plain file.
            FileUnreadable: the system does not let it be read.
        """
        file = open_file(self.path, follow=self.follow)
        rest = max(0, os.fstat(file.fileno()).st_size - self.offset)
        size = rest if self.size is None else min(self.size, rest)
        return FileWindow(file, self.offset, size, self.path)


@record
class SliceOpener:
    """
    `size` bytes from `offset` on of what another opener gives.
    """

    inner: Opener
    offset: int
    size: int

    def open(self) -> Stream:
        """
        Open the bytes from their beginning.
        """
        return _Slice(self.inner.open(), self.offset, self.size)


class _Slice(io.RawIOBase):
    def __init__(self, stream: Stream, offset: int, size: int) -> None:
        self._stream = stream
        self._left = size
        skip(stream, offset)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        count = self._stream.readinto(memoryview(buffer).cast("B")[: self._left])
        self._left -= count
        return count

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


def skip(stream: Stream, count: int) -> None:
    """
    Pass over bytes of a stream, without reading them where it can seek.
    """
    if isinstance(stream, io.IOBase) and stream.seekable():
        stream.seek(count, io.SEEK_CUR)
        return
    buffer = memoryview(bytearray(min(count, 1 << 18)))
    while count and (seen := stream.readinto(buffer[:count])):
        count -= seen


def slice_of(opener: Opener, offset: int, size: int) -> FileOpener | SliceOpener:
    """
    Give the opener of a part of what `opener` gives; of a file, that part of the file.

    >>> slice_of(FileOpener("a.tar", 512), 100, 9)
    FileOpener(path='a.tar', offset=612, size=9, follow=True)
    """
    if isinstance(opener, FileOpener):
        offset += opener.offset
        return FileOpener(opener.path, offset, size, follow=opener.follow)
    return SliceOpener(opener, offset, size)


def open_file(path: str | bytes, *, follow: bool = True) -> io.FileIO:
    """
    Open a plain file to read it, and nothing that is not one.

    Raises:
        FileMissing: there is no such file.
        NotARegularFile: it is something else than a plain file.
        FileUnreadable: the system does not let it be read.
    """
    try:
        handle = os.open(path, _FLAGS | _NEVER_WAIT | (0 if follow else _NO_FOLLOW))
    except OSError as error:
        raise fault(path, error) from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise NotARegularFile(path=os.fsdecode(path))
    return io.FileIO(handle)


def fault(path: str | bytes, error: OSError) -> FileMissing | NotARegularFile | FileUnreadable:
    """
    Give our error for what the system said when a file was opened.
    """
    name = os.fsdecode(path)
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return FileMissing(path=name)
    if error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
        return NotARegularFile(path=name)
    return FileUnreadable(path=name, reason=error.strerror or str(error))
