"""
A storage on disk: for teams, and for pipelines that run again.
"""

from __future__ import annotations

import functools
import itertools
import os
import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from types import TracebackType
from typing import Final, Literal, Self

from ocikit.content.verify import DigestMismatch
from ocikit.digest import Digest
from ocikit.files.opener import FileOpener
from ocikit.server.disk.batch import Batches
from ocikit.server.disk.changes import Changes
from ocikit.server.disk.content import Content
from ocikit.server.disk.garbage import Garbage
from ocikit.server.disk.holdings import Holdings, manifest_of, referrer_of
from ocikit.server.disk.known import Known
from ocikit.server.disk.lock import Lock
from ocikit.server.disk.places import Places
from ocikit.server.disk.system import System, Writer, read_file
from ocikit.server.disk.uploads import Uploads, UploadsInFiles
from ocikit.server.disk.view import View, is_stale
from ocikit.server.garbage import EXPIRES, Held, Removed
from ocikit.server.storage import StoredBlob, StoredManifest, failing
from ocikit.spec.descriptor import Descriptor

#: What is found is marked as of use, but not more often than so many seconds.
FRESH: Final = 60.0
#: Manifests up to so many bytes are kept in memory when they were asked for lately, and so
#: many of them: 4 MiB at most.
_SMALL: Final = 64 << 10
_RECENT: Final = 64


class Disk(UploadsInFiles):
    """
    A storage in a folder, in which each repository is an OCI layout.

    What a method has returned from is on the disk: its bytes were forced there before they
    had a name, and then the names, for all writers of the same moment at once. Files get
    their names when they are whole and are never written again, so that a process may be
    killed at any point, and the next one finds nothing to repair. One process at a time
    has the folder.

    Args:
        path: the folder; made when it is not there.
        durability: "full", or "none" to force nothing to the disk: then a power cut may
            take what came last, but a process that is killed loses nothing.
        expires: after how many seconds an upload that nobody goes on with is forgotten.
        clock: gives the time, in seconds since the epoch.
        system: the disk.

    Raises:
        FolderInUse: another process serves the folder.
        NotARegistry: the folder holds something else.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Disk(folder) as disk:
    ...     disk.repositories("", 10)
    []
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        durability: Literal["full", "none"] = "full",
        *,
        expires: float = EXPIRES,
        clock: Callable[[], float] = time.time,
        system: System | None = None,
    ) -> None:
        durable, system = durability == "full", system or System()
        self._places, self._clock = Places(os.path.abspath(path)), clock
        self._writer = Writer(system, self._places.temporary, durable=durable)
        self._batches = Batches(system.sync_folder, durable=durable)
        self._content = Content(self._places, self._writer, self._batches, clock)
        self._uploads = Uploads(self._places, self._writer, clock)
        self._view = View(self._writer)
        self._recent = functools.lru_cache(_RECENT)(_read)
        self._known = Known(self._places, self._content, self._writer)
        self._changes = Changes(
            self._content, self._writer, self._view, lambda: self._known.after("")
        )
        self._garbage = Garbage(self._places, self._content, self._changes, self._uploads)
        with failing():
            self._lock = Lock(self._places)
            try:
                self._open(clock() - expires)
            except BaseException:
                self._lock.release()
                raise

    def _open(self, expired: float) -> None:
        self._content.make()
        # Nobody else writes here: these are of a process that was killed.
        for name in os.listdir(self._places.temporary):
            self._writer.discard(os.path.join(self._places.temporary, name))
        self._uploads.sweep()
        self._uploads.expire(expired)
        for held in self._known.read():
            if is_stale(held.folder):
                self._view.changed(held)
        self._batches.settle()

    def close(self) -> None:
        """
        Write what other tools read, and let go of the folder.
        """
        self._view.close()
        self._lock.release()

    def abandon(self) -> None:
        """
        Let go of the folder as a process does that is killed: nothing more is written.
        """
        self._view.abandon()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def repositories(self, last: str, limit: int) -> Sequence[str]:
        """
        List repositories, see `Storage`.
        """
        with failing():
            there = (each.name for each in self._known.after(last) if each.exists())
            return list(itertools.islice(there, limit))

    def blob(self, repository: str, digest: Digest) -> StoredBlob | None:
        """
        Find a blob of a repository.
        """
        with failing():
            held = self._known.find(repository)
            if held is None or not held.holds_blob(digest):
                return None
            path = held.folder.blob(digest)
            found = self._found(held, path)
        opener = FileOpener(path, follow=False)
        return None if found is None else StoredBlob(size=found.st_size, opener=opener)

    def holders(self, digest: Digest) -> Iterable[str]:
        """
        Find the repositories that hold a blob.
        """
        if not os.path.lexists(self._places.shared(digest)):
            return []
        names = (each.name for each in self._known.after(""))
        return (name for name in names if self.blob(name, digest) is not None)

    def mount(self, repository: str, digest: Digest, source: str) -> bool:
        """
        Make a blob of one repository one of another, see `Storage`.
        """
        if self.blob(source, digest) is None:
            return False
        with failing():
            there = self._changes.mount(self._known.made(repository), digest, self._known[source])
            self._batches.settle()
        return there

    def drop_blob(self, repository: str, digest: Digest) -> bool:
        """
        Take a blob out of a repository.
        """
        return self._changed(repository, lambda held: self._changes.drop_blob(held, digest))

    def begin(self, repository: str, algorithm: str) -> str:
        """
        Begin an upload, see `Storage`.
        """
        with failing():
            return self._uploads.begin(repository, algorithm)

    def commit(self, repository: str, upload: str, digest: Digest) -> None:
        """
        End an upload: its bytes become a blob, see `Storage`.
        """
        with failing():
            with self._uploads.committing(repository, upload, digest) as session:
                self._writer.settle_file(session.path)
                self._changes.add(self._known.made(repository), digest, session.path)
            self._batches.settle()

    def manifest(self, repository: str, digest: Digest) -> StoredManifest | None:
        """
        Find a manifest of a repository.

        Raises:
            DigestMismatch: it was damaged on the disk.
        """
        return self._manifest(repository, digest, found=True)

    def _manifest(self, repository: str, digest: Digest, *, found: bool) -> StoredManifest | None:
        with failing():
            held = self._known.find(repository)
            kept = None if held is None else held.manifests.get(digest)
            if held is None or kept is None:
                return None
            path = held.folder.blob(digest)
            data = self._found_bytes(held, path, digest) if found else _read(path, digest)
        return None if data is None else manifest_of(kept, data)

    def keep(
        self, repository: str, digest: Digest, manifest: StoredManifest, tags: Iterable[str]
    ) -> None:
        """
        Keep a manifest in a repository, and point these tags to it.
        """
        tags, pointed = tuple(tags), False
        with failing():
            held = self._known.made(repository)
            while not pointed:
                self._changes.put(held, digest, manifest)
                # A tag must not be on the disk before what it points to: the one that it
                # takes the place of would be lost by a power cut between the two.
                self._batches.settle()
                pointed = not tags or self._changes.point(held, digest, tags)
            self._batches.settle()

    def drop_manifest(self, repository: str, digest: Digest) -> bool:
        """
        Remove a manifest and all tags that point to it.
        """
        return self._changed(repository, lambda held: self._changes.drop_manifest(held, digest))

    def tagged(self, repository: str, tag: str) -> Digest | None:
        """
        Find what a tag points to.
        """
        with failing():
            held = self._known.find(repository)
        return None if held is None else held.tags.get(tag)

    def untag(self, repository: str, tag: str) -> bool:
        """
        Remove a tag, and no more than that.
        """
        return self._changed(repository, lambda held: self._changes.untag(held, tag))

    def tags(self, repository: str, last: str, limit: int) -> Sequence[str] | None:
        """
        List the tags of a repository, see `Storage`.
        """
        with failing():
            held = self._known.find(repository)
            if held is None or not held.exists():
                return None
        with held.lock:
            return held.tags.page(last, limit)

    def referrers(self, repository: str, subject: Digest) -> Sequence[Descriptor]:
        """
        List the manifests that have this subject.
        """
        with failing():
            held = self._known.find(repository)
        if held is None:
            return []
        with held.lock:
            found = sorted(held.subjects.get(subject, ()), key=str)
            return [referrer_of(held.manifests[digest]) for digest in found]

    def contents(self, repository: str) -> Sequence[Held]:
        """
        List all that a repository holds, see `Collectable`.
        """
        with failing():
            held = self._known.find(repository)
            return [] if held is None else list(self._garbage.contents(held))

    def peek(self, repository: str, digest: Digest) -> StoredManifest | None:
        """
        Find a manifest without making it found, see `Collectable`.
        """
        return self._manifest(repository, digest, found=False)

    def discard(self, repository: str, held: Held, before: float) -> bool:
        """
        Remove what was not found since, see `Collectable`.
        """
        with failing():
            each = self._known.find(repository)
            return each is not None and self._garbage.discard(each, held, before)

    def leftovers(self, before: float, expired: float) -> Sequence[Removed]:
        """
        Find content that nobody holds, and uploads that nobody goes on with.
        """
        with failing():
            # One for all that was discarded.
            self._batches.settle()
            return list(self._garbage.leftovers(before, expired))

    def clear(self, leftover: Removed) -> bool:
        """
        Remove a leftover; False when it is none any more.
        """
        with failing():
            return self._garbage.clear(leftover)

    def _changed(self, repository: str, change: Callable[[Holdings], bool]) -> bool:
        with failing():
            held = self._known.find(repository)
            done = held is not None and change(held)
            self._batches.settle()
        return done

    def _found_bytes(self, held: Holdings, path: str, digest: Digest) -> bytes | None:
        found = self._found(held, path)
        if found is None:
            return None
        if found.st_size > _SMALL:
            return _read(path, digest)
        return self._recent(path, digest, (found.st_ino, found.st_size, found.st_ctime_ns))

    def _found(self, held: Holdings, path: str) -> os.stat_result | None:
        """
        Mark what is found as of use, so that `collect` leaves it; tell what it is.
        """
        try:
            found = os.stat(path, follow_symlinks=False)
            now = self._clock()
            if now - found.st_mtime > FRESH:
                with held.lock:
                    self._writer.system.touch(path, now)
        except FileNotFoundError:
            return None
        return found


def _read(path: str, digest: Digest, mark: Hashable = None) -> bytes | None:
    """
    Read a manifest; None when it is not there.

    `mark` is for who keeps what was read: another one says that the file has changed.

    Raises:
        DigestMismatch: it was damaged on the disk.
    """
    data = read_file(path)
    if data is not None and (actual := Digest.of(data, digest.algorithm)) != digest:
        raise DigestMismatch(expected=digest, actual=actual)
    return data
