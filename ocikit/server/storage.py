"""
Where a registry keeps what it is given: the port that memory, disks and object stores fill.

Repositories share bytes but not membership: content is in a repository only when it was
pushed or mounted there. All texts that reach a storage have passed the strict grammar of
names, tags and digests, so that they are safe in paths and keys.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Final, Protocol

import attrs

from ocikit._records import record
from ocikit.content.streams import Opener, Stream
from ocikit.digest import Digest
from ocikit.errors import Invalid, Missing, Unreachable
from ocikit.spec.descriptor import Descriptor


@record(kw_only=True)
class StoredBlob:
    """
    A blob that a repository holds: its size in bytes, and how to read it.
    """

    size: int
    opener: Opener


@record(kw_only=True)
class StoredManifest:
    """
    A manifest that a repository holds: exactly the bytes and the type it was pushed with.
    """

    media_type: str
    data: bytes = attrs.field(repr=lambda data: f"<{len(data)} bytes>")
    #: The manifest that this one is about, and how it is listed among its referrers.
    subject: Digest | None = None
    referrer: Descriptor | None = None


@attrs.frozen(kw_only=True)
class UploadUnknown(Missing):
    """
    There is no such upload session in the repository: it ended, or never was.
    """

    repository: str
    upload: str

    def __str__(self) -> str:
        return f"{self.repository} has no upload {self.upload!r}; begin a new one"


@attrs.frozen(kw_only=True)
class UploadOutOfOrder(Invalid):
    """
    A chunk does not begin where the one before it ended.
    """

    expected: int
    begins: int

    def __str__(self) -> str:
        return f"the chunk begins at byte {self.begins}, the upload is at {self.expected}"


@attrs.frozen(kw_only=True)
class ChunkLengthWrong(Invalid):
    """
    A chunk is not as long as its `Content-Range` says.
    """

    expected: int
    actual: int

    def __str__(self) -> str:
        kind = "more than" if self.actual > self.expected else f"{self.actual} of"
        return f"the chunk has {kind} the {self.expected} bytes of its Content-Range"


_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@attrs.frozen(kw_only=True)
class StorageFailed(Unreachable):
    """
    The place that keeps the content does not do what it should: it is full, or broken.
    """

    reason: str
    full: bool = False

    def __str__(self) -> str:
        return f"the registry's storage failed: {self.reason}"


class _Failing:
    # Not a generator: it is around all that is asked of a disk, and costs a fifth of one.
    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and not isinstance(error, ConnectionError | TimeoutError):
            reason = error.strerror or type(error).__name__
            raise StorageFailed(reason=reason, full=error.errno in _FULL) from error


_FAILING: Final = _Failing()


def failing() -> AbstractContextManager[None]:
    """
    Turn what the system says of a disk into an error of the storage.

    What it says of a client's connection is left as it is.

    Raises:
        StorageFailed: something was wrong in the block.
    """
    return _FAILING


class Storage(Protocol):
    """
    What a registry needs of a place that keeps its content.

    Every method may be called from several threads at once, and each is one step that
    others see whole or not at all. What a method has returned from is kept.
    """

    def repositories(self, last: str, limit: int) -> Sequence[str]:
        """
        List up to `limit` repositories that come after `last`, in ASCII order.
        """
        ...

    def blob(self, repository: str, digest: Digest) -> StoredBlob | None:
        """
        Find a blob of a repository.
        """
        ...

    def holders(self, digest: Digest) -> Iterable[str]:
        """
        Find the repositories that hold a blob.
        """
        ...

    def mount(self, repository: str, digest: Digest, source: str) -> bool:
        """
        Make a blob of `source` one of `repository` too; False when it is not there.
        """
        ...

    def drop_blob(self, repository: str, digest: Digest) -> bool:
        """
        Take a blob out of a repository; False when it is not there.
        """
        ...

    def begin(self, repository: str, algorithm: str) -> str:
        """
        Begin an upload, of a digest that is likely of that algorithm; gives its name, a
        UUID in hexadecimal (distribution-spec, "POST then PUT").
        """
        ...

    def received(self, repository: str, upload: str) -> int:
        """
        Tell how many bytes an upload has.

        Raises:
            UploadUnknown: there is none of that name in the repository.
        """
        ...

    def receive(
        self, repository: str, upload: str, stream: Stream, at: int | None, length: int | None
    ) -> int:
        """
        Add a stream to an upload, and tell how many bytes it has then.

        `at` is where the stream begins and `length` how long it is, where that is known.
        What was received before the stream broke is kept, so that it can be resumed.

        Raises:
            UploadUnknown: there is none of that name in the repository.
            UploadOutOfOrder: `at` is not where the upload stands.
            ChunkLengthWrong: the stream is not of that length; nothing of it is kept.
        """
        ...

    def commit(self, repository: str, upload: str, digest: Digest) -> None:
        """
        End an upload: its bytes become a blob of the repository.

        Raises:
            UploadUnknown: there is none of that name in the repository.
            DigestMismatch: the bytes are not those; the upload is gone.
        """
        ...

    def cancel(self, repository: str, upload: str) -> None:
        """
        End an upload and forget its bytes.

        Raises:
            UploadUnknown: there is none of that name in the repository.
        """
        ...

    def manifest(self, repository: str, digest: Digest) -> StoredManifest | None:
        """
        Find a manifest of a repository.
        """
        ...

    def keep(
        self, repository: str, digest: Digest, manifest: StoredManifest, tags: Iterable[str]
    ) -> None:
        """
        Keep a manifest in a repository, and point these tags to it.
        """
        ...

    def drop_manifest(self, repository: str, digest: Digest) -> bool:
        """
        Remove a manifest and all tags that point to it; False when it is not there.
        """
        ...

    def tagged(self, repository: str, tag: str) -> Digest | None:
        """
        Find what a tag points to.
        """
        ...

    def untag(self, repository: str, tag: str) -> bool:
        """
        Remove a tag, and no more than that; False when it is not there.
        """
        ...

    def tags(self, repository: str, last: str, limit: int) -> Sequence[str] | None:
        """
        List up to `limit` tags that come after `last`, in ASCII order.

        None when there is no such repository: one that holds no blob and no manifest.
        """
        ...

    def referrers(self, repository: str, subject: Digest) -> Sequence[Descriptor]:
        """
        List the manifests that have this subject, in the order of their digests.
        """
        ...
