"""
Garbage collection: what no manifest refers to, while pushes go on.

A push names its content before anything refers to it: it asks whether a blob is there,
mounts or uploads it, and puts the manifest last. So whatever was found, or came, a short
while before a collection began is left alone, and a storage checks that once more in the
same step in which it removes something.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal, Protocol

from ocikit._records import record
from ocikit.digest import Digest
from ocikit.server.documents import Checked, check
from ocikit.server.storage import Storage, StoredManifest

#: Seconds in which a push is done, from the blob that it finds to the manifest.
GRACE: Final = 3600.0
#: Seconds after which an upload that nobody goes on with is forgotten.
EXPIRES: Final = 7 * 86400.0
_PAGE: Final = 1000


@record(kw_only=True)
class Held:
    """
    One thing that a repository holds, and when it was last found or came.
    """

    digest: Digest
    size: int
    is_manifest: bool
    #: Seconds since the epoch.
    found: float
    #: When it came, likewise; None where only that is known.
    came: float | None = None


@record(kw_only=True)
class Removed:
    """
    What was removed, or would be.

    A `blob` or `manifest` is taken out of a repository; `content` is bytes that no
    repository holds any more, and only that frees space; an `upload` was given up.
    """

    kind: Literal["blob", "manifest", "content", "upload"]
    repository: str = ""
    digest: Digest | None = None
    upload: str = ""
    #: In bytes.
    size: int = 0


class Collectable(Storage, Protocol):
    """
    A storage whose garbage can be collected.
    """

    def contents(self, repository: str) -> Iterable[Held]:
        """
        List all that a repository holds, in the order of digests.
        """
        ...

    def peek(self, repository: str, digest: Digest) -> StoredManifest | None:
        """
        Find a manifest of a repository; that does not count as being found.
        """
        ...

    def discard(self, repository: str, held: Held, before: float) -> bool:
        """
        Remove what was not found since; False when it was, or a tag points to it.
        """
        ...

    def leftovers(self, before: float, expired: float) -> Iterable[Removed]:
        """
        Find content that no repository holds, and uploads that nobody goes on with.
        """
        ...

    def clear(self, leftover: Removed) -> bool:
        """
        Remove a leftover; False when it is none any more.
        """
        ...


def collect(
    storage: Collectable,
    *,
    grace: float = GRACE,
    untagged: bool = False,
    expires: float = EXPIRES,
    dry_run: bool = False,
    clock: Callable[[], float] = time.time,
) -> tuple[Removed, ...]:
    """
    Remove the blobs that no manifest of their repository refers to, and tell which.

    Args:
        storage: it may be in use meanwhile.
        grace: how long a push may take, in seconds; 0 when it is known that there is none.
        untagged: remove manifests as well that no tag leads to. One that is about
            another, as a signature is, stays with that.
        expires: after how many seconds an upload that nobody goes on with is forgotten.
        dry_run: remove nothing, only tell.
        clock: gives the time, in seconds since the epoch, as the storage's own does.

    Raises:
        DigestMismatch: a manifest is damaged; nothing of its repository was removed, for
            it is not known what that refers to.

    >>> from ocikit.server.memory import Memory
    >>> collect(Memory())
    ()
    """
    return tuple(
        removals(
            storage, grace=grace, untagged=untagged, expires=expires, dry_run=dry_run, clock=clock
        )
    )


def removals(
    storage: Collectable,
    *,
    grace: float = GRACE,
    untagged: bool = False,
    expires: float = EXPIRES,
    dry_run: bool = False,
    clock: Callable[[], float] = time.time,
) -> Iterator[Removed]:
    """
    Do what `collect` does step by step: each removal is told when it is done.

    Whoever stops amid it has removed what was told, and no more.

    >>> from ocikit.server.memory import Memory
    >>> list(removals(Memory()))
    []
    """
    now = clock()
    for repository in _repositories(storage):
        sweep = _Sweep(storage, repository, now - grace, dry_run)
        yield from sweep.run(untagged)
    for leftover in storage.leftovers(now - grace, now - expires):
        if dry_run or storage.clear(leftover):
            yield leftover


def _repositories(storage: Storage) -> Iterator[str]:
    last = ""
    while page := storage.repositories(last, _PAGE):
        yield from page
        last = page[-1]


@record
class _Sweep:
    storage: Collectable
    repository: str
    before: float
    dry_run: bool

    def run(self, untagged: bool) -> Iterator[Removed]:
        """
        Remove what is garbage in a repository: first manifests, then blobs.
        """
        held = list(self.storage.contents(self.repository))
        known = {each.digest: each for each in held if each.is_manifest}
        read = {digest: checked for digest in known if (checked := self._read(digest))}
        if untagged:
            for digest in sorted(read.keys() - self._wanted(read), key=str):
                if self._discard(known[digest]):
                    del read[digest]
                    yield self._removed(known[digest])
        # What could not be removed still needs what it refers to.
        needed = {each for checked in read.values() for each in _below(checked)}
        for each in held:
            if not each.is_manifest and each.digest not in needed and self._discard(each):
                yield self._removed(each)

    def _read(self, digest: Digest) -> Checked | None:
        found = self.storage.peek(self.repository, digest)
        return None if found is None else check(found.data, found.media_type)

    def _wanted(self, read: dict[Digest, Checked]) -> set[Digest]:
        """
        Find the manifests to which a tag leads, and those that are about them.
        """
        about: dict[Digest, list[Digest]] = {}
        for digest, checked in read.items():
            if checked.subject is not None:
                about.setdefault(checked.subject, []).append(digest)
        todo, wanted = list(self._tagged()), set[Digest]()
        while todo:
            digest = todo.pop()
            if digest not in wanted:
                wanted.add(digest)
                below = _below(read[digest]) if digest in read else ()
                todo += [*below, *about.get(digest, ())]
        return wanted

    def _tagged(self) -> Iterator[Digest]:
        last = ""
        while page := self.storage.tags(self.repository, last, _PAGE):
            for tag in page:
                digest = self.storage.tagged(self.repository, tag)
                if digest is not None:
                    yield digest
            last = page[-1]

    def _discard(self, held: Held) -> bool:
        if held.found >= self.before:
            return False
        return self.dry_run or self.storage.discard(self.repository, held, self.before)

    def _removed(self, held: Held) -> Removed:
        return Removed(
            kind="manifest" if held.is_manifest else "blob",
            repository=self.repository,
            digest=held.digest,
            size=held.size,
        )


def _below(checked: Checked) -> Iterable[Digest]:
    yield from (each.digest for each in (*checked.blobs, *checked.children))
    if checked.subject is not None:
        # It is a claim, and may be of a blob; it costs little to keep that.
        yield checked.subject
