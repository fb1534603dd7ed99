"""
Blobs: a descriptor, and how to open what it names.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

import attrs

from ocikit._records import record
from ocikit.content.streams import BytesOpener, Opener, ResumableOpener
from ocikit.content.verify import VerifiedStream, check
from ocikit.digest import Digest
from ocikit.errors import Corrupt
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import MAX_CONFIG, DocumentTooLarge

if TYPE_CHECKING:
    from ocikit.name.records import Repository


#: How often a document from far away is read anew that came wrong.
_REREADINGS: Final = 2


@record(kw_only=True)
class Blob:
    """
    Content by digest, opened when it is needed.

    Opening gives exactly the bytes that the digest names, or raises `Corrupt`,
    `Missing` or `Unreachable`. Blobs are equal when their digests are.
    """

    descriptor: Descriptor = attrs.field(eq=lambda descriptor: descriptor.digest)
    opener: Opener = attrs.field(eq=False)
    #: The repository it was loaded from: whence a registry can mount it.
    origin: Repository | None = attrs.field(default=None, eq=False)

    @property
    def digest(self) -> Digest:
        """
        The digest of the content.
        """
        return self.descriptor.digest

    @property
    def size(self) -> int:
        """
        The size of the content in bytes.
        """
        return self.descriptor.size

    @property
    def media_type(self) -> str:
        """
        The media type of the content.
        """
        return self.descriptor.media_type

    def open(self) -> VerifiedStream:
        """
        Open the content; it is verified as it is read.

        Inline `data` of the descriptor is used before the opener.

        >>> of_bytes(b"{}", "application/vnd.oci.empty.v1+json").open().read()
        b'{}'
        """
        data = self.descriptor.data
        stream = BytesOpener(data).open() if data is not None else self.opener.open()
        return VerifiedStream(stream, self.digest, self.size)

    @functools.cached_property
    def content(self) -> bytes:
        """
        The content itself, kept in memory: for documents, never for layers.

        Raises:
            DocumentTooLarge: it is larger than 8 MiB.
        """
        if self.size > MAX_CONFIG:
            raise DocumentTooLarge(what=str(self.digest), size=self.size, limit=MAX_CONFIG)
        if isinstance(self.opener, BytesOpener):
            return check(self.opener.data, self.descriptor)
        again = _REREADINGS if isinstance(self.opener, ResumableOpener) else 0
        while True:
            try:
                with self.open() as stream:
                    return stream.read()
            except Corrupt:
                # A bit that flipped on the way need not do so again.
                if not again:
                    raise
                again -= 1


@runtime_checkable
class CompositeOpener(Opener, Protocol):
    """
    An opener of a document that is not understood, but for the blobs that it needs.
    """

    def parts(self) -> tuple[Blob, ...]:
        """
        Find the blobs.
        """
        ...


def of_bytes(data: bytes, media_type: str, algorithm: str = "sha256") -> Blob:
    """
    Make a blob of bytes in memory.

    >>> of_bytes(b"{}", "application/json").size
    2
    """
    digest = Digest.of(data, algorithm)
    descriptor = Descriptor(media_type=media_type, digest=digest, size=len(data))
    return Blob(descriptor=descriptor, opener=BytesOpener(data))
