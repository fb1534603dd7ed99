"""
The gate that every byte passes: counted, hashed, bounded.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import attrs

from ocikit.content.streams import CHUNK, Stream
from ocikit.digest import Digest, finish, hasher
from ocikit.errors import Corrupt

if TYPE_CHECKING:
    from ocikit.spec.descriptor import Descriptor


@attrs.frozen(kw_only=True)
class DigestMismatch(Corrupt):
    """
    Content is not what its digest names.
    """

    expected: Digest
    actual: Digest

    def __str__(self) -> str:
        return f"content of {self.expected} hashes to {self.actual}; it was altered on the way"


@attrs.frozen(kw_only=True)
class SizeMismatch(Corrupt):
    """
    Content is shorter or longer than its descriptor says.
    """

    digest: Digest
    expected: int
    #: Bytes seen; one more than expected when there was more to come.
    actual: int

    def __str__(self) -> str:
        kind = "more than" if self.actual > self.expected else f"{self.actual} of"
        return f"content of {self.digest} has {kind} the {self.expected} bytes it should have"


class VerifiedStream(io.BufferedIOBase):
    """
    A stream that raises instead of ending when its bytes were not the right ones.

    The last byte is handed out only when the whole is known to be right, so whoever
    reads to the end has verified content. Who stops early calls `drain`.
    """

    def __init__(self, stream: Stream, digest: Digest, size: int) -> None:
        self._stream = stream
        self._digest = digest
        self._size = size
        self._seen = 0
        self._hash = hasher(digest.algorithm)
        self._verified = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        # One byte more than is left is asked for, so that surplus is seen.
        view = memoryview(buffer).cast("B")
        if not len(view):
            return 0
        wanted = min(len(view), self._size - self._seen)
        if wanted == 0:
            self._finish()
            return 0
        count = self._stream.readinto(view[:wanted])
        if not count:
            raise self._wrong_size()
        self._hash.update(view[:count])
        self._seen += count
        if self._seen == self._size:
            self._finish()
        return count

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(CHUNK), b""))
        buffer = bytearray(min(size, max(self._size - self._seen, 1)))
        count = self.readinto(buffer)
        return bytes(memoryview(buffer)[:count])

    def read1(self, size: int = -1, /) -> bytes:
        return self.read(CHUNK if size < 0 else size)

    def drain(self) -> None:
        """
        Read what is left, so that the whole is verified.

        Raises:
            DigestMismatch: the content is not what its digest names.
            SizeMismatch: it is too short or too long.
        """
        buffer = bytearray(CHUNK)
        while self.readinto(buffer):
            pass

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()

    def _finish(self) -> None:
        if self._verified:
            return
        if self._stream.read(1):
            self._seen += 1
            raise self._wrong_size()
        actual = finish(self._hash)
        if actual != self._digest:
            raise DigestMismatch(expected=self._digest, actual=actual)
        self._verified = True

    def _wrong_size(self) -> SizeMismatch:
        return SizeMismatch(digest=self._digest, expected=self._size, actual=self._seen)


def check(data: bytes, descriptor: Descriptor) -> bytes:
    """
    Return `data` when it is what `descriptor` names.

    Raises:
        SizeMismatch: it is shorter or longer.
        DigestMismatch: it is other content of that size.
    """
    if len(data) != descriptor.size:
        raise SizeMismatch(digest=descriptor.digest, expected=descriptor.size, actual=len(data))
    actual = Digest.of(data, descriptor.digest.algorithm)
    if actual != descriptor.digest:
        raise DigestMismatch(expected=descriptor.digest, actual=actual)
    return data
