"""
What is read from, and what can be opened.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol, Self, runtime_checkable

import attrs

from ocikit._records import record

if TYPE_CHECKING:
    # What files of Python read into; only checkers of types have a name for it yet.
    from _typeshed import WriteableBuffer as WriteableBuffer

#: How much is read at a time where nothing says otherwise, in bytes.
CHUNK: Final = 1 << 20


class Stream(Protocol):
    """
    A readable stream of bytes, as files and `io.BytesIO` are.
    """

    def read(self, size: int = -1, /) -> bytes:
        """
        Read up to `size` bytes; all that is left when negative; empty at the end.
        """
        ...

    def readinto(self, buffer: bytearray | memoryview, /) -> int:
        """
        Read into `buffer` and say how many bytes; 0 at the end.
        """
        ...

    def close(self) -> None:
        """
        Give back whatever the stream holds.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...


class FillingStream(io.BufferedIOBase):
    """
    A stream that only has to say how it fills a buffer: by `readinto`.

    As that may give less than there is room for, so may `read`.
    """

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(CHUNK), b""))
        buffer = bytearray(size)
        return bytes(memoryview(buffer)[: self.readinto(buffer)])

    def read1(self, size: int = -1, /) -> bytes:
        return self.read(CHUNK if size < 0 else size)


@runtime_checkable
class Opener(Protocol):
    """
    Something that can be opened again and again: a record of where bytes are.

    What it gives is unverified; only `Blob.open` hands bytes to others.
    """

    def open(self) -> Stream:
        """
        Open the bytes from their beginning.
        """
        ...


@runtime_checkable
class ResumableOpener(Opener, Protocol):
    """
    An opener of bytes from far away, that need not be read again from their beginning.

    Reading them may fail one time and not another: who finds them wrong asks once more.
    """

    def open_at(self, offset: int) -> Stream:
        """
        Open the bytes from `offset` on.
        """
        ...


@record
class BytesOpener:
    """
    Bytes in memory.

    >>> BytesOpener(b"hello").open().read()
    b'hello'
    """

    data: bytes = attrs.field(repr=lambda data: f"<{len(data)} bytes>")

    def open(self) -> Stream:
        """
        Read the bytes from their beginning.
        """
        return io.BytesIO(self.data)


def chunks(stream: Stream, size: int = CHUNK) -> Iterator[bytes]:
    """
    Read a stream to its end in pieces of up to `size` bytes.

    >>> [len(chunk) for chunk in chunks(io.BytesIO(bytes(5)), 2)]
    [2, 2, 1]
    """
    while chunk := stream.read(size):
        yield chunk
