"""
A blob's bytes into a file or a stream, verified on the way.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from typing import Final, Protocol, TypeVar, runtime_checkable

from ocikit.content.blob import Blob
from ocikit.content.streams import Opener, ResumableOpener, Stream
from ocikit.content.verify import DigestMismatch, VerifiedStream
from ocikit.digest import finish, hasher
from ocikit.files.arrival import BUFFER, receive
from ocikit.files.atomic import write_at
from ocikit.files.opener import FileWindow
from ocikit.files.part import Mark
from ocikit.progress import Event, Report, Update, quiet

#: How much the kernel copies at a time, between two reports.
_STRIDE: Final = 1 << 23
#: What the kernel says when it cannot copy these files; anything else is a real fault.
_CANNOT: Final = frozenset(
    [errno.EBADF, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EXDEV]
)


T = TypeVar("T")
R = TypeVar("R")


class Map(Protocol):
    """
    A way to call a function with many things, as `map` and that of executors are.
    """

    def __call__(self, f: Callable[[T], R], things: Iterable[T], /) -> Iterable[R]: ...


@runtime_checkable
class TellingOpener(Opener, Protocol):
    """
    An opener that may fetch all bytes before it gives any, and reports that.
    """

    def open_told(self, report: Report) -> Stream:
        """
        Open the bytes from their beginning.
        """
        ...


class Sink(Protocol):
    """
    Something that takes bytes in order, as files and sockets do.
    """

    def write(self, data: memoryview, /) -> int | None:
        """
        Take bytes; the number taken, or None for all.
        """
        ...


def pour(
    blob: Blob,
    target: int,
    offset: int = 0,
    *,
    report: Report = quiet,
    mark: Mark | None = None,
) -> None:
    """
    Write a blob's content to an open file, from `offset` on.

    Content of another file is copied by the kernel, which shares the blocks where the
    file system can; it is what arrived that is hashed. Several blobs may be poured into
    different places of one file at the same time. What comes from far away and is wrong
    is read once more, and goes on where `mark` says that it had come to.

    Args:
        blob: what to write.
        target: the descriptor of a file that is open to be read and written.
        offset: where to, in bytes.
        report: hears of bytes moved.
        mark: how much of it is there already; told how much came.

    Raises:
        DigestMismatch, SizeMismatch: the content is not what its descriptor says; what
            was written so far stays for the caller to throw away.
    """
    opener = blob.opener
    if blob.descriptor.data is not None:
        with blob.open() as verified:
            _by_buffer(blob, verified, target, offset, report)
        return
    if isinstance(opener, ResumableOpener):
        receive(blob, target, offset, report, mark or Mark())
        return
    stream, report = _opened(opener, report)
    with VerifiedStream(stream, blob.digest, blob.size) as verified:
        if isinstance(stream, FileWindow) and stream.size == blob.size:
            if _by_kernel(blob, stream, target, offset, report):
                return
            stream.seek(0)
        _by_buffer(blob, verified, target, offset, report)


def _opened(opener: Opener, report: Report) -> tuple[Stream, Report]:
    """
    Open bytes, and give the report for what moves then: of one move it is told once.
    """
    if not isinstance(opener, TellingOpener):
        return opener.open(), report
    moved: list[Event] = []

    def note(update: Update) -> None:
        if update.event in (Event.MOVED, Event.RESUMED, Event.RETRIED):
            moved.append(update.event)
            report(update)

    stream = opener.open_told(note)
    return stream, quiet if moved else report


def send(blob: Blob, sink: Sink, *, report: Report = quiet) -> None:
    """
    Write a blob's content to a stream, in order.

    Raises:
        DigestMismatch, SizeMismatch: the content is not what its descriptor says, found
            out before its last byte is written.
    """
    buffer = memoryview(bytearray(min(BUFFER, blob.size or 1)))
    with blob.open() as stream:
        while count := stream.readinto(buffer):
            send_all(sink, buffer[:count])
            report(Update(event=Event.MOVED, digest=blob.digest, bytes=count))


def send_all(sink: Sink, data: bytes | memoryview) -> None:
    """
    Write all of `data`, however little the sink takes at once.
    """
    view = memoryview(data)
    while view:
        taken = sink.write(view)
        view = view[len(view) if taken is None else taken :]


def _by_buffer(
    blob: Blob, stream: VerifiedStream, target: int, offset: int, report: Report
) -> None:
    buffer = memoryview(bytearray(min(BUFFER, blob.size or 1)))
    while count := stream.readinto(buffer):
        write_at(target, buffer[:count], offset)
        offset += count
        report(Update(event=Event.MOVED, digest=blob.digest, bytes=count))


def _by_kernel(blob: Blob, window: FileWindow, target: int, offset: int, report: Report) -> bool:
    copy = getattr(os, "copy_file_range", None)
    if copy is None:
        return False
    running = hasher(blob.digest.algorithm)
    buffer = memoryview(bytearray(min(BUFFER, blob.size or 1)))
    done = 0
    while done < blob.size:
        stride = min(_STRIDE, blob.size - done)
        try:
            count = copy(window.fileno(), target, stride, window.start + done, offset + done)
        except OSError as error:
            if done == 0 and error.errno in _CANNOT:
                return False
            raise
        if count == 0:
            # The file became shorter: the other way finds that out and says it.
            return False
        for at in range(offset + done, offset + done + count, len(buffer)):
            part = buffer[: min(len(buffer), offset + done + count - at)]
            _read_at(target, part, at)
            running.update(part)
        done += count
        report(Update(event=Event.MOVED, digest=blob.digest, bytes=count))
    actual = finish(running)
    if actual != blob.digest:
        raise DigestMismatch(expected=blob.digest, actual=actual)
    return True


def _read_at(target: int, part: memoryview, offset: int) -> None:
    while part:
        count = os.preadv(target, [part], offset)
        part, offset = part[count:], offset + count
