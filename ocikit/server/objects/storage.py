"""
A storage in an object store: for registries whose machines come and go.

Keys, of which none but tags is ever written again; a TOKEN tells when it was found::

    blobs/sha256/HEX/WHICH                                content, as a rule each once
    dying/sha256/HEX/WHICH                                content that is being removed
    holders/sha256/HEX/library/debian/_/TOKEN             which repositories hold it as a blob
    repositories/library/debian/_blobs/sha256/HEX/TOKEN   a blob of the repository
    repositories/library/debian/_manifests/...            what a manifest is, and its bytes
    repositories/library/debian/_referrers/SUBJECT/sha256/HEX/TOKEN
    repositories/library/debian/_tags/TAG                 the digest that a tag points to

Nothing is compared and swapped, for that few stores can: each object is whole by itself,
and what is pointed to is there before what points. That an object is made only if there is
none is asked of a store when garbage is collected.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ocikit.digest import Digest
from ocikit.name import grammar
from ocikit.server.disk.places import Places
from ocikit.server.disk.system import System, Writer
from ocikit.server.disk.uploads import Uploads, UploadsInFiles
from ocikit.server.garbage import EXPIRES, Held, Removed
from ocikit.server.objects.documents import Documents
from ocikit.server.objects.members import Members, content_of
from ocikit.server.objects.store import Bucket, ObjectOpener
from ocikit.server.objects.tokens import Token
from ocikit.server.storage import StoredBlob, StoredManifest, failing
from ocikit.spec.descriptor import Descriptor

if TYPE_CHECKING:
    from obstore.store import ObjectStore


#: Seconds between two looks for uploads that nobody goes on with.
_LOOK: Final = 3600.0


class Objects(UploadsInFiles):
    """
    A storage in an object store of obstore's: S3, Google's, Azure's, or any other.

    Uploads gather in a folder of this machine, since objects cannot be added to, and are
    put when they are whole; to resume one a client has to come back to the same machine.
    Several machines may serve one store. A listing of tags reads the names of all of them.

    Uploads that nobody goes on with for a week are forgotten, when others begin.

    `collect` may run on any machine, while others push. What is found is marked as of use
    by a small object, but not more often than every five minutes: a grace has to be longer
    than that, and than what the clocks of the machines differ by.

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
        self._members = Members(self._bucket, clock)
        self._documents = Documents(self._bucket, clock)
        self._clock, self._looked = clock, 0.0
        root = tempfile.mkdtemp() if spool is None else os.fspath(spool)
        # What is temporary goes with the storage that it is of.
        goes = [root] if spool is None else []
        #: Removes the folder for uploads, if it is a temporary one.
        self.close = weakref.finalize(self, _remove, goes)
        places = Places(os.path.abspath(root))
        for folder in (places.uploads, places.temporary):
            os.makedirs(folder, exist_ok=True)
        writer = Writer(System(), places.temporary, durable=False)
        self._uploads = Uploads(places, writer, clock)

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
        found = self._members.find(repository, digest)
        if found is None:
            return None
        opener = ObjectOpener(self._bucket, content_of(digest, found.content))
        return StoredBlob(size=found.size, opener=opener)

    def holders(self, digest: Digest) -> Iterable[str]:
        """
        Find the repositories that hold a blob.
        """
        for name in self._members.names(digest):
            if self._members.find(name, digest) is not None:
                yield name

    def mount(self, repository: str, digest: Digest, source: str) -> bool:
        """
        Make a blob of one repository one of another, see `Storage`.
        """
        found = self._members.find(source, digest)
        if found is None:
            return False
        return self._members.hold(repository, digest, found.size, found.content)

    def drop_blob(self, repository: str, digest: Digest) -> bool:
        """
        Take a blob out of a repository.
        """
        return self._members.drop(repository, digest, self._members.tokens(repository, digest))

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
        with failing():
            return self._uploads.expire(before)

    def commit(self, repository: str, upload: str, digest: Digest) -> None:
        """
        End an upload: its bytes become a blob, see `Storage`.
        """
        with failing(), self._uploads.committing(repository, upload, digest) as session:
            self._members.add(repository, digest, session.size, Path(session.path))

    def manifest(self, repository: str, digest: Digest) -> StoredManifest | None:
        """
        Find a manifest of a repository.

        Raises:
            DigestMismatch: it was damaged in the store.
        """
        return self._documents.find(repository, digest)

    def keep(
        self, repository: str, digest: Digest, manifest: StoredManifest, tags: Iterable[str]
    ) -> None:
        """
        Keep a manifest in a repository, and point these tags to it.
        """
        self._documents.keep(repository, digest, manifest)
        for tag in tags:
            self._bucket.write(f"{_of(repository)}/_tags/{tag}", str(digest).encode())

    def drop_manifest(self, repository: str, digest: Digest) -> bool:
        """
        Remove a manifest and all tags that point to it.
        """
        found = self._documents.peek(repository, digest)
        if found is None:
            return False
        for tag in self._tags_of(repository, digest):
            self.untag(repository, tag)
        tokens = self._documents.tokens(repository, digest)
        return self._documents.drop(repository, digest, tokens, found.subject)

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
        return self._documents.referrers(repository, subject)

    def contents(self, repository: str) -> Sequence[Held]:
        """
        List all that a repository holds, see `Collectable`.
        """
        found = dict[tuple[str, bool], Token]()
        for part, is_manifest in (("_blobs", False), ("_manifests", True)):
            for key in self._bucket.below(f"{_of(repository)}/{part}"):
                path, _, text = key.rpartition("/")
                token, name = Token.parse(text), (path.replace("/", ":"), is_manifest)
                if name not in found or token.time > found[name].time:
                    found[name] = token
        return [
            Held(digest=Digest.parse(name), size=t.size, is_manifest=is_manifest, found=t.time)
            for (name, is_manifest), t in sorted(found.items(), key=lambda each: each[0])
        ]

    def peek(self, repository: str, digest: Digest) -> StoredManifest | None:
        """
        Find a manifest without making it found, see `Collectable`.
        """
        return self._documents.peek(repository, digest)

    def discard(self, repository: str, held: Held, before: float) -> bool:
        """
        Remove what was not found since, see `Collectable`.
        """
        digest = held.digest
        tokens = (self._documents if held.is_manifest else self._members).tokens(repository, digest)
        if not tokens or any(token.time >= before for token in tokens):
            return False
        # From here on only what was listed goes: what is found meanwhile stays.
        if not held.is_manifest:
            return self._members.drop(repository, digest, tokens)
        found = self._documents.peek(repository, digest)
        if found is None or next(self._tags_of(repository, digest), None) is not None:
            return False
        return self._documents.drop(repository, digest, tokens, found.subject)

    def leftovers(self, before: float, expired: float) -> Iterator[Removed]:
        """
        Find content that no repository holds, and uploads of this machine that nobody goes
        on with.
        """
        with failing():
            for repository, upload, size in list(self._uploads.expired(expired)):
                yield Removed(kind="upload", repository=repository, upload=upload, size=size)
        for digest, size in self._members.unheld(before):
            yield Removed(kind="content", digest=digest, size=size)

    def clear(self, leftover: Removed) -> bool:
        """
        Remove a leftover; False when it is none any more.
        """
        if leftover.digest is not None:
            return self._members.free(leftover.digest)
        with failing():
            return self._uploads.dropped(leftover.repository, leftover.upload)

    def _tags(self, repository: str) -> list[str]:
        return list(self._bucket.below(f"{_of(repository)}/_tags"))

    def _tags_of(self, repository: str, digest: Digest) -> Iterator[str]:
        return (tag for tag in self._tags(repository) if self.tagged(repository, tag) == digest)

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
