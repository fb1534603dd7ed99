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
    from ocikit.content.streams import WriteableBuffer
    from ocikit.digest import Hashing
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

    def __init__(
        self, stream: Stream, digest: Digest, size: int, hash: Hashing | None = None
    ) -> None:
        """
        Args:
            stream: what is read.
            digest: of what should come.
            size: of it, in bytes.
            hash: takes the digest, where it is to be taken in a way of its own.
        """
        self._stream = stream
        self._digest = digest
        self._size = size
        self._seen = 0
        self._hash = hasher(digest.algorithm) if hash is None else hash
        self._verified = False
        self._failure: Corrupt | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if not len(view):
            return 0
        wanted = min(len(view), self._left())
        count = self._stream.readinto(view[:wanted]) if wanted else 0
        self._take(view[:count])
        return count

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(CHUNK), b""))
        if not size:
            return b""
        wanted = min(size, self._left())
        data = self._stream.read(wanted) if wanted else b""
        self._take(data)
        return data

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

    def _left(self) -> int:
        if self._failure is not None:
            raise self._failure
        return self._size - self._seen

    def _take(self, data: bytes | memoryview) -> None:
        self._hash.update(data)
        self._seen += len(data)
        if self._verified or (data and self._seen < self._size):
            return
        self._failure = self._judge()
        if self._failure is not None:
            raise self._failure
        self._verified = True

    def _judge(self) -> Corrupt | None:
        # One byte more than there should be is asked for, so that surplus is seen.
        seen = self._seen + (len(self._stream.read(1)) if self._seen == self._size else 0)
        if seen != self._size:
            return SizeMismatch(digest=self._digest, expected=self._size, actual=seen)
        actual = finish(self._hash)
        if actual != self._digest:
            return DigestMismatch(expected=self._digest, actual=actual)
        return None


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
