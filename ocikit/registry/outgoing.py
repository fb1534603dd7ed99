"""
A blob's bytes on their way into a registry.
"""

from __future__ import annotations

import io
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ocikit.content.blob import Blob
from ocikit.content.spool import SpoolOpener
from ocikit.content.streams import Stream
from ocikit.errors import OciError
from ocikit.files.opener import FileOpener
from ocikit.progress import Event
from ocikit.registry.target import Target

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer


class Outgoing:
    """
    A blob's bytes on their way out: counted, and stopped when other parts fail.

    It is an opener; opened again, it takes back what was counted. Why it could not be
    read is kept: what carries it may only tell that it broke off.

    What lies in a file, also in one that we made, is not hashed on its way, for the
    registry hashes it, and one hash more costs a third of the time: only when the registry
    finds something wrong is it verified here too, to say whose fault it was.
    """

    def __init__(self, blob: Blob, target: Target) -> None:
        self._blob = blob
        self._target = target
        #: How much was handed out since it was opened last, in bytes.
        self.moved = 0
        self._is_file = isinstance(blob.opener, FileOpener | SpoolOpener)
        self.failure: OciError | None = None

    def open(self) -> Stream:
        """
        Open the blob from its beginning.
        """
        self.rewind()
        with self.failing():
            plain = self._is_file and self._blob.descriptor.data is None
            stream = self._blob.opener.open() if plain else self._blob.open()
            return _OutgoingStream(stream, self)

    def verify(self) -> None:
        """
        Read what was sent unverified once more.

        Raises:
            Corrupt: it is not what it should be.
        """
        if self._is_file:
            with self._blob.open() as stream:
                stream.drain()

    @contextmanager
    def failing(self) -> Generator[None, None, None]:
        """
        Keep the error that a block ends with.
        """
        try:
            yield
        except OciError as error:
            self.failure = error
            raise

    def rewind(self) -> None:
        """
        Begin anew: take back what was counted, and forget why it failed.
        """
        self.failure = None
        if self.moved:
            self._target.tell(Event.MOVED, self._blob, -self.moved)
            self.moved = 0

    def count(self, count: int) -> None:
        """
        Count what moved.

        Raises:
            Stopped: another part has failed.
        """
        self._target.stop.check()
        if count:
            self.moved += count
            self._target.tell(Event.MOVED, self._blob, count)


class _OutgoingStream(io.BufferedIOBase):
    def __init__(self, stream: Stream, outgoing: Outgoing) -> None:
        self._stream = stream
        self._outgoing = outgoing

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        with self._outgoing.failing():
            count = self._stream.readinto(memoryview(buffer))
            self._outgoing.count(count)
            return count

    def read(self, size: int | None = -1, /) -> bytes:
        with self._outgoing.failing():
            data = self._stream.read(-1 if size is None else size)
            self._outgoing.count(len(data))
            return data

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()
