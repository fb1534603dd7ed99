"""
A storage in an object store: for registries whose machines come and go.

Keys, of which none but tags and what is said of manifests is ever written again::

    blobs/sha256/HEX                                content, each once
    holders/sha256/HEX/library/debian/_             which repositories hold it as a blob
    repositories/library/debian/_blobs/sha256/HEX   its size: a blob of the repository
    repositories/library/debian/_manifests/...      what a manifest is, and its bytes
    repositories/library/debian/_referrers/SUBJECT/sha256/HEX
    repositories/library/debian/_tags/TAG           the digest that a tag points to

Nothing is compared and swapped, for that few stores can: each object is whole by itself,
and what is pointed to is there before what points.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ocikit.content.streams import Stream
from ocikit.content.verify import DigestMismatch
from ocikit.digest import Digest
from ocikit.name import grammar
from ocikit.server.disk.holdings import decode, encode, kept_of, manifest_of, referrer_of
from ocikit.server.disk.places import Places
from ocikit.server.disk.system import System, Writer
from ocikit.server.disk.uploads import Uploads
from ocikit.server.garbage import EXPIRES
from ocikit.server.objects.store import Bucket, ObjectOpener
from ocikit.server.storage import StoredBlob, StoredManifest, UploadUnknown, failing
from ocikit.spec.descriptor import Descriptor

if TYPE_CHECKING:
    from obstore.store import ObjectStore


#: Seconds between two looks for uploads that nobody goes on with.
_LOOK: Final = 3600.0


def _path(digest: Digest) -> str:
    return f"{digest.algorithm}/{digest.hex}"


class Objects:
    """
    A storage in an object store of obstore's: S3, Google's, Azure's, or any other.

    Uploads gather in a folder of this machine, since objects cannot be added to, and are
    put when they are whole; to resume one a client has to come back to the same machine.
    Several machines may serve one store. A listing of tags reads the names of all of them.

    Uploads that nobody goes on with for a week are forgotten, when others begin.

    Args:
        store: one of `obstore.store`.
        spool: the folder for uploads under way; a temporary one when None.
        clock: gives the time, in seconds since the epoch.

    >>> from obstore.store import MemoryStore
    >>> Objects(MemoryStore()).repositories("", 10)
    []
    """

    def __init__(
        self,
        store: ObjectStore,
        spool: str | os.PathLike[str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._bucket = Bucket(store)
        self._clock, self._looked = clock, 0.0
        root = tempfile.mkdtemp() if spool is None else os.fspath(spool)
        # What is temporary goes with the storage that it is of.
        goes = [root] if spool is None else []
        #: Removes the folder for uploads, if it is a temporary one.
        self.close = weakref.finalize(self, _remove, goes)
        places = Places(os.path.abspath(root))
        for folder in (places.uploads, places.temporary):
            os.makedirs(folder, exist_ok=True)
        self._uploads = Uploads(places, Writer(System(), places.temporary, durable=False))

    def repositories(self, last: str, limit: int) -> Sequence[str]:
        """
        List repositories, see `Storage`.
        """
        names = sorted(name for name in self._names("") if name > last)
        return names[:limit]

    def blob(self, repository: str, digest: Digest) -> StoredBlob | None:
        """
        Find a blob of a repository.
        """
        size = self._bucket.read(self._member(repository, digest))
        if size is None:
            return None
        return StoredBlob(size=int(size), opener=ObjectOpener(self._bucket, _content(digest)))

    def holders(self, digest: Digest) -> Iterable[str]:
        """
        Find the repositories that hold a blob.
        """
        for key in self._bucket.below(f"holders/{_path(digest)}"):
            name = key.removesuffix("/_")
            if self.blob(name, digest) is not None:
                yield name

    def mount(self, repository: str, digest: Digest, source: str) -> bool:
        """
        Make a blob of one repository one of another, see `Storage`.
        """
        blob = self.blob(source, digest)
        if blob is not None:
            self._join(repository, digest, blob.size)
        return blob is not None

    def drop_blob(self, repository: str, digest: Digest) -> bool:
        """
        Take a blob out of a repository.
        """
        gone = self._bucket.remove(self._member(repository, digest))
        self._bucket.remove(f"holders/{_path(digest)}/{repository}/_")
        return gone

    def begin(self, repository: str, algorithm: str) -> str:
        """
        Begin an upload, see `Storage`.
        """
        now = self._clock()
        if now - self._looked > _LOOK:
            self._looked = now
            self.expire(now - EXPIRES)
        with failing():
            return self._uploads.begin(repository, algorithm)

    def expire(self, before: float) -> int:
        """
        Forget the uploads to which nothing was added since; gives how many.

        Args:
            before: in seconds since the epoch.
        """
        count = 0
        with failing():
            for repository, upload, _ in list(self._uploads.expired(before)):
                with suppress(UploadUnknown):
                    self._uploads.forget(self._uploads.end(repository, upload))
                    count += 1
        return count

    def received(self, repository: str, upload: str) -> int:
        """
        Tell how many bytes an upload has.
        """
        with failing():
            return self._uploads.find(repository, upload).size

    def receive(
        self, repository: str, upload: str, stream: Stream, at: int | None, length: int | None
    ) -> int:
        """
        Add a stream to an upload, see `Storage`.
        """
        with failing():
            session = self._uploads.find(repository, upload)
            return self._uploads.receive(session, stream, at, length)

    def commit(self, repository: str, upload: str, digest: Digest) -> None:
        """
        End an upload: its bytes become a blob, see `Storage`.
        """
        with failing():
            session = self._uploads.end(repository, upload)
            try:
                actual = session.digest(digest.algorithm)
                if actual != digest:
                    raise DigestMismatch(expected=digest, actual=actual)
                if self._bucket.size(_content(digest)) != session.size:
                    self._bucket.write(_content(digest), Path(session.path))
                self._join(repository, digest, session.size)
            finally:
                self._uploads.forget(session)

    def cancel(self, repository: str, upload: str) -> None:
        """
        End an upload and forget its bytes.
        """
        with failing():
            self._uploads.forget(self._uploads.end(repository, upload))

    def manifest(self, repository: str, digest: Digest) -> StoredManifest | None:
        """
        Find a manifest of a repository.

        Raises:
            DigestMismatch: it was damaged in the store.
        """
        key = f"{_of(repository)}/_manifests/{_path(digest)}"
        head, _, data = (self._bucket.read(key) or b"").partition(b"\n")
        if not head:
            return None
        actual = Digest.of(data, digest.algorithm)
        if actual != digest:
            raise DigestMismatch(expected=digest, actual=actual)
        return manifest_of(decode(head, key), data)

    def keep(
        self, repository: str, digest: Digest, manifest: StoredManifest, tags: Iterable[str]
    ) -> None:
        """
        Keep a manifest in a repository, and point these tags to it.
        """
        root = _of(repository)
        said = encode(kept_of(manifest))
        self._bucket.write(f"{root}/_manifests/{_path(digest)}", said + b"\n" + manifest.data)
        if manifest.subject is not None:
            self._bucket.write(_referrer(root, manifest.subject, digest), said)
        for tag in tags:
            self._bucket.write(f"{root}/_tags/{tag}", str(digest).encode())

    def drop_manifest(self, repository: str, digest: Digest) -> bool:
        """
        Remove a manifest and all tags that point to it.
        """
        found = self.manifest(repository, digest)
        if found is None:
            return False
        for tag in self._tags(repository):
            if self.tagged(repository, tag) == digest:
                self.untag(repository, tag)
        root = _of(repository)
        if found.subject is not None:
            self._bucket.remove(_referrer(root, found.subject, digest))
        return self._bucket.remove(f"{root}/_manifests/{_path(digest)}")

    def tagged(self, repository: str, tag: str) -> Digest | None:
        """
        Find what a tag points to.
        """
        text = self._bucket.read(f"{_of(repository)}/_tags/{tag}")
        return None if text is None else Digest.parse(text.decode())

    def untag(self, repository: str, tag: str) -> bool:
        """
        Remove a tag, and no more than that.
        """
        return self._bucket.remove(f"{_of(repository)}/_tags/{tag}")

    def tags(self, repository: str, last: str, limit: int) -> Sequence[str] | None:
        """
        List the tags of a repository, see `Storage`.
        """
        found = sorted(tag for tag in self._tags(repository) if tag > last)[:limit]
        return found if found or self._exists(repository) else None

    def referrers(self, repository: str, subject: Digest) -> Sequence[Descriptor]:
        """
        List the manifests that have this subject.
        """
        prefix = f"{_of(repository)}/_referrers/{subject.algorithm}-{subject.hex}"
        read = ((key, self._bucket.read(f"{prefix}/{key}")) for key in self._bucket.below(prefix))
        found = [decode(data, key) for key, data in read if data is not None]
        return sorted(map(referrer_of, found), key=lambda each: str(each.digest))

    def _join(self, repository: str, digest: Digest, size: int) -> None:
        self._bucket.write(f"holders/{_path(digest)}/{repository}/_", b"")
        self._bucket.write(self._member(repository, digest), str(size).encode())

    def _member(self, repository: str, digest: Digest) -> str:
        return f"{_of(repository)}/_blobs/{_path(digest)}"

    def _tags(self, repository: str) -> list[str]:
        return list(self._bucket.below(f"{_of(repository)}/_tags"))

    def _exists(self, repository: str) -> bool:
        parts = (f"{_of(repository)}/{part}" for part in ("_blobs", "_manifests"))
        keys = itertools.chain.from_iterable(map(self._bucket.below, parts))
        return next(keys, None) is not None

    def _names(self, above: str) -> Iterator[str]:
        for part in self._bucket.folders(f"repositories/{above}".rstrip("/")):
            name = f"{above}/{part}" if above else part
            if grammar.is_path(part):
                if self._exists(name):
                    yield name
                yield from self._names(name)


def _remove(folders: list[str]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _of(repository: str) -> str:
    return f"repositories/{repository}"


def _content(digest: Digest) -> str:
    return f"blobs/{_path(digest)}"


def _referrer(root: str, subject: Digest, digest: Digest) -> str:
    return f"{root}/_referrers/{subject.algorithm}-{subject.hex}/{_path(digest)}"
