"""
A storage in memory: for tests, and for pipelines that keep nothing.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import attrs

from ocikit.content.streams import Stream
from ocikit.content.verify import DigestMismatch
from ocikit.digest import Buffer, Digest, Hash, finish, hasher
from ocikit.server.garbage import Held, Removed
from ocikit.server.pieces import opener_of, pieces_of
from ocikit.server.storage import (
    ChunkLengthWrong,
    StoredBlob,
    StoredManifest,
    UploadOutOfOrder,
    UploadUnknown,
)
from ocikit.server.tags import Tags
from ocikit.spec.descriptor import Descriptor

T = TypeVar("T")


@attrs.define
class _Repository:
    blobs: dict[Digest, StoredBlob] = attrs.field(factory=dict)
    manifests: dict[Digest, StoredManifest] = attrs.field(factory=dict)
    tags: Tags = attrs.field(factory=Tags)
    referrers: dict[Digest, dict[Digest, Descriptor]] = attrs.field(factory=dict)
    #: When content was last found, or came, in seconds since the epoch.
    found: dict[Digest, float] = attrs.field(factory=dict)
    #: When manifests came, likewise.
    came: dict[Digest, float] = attrs.field(factory=dict)

    @property
    def exists(self) -> bool:
        return bool(self.blobs or self.manifests)

    def forget_found(self, digest: Digest) -> None:
        if digest not in self.blobs and digest not in self.manifests:
            self.found.pop(digest, None)


@attrs.define
class _Upload:
    repository: str
    hash: Hash
    #: When something of it came, in seconds since the epoch.
    at: float
    pieces: list[Buffer] = attrs.field(factory=list)
    size: int = 0
    #: Who writes: a client that resumes takes over from its own broken connection.
    turn: int = 0
    lock: threading.Lock = attrs.field(factory=threading.Lock)

    def add(self, turn: int, piece: Buffer) -> None:
        with self.lock:
            if turn != self.turn:
                raise UploadOutOfOrder(expected=self.size, begins=self.size)
            self.pieces.append(piece)
            self.size += len(piece)
            self.hash.update(piece)

    def rewind(self, turn: int, size: int, hash: Hash) -> None:
        with self.lock:
            if turn != self.turn:
                return
            while self.size > size:
                self.size -= len(self.pieces.pop())
            self.hash = hash


class Memory:
    """
    A storage whose content ends with the process.

    Blobs are held as bytes, each once however many repositories hold it.

    Args:
        clock: gives the time, in seconds since the epoch.

    >>> Memory().repositories("", 10)
    []
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._lock = threading.RLock()
        self._clock = clock
        self._repositories: dict[str, _Repository] = {}
        self._uploads: dict[str, _Upload] = {}

    def repositories(self, last: str, limit: int) -> Sequence[str]:
        """
        List repositories, see `Storage`.
        """
        with self._lock:
            names = sorted(n for n, r in self._repositories.items() if n > last and r.exists)
            return names[:limit]

    def blob(self, repository: str, digest: Digest) -> StoredBlob | None:
        """
        Find a blob of a repository.
        """
        with self._lock:
            held = self._repositories.get(repository)
            return None if held is None else self._marked(held, digest, held.blobs.get(digest))

    def holders(self, digest: Digest) -> Iterable[str]:
        """
        Find the repositories that hold a blob.
        """
        with self._lock:
            return [name for name, held in self._repositories.items() if digest in held.blobs]

    def mount(self, repository: str, digest: Digest, source: str) -> bool:
        """
        Make a blob of one repository one of another, see `Storage`.
        """
        with self._lock:
            blob = self.blob(source, digest)
            if blob is None:
                return False
            self._put(repository, digest, blob)
            return True

    def drop_blob(self, repository: str, digest: Digest) -> bool:
        """
        Take a blob out of a repository.
        """
        with self._lock:
            held = self._of(repository)
            gone = held.blobs.pop(digest, None) is not None
            held.forget_found(digest)
            return gone

    def begin(self, repository: str, algorithm: str) -> str:
        """
        Begin an upload, see `Storage`.
        """
        name = uuid.uuid4().hex
        self._uploads[name] = _Upload(repository, hasher(algorithm), self._clock())
        return name

    def received(self, repository: str, upload: str) -> int:
        """
        Tell how many bytes an upload has.
        """
        return self._session(repository, upload).size

    def receive(
        self, repository: str, upload: str, stream: Stream, at: int | None, length: int | None
    ) -> int:
        """
        Add a stream to an upload, see `Storage`.
        """
        session = self._session(repository, upload)
        with session.lock:
            if at is not None and at != session.size:
                raise UploadOutOfOrder(expected=session.size, begins=at)
            session.turn += 1
            session.at = self._clock()
            turn, begun, before = session.turn, session.size, session.hash.copy()
        count = 0
        for piece in pieces_of(stream, length):
            # It may have been cancelled meanwhile.
            self._session(repository, upload).add(turn, piece)
            count += len(piece)
        if length is not None and count != length:
            session.rewind(turn, begun, before)
            raise ChunkLengthWrong(expected=length, actual=count)
        return begun + count

    def commit(self, repository: str, upload: str, digest: Digest) -> None:
        """
        End an upload: its bytes become a blob, see `Storage`.
        """
        with self._lock:
            session = self._session(repository, upload)
            del self._uploads[upload]
        if session.hash.name != digest.algorithm:
            session.hash = hasher(digest.algorithm)
            for piece in session.pieces:
                session.hash.update(piece)
        actual = finish(session.hash)
        if actual != digest:
            raise DigestMismatch(expected=digest, actual=actual)
        with self._lock:
            other = next(iter(self.holders(digest)), None)
            if other is None or not self.mount(repository, digest, other):
                blob = StoredBlob(size=session.size, opener=opener_of(session.pieces))
                self._put(repository, digest, blob)

    def cancel(self, repository: str, upload: str) -> None:
        """
        End an upload and forget its bytes.
        """
        with self._lock:
            self._session(repository, upload)
            del self._uploads[upload]

    def manifest(self, repository: str, digest: Digest) -> StoredManifest | None:
        """
        Find a manifest of a repository.
        """
        with self._lock:
            held = self._repositories.get(repository)
            found = self.peek(repository, digest)
            return None if held is None else self._marked(held, digest, found)

    def keep(
        self, repository: str, digest: Digest, manifest: StoredManifest, tags: Iterable[str]
    ) -> None:
        """
        Keep a manifest in a repository, and point these tags to it.
        """
        with self._lock:
            held = self._of(repository)
            self._forget(held, digest)
            held.manifests[digest] = manifest
            held.found[digest] = self._clock()
            held.came.setdefault(digest, held.found[digest])
            if manifest.subject is not None and manifest.referrer is not None:
                held.referrers.setdefault(manifest.subject, {})[digest] = manifest.referrer
            for tag in tags:
                held.tags.point(tag, digest)

    def drop_manifest(self, repository: str, digest: Digest) -> bool:
        """
        Remove a manifest and all tags that point to it.
        """
        with self._lock:
            held = self._of(repository)
            if not self._forget(held, digest):
                return False
            for tag in held.tags.of(digest):
                held.tags.remove(tag)
            held.came.pop(digest, None)
            held.forget_found(digest)
            return True

    def tagged(self, repository: str, tag: str) -> Digest | None:
        """
        Find what a tag points to.
        """
        held = self._repositories.get(repository)
        return None if held is None else held.tags.get(tag)

    def untag(self, repository: str, tag: str) -> bool:
        """
        Remove a tag, and no more than that.
        """
        with self._lock:
            held = self._of(repository)
            if held.tags.get(tag) is None:
                return False
            held.tags.remove(tag)
            return True

    def tags(self, repository: str, last: str, limit: int) -> Sequence[str] | None:
        """
        List the tags of a repository, see `Storage`.
        """
        with self._lock:
            held = self._repositories.get(repository)
            if held is None or not held.exists:
                return None
            return held.tags.page(last, limit)

    def referrers(self, repository: str, subject: Digest) -> Sequence[Descriptor]:
        """
        List the manifests that have this subject.
        """
        with self._lock:
            held = self._repositories.get(repository)
            found = held.referrers.get(subject, {}) if held is not None else {}
            return [found[digest] for digest in sorted(found, key=str)]

    def contents(self, repository: str) -> Sequence[Held]:
        """
        List all that a repository holds, see `Collectable`.
        """
        with self._lock:
            held = self._of(repository)
            sizes = [(digest, len(each.data), True) for digest, each in held.manifests.items()]
            sizes += [(digest, each.size, False) for digest, each in held.blobs.items()]
            return [
                Held(
                    digest=digest,
                    size=size,
                    is_manifest=kind,
                    found=held.found[digest],
                    came=held.came.get(digest),
                )
                for digest, size, kind in sorted(sizes, key=lambda each: str(each[0]))
            ]

    def peek(self, repository: str, digest: Digest) -> StoredManifest | None:
        """
        Find a manifest without making it found, see `Collectable`.
        """
        held = self._repositories.get(repository)
        return None if held is None else held.manifests.get(digest)

    def discard(self, repository: str, held: Held, before: float) -> bool:
        """
        Remove what was not found since, see `Collectable`.
        """
        with self._lock:
            there = self._of(repository)
            if there.found.get(held.digest, before) >= before:
                return False
            if not held.is_manifest:
                return self.drop_blob(repository, held.digest)
            return not there.tags.of(held.digest) and self.drop_manifest(repository, held.digest)

    def leftovers(self, before: float, expired: float) -> Sequence[Removed]:
        """
        Find uploads that nobody goes on with; what nobody holds is gone by itself.
        """
        with self._lock:
            return [
                Removed(kind="upload", repository=each.repository, upload=name, size=each.size)
                for name, each in self._uploads.items()
                if each.at < expired
            ]

    def clear(self, leftover: Removed) -> bool:
        """
        Remove an upload; False when it is none any more.
        """
        with self._lock:
            return self._uploads.pop(leftover.upload, None) is not None

    def _put(self, repository: str, digest: Digest, blob: StoredBlob) -> None:
        held = self._of(repository)
        held.blobs[digest] = blob
        held.found[digest] = self._clock()

    def _marked(self, held: _Repository, digest: Digest, found: T | None) -> T | None:
        if found is not None:
            held.found[digest] = self._clock()
        return found

    def _of(self, repository: str) -> _Repository:
        return self._repositories.setdefault(repository, _Repository())

    def _session(self, repository: str, upload: str) -> _Upload:
        session = self._uploads.get(upload)
        # An upload is known only in the repository it was begun in.
        if session is None or session.repository != repository:
            raise UploadUnknown(repository=repository, upload=upload)
        return session

    def _forget(self, held: _Repository, digest: Digest) -> bool:
        gone = held.manifests.pop(digest, None)
        if gone is not None and gone.subject is not None:
            held.referrers.get(gone.subject, {}).pop(digest, None)
        return gone is not None
