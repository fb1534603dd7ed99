"""
A blob from far away into a file: gone on with, and read again when it came wrong.
"""

from __future__ import annotations

import io
import itertools
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ocikit.content.ahead import HashBeside
from ocikit.content.blob import Blob
from ocikit.content.streams import CHUNK, ResumableOpener, Stream
from ocikit.content.verify import VerifiedStream
from ocikit.digest import Hashing
from ocikit.errors import Corrupt
from ocikit.files.atomic import write_at
from ocikit.files.part import Mark
from ocikit.progress import Event, Report, Update

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer

#: What fits a core's own cache: hashed and written before it is forgotten.
BUFFER: Final = 1 << 18
#: From so many bytes on they are hashed beside: a thread costs more than small ones gain.
LARGE: Final = 8 << 20
#: How often a blob is read, in all, that comes wrong.
_READINGS: Final = 3


def receive(blob: Blob, target: int, offset: int, report: Report, mark: Mark) -> None:
    """
    Write a blob to a place in a file, less what `mark` says is there.

    Args:
        blob: what is to come; its opener is resumable.
        target: the descriptor of a file that is open to be read and written.
        offset: where to, in bytes.
        report: hears of bytes that were there, and of those that moved.
        mark: is told how much came.

    Raises:
        DigestMismatch, SizeMismatch: it is not what its descriptor says, each time.
        Missing, Refused, Unreachable: it could not be had.
    """
    for reading in range(1, _READINGS + 1):
        had = mark.count
        try:
            _receive(blob, target, offset, report, mark)
        except Corrupt:
            _tell(blob, report, Event.RESUMED, -had)
            _tell(blob, report, Event.MOVED, had - mark.count)
            mark.set(0)
            if reading == _READINGS:
                raise
            _tell(blob, report, Event.RETRIED)
        else:
            return


def _receive(blob: Blob, target: int, offset: int, report: Report, mark: Mark) -> None:
    if blob.size - mark.count < LARGE:
        buffer = memoryview(bytearray(min(BUFFER, blob.size or 1)))
        with _opened(blob, target, offset, mark.count) as stream:
            _take(blob, stream, itertools.repeat(buffer), (target, offset), report, mark)
    else:
        with (
            HashBeside(blob.digest.algorithm, CHUNK) as beside,
            _opened(blob, target, offset, mark.count, beside) as stream,
        ):
            buffers = itertools.cycle(beside.buffers)
            _take(blob, stream, buffers, (target, offset), report, mark)


def _take(
    blob: Blob,
    stream: Stream,
    buffers: Iterator[memoryview],
    place: tuple[int, int],
    report: Report,
    mark: Mark,
) -> None:
    """
    Write what `mark` does not have, by way of buffers of which each is filled in its turn.
    """
    target, offset = place
    had = at = mark.count
    _tell(blob, report, Event.RESUMED, had)
    while had and (count := stream.readinto(next(buffers)[:had])):
        had -= count
    while count := stream.readinto(buffer := next(buffers)):
        write_at(target, buffer[:count], offset + at)
        at += count
        mark.set(at)
        report(Update(event=Event.MOVED, digest=blob.digest, bytes=count))


def _opened(
    blob: Blob, target: int, offset: int, had: int, hash: Hashing | None = None
) -> VerifiedStream:
    if not had:
        return VerifiedStream(blob.opener.open(), blob.digest, blob.size, hash)
    assert isinstance(blob.opener, ResumableOpener)
    rest = None if had == blob.size else blob.opener.open_at(had)
    stream = _Continued(target, offset, had, rest)
    return VerifiedStream(stream, blob.digest, blob.size, hash)


def _tell(blob: Blob, report: Report, event: Event, count: int = 0) -> None:
    if count or event is Event.RETRIED:
        report(Update(event=event, digest=blob.digest, bytes=count))


class _Continued(io.RawIOBase):
    """
    What lies in a file already, and then the rest.
    """

    def __init__(self, file: int, offset: int, had: int, rest: Stream | None) -> None:
        self._file = file
        self._at = offset
        self._end = offset + had
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if self._at < self._end:
            count = os.preadv(self._file, [view[: self._end - self._at]], self._at)
            self._at += count
            return count
        return 0 if self._rest is None else self._rest.readinto(view)

    def close(self) -> None:
        if self._rest is not None:
            self._rest.close()
        super().close()
