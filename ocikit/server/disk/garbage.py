"""
What of a registry on disk nobody needs any more, and how it goes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from ocikit.server.disk.changes import Changes
from ocikit.server.disk.content import Content
from ocikit.server.disk.holdings import Holdings
from ocikit.server.disk.places import Places, digests
from ocikit.server.disk.uploads import Uploads
from ocikit.server.garbage import Held, Removed


class Garbage:
    """
    Finds and removes.
    """

    def __init__(
        self, places: Places, content: Content, changes: Changes, uploads: Uploads
    ) -> None:
        self._places, self._content = places, content
        self._changes, self._uploads = changes, uploads

    def contents(self, held: Holdings) -> Iterator[Held]:
        """
        List all that a repository holds, see `Collectable`.
        """
        for digest in sorted(digests(held.folder.blobs), key=str):
            try:
                found = os.stat(held.folder.blob(digest))
            except FileNotFoundError:
                continue
            kinds = [True] * (digest in held.manifests) + [False] * held.holds_blob(digest)
            for kind in kinds:
                yield Held(
                    digest=digest, size=found.st_size, is_manifest=kind, found=found.st_mtime
                )

    def discard(self, held: Holdings, each: Held, before: float) -> bool:
        """
        Remove what was not found since, see `Collectable`.
        """
        with held.lock:
            try:
                if os.stat(held.folder.blob(each.digest)).st_mtime >= before:
                    return False
            except FileNotFoundError:
                return False
            if not each.is_manifest:
                return self._changes.drop_blob(held, each.digest)
            return not held.tags.of(each.digest) and self._changes.drop_manifest(held, each.digest)

    def leftovers(self, before: float, expired: float) -> Iterator[Removed]:
        """
        Find content that nobody holds, and uploads that nobody goes on with.
        """
        for repository, upload, size in self._uploads.expired(expired):
            yield Removed(kind="upload", repository=repository, upload=upload, size=size)
        for digest, size in self._content.unheld(before):
            yield Removed(kind="content", digest=digest, size=size)

    def clear(self, leftover: Removed) -> bool:
        """
        Remove a leftover; False when it is none any more.
        """
        if leftover.digest is not None:
            path = self._places.shared(leftover.digest)
            if not os.path.lexists(path) or os.stat(path).st_nlink > 1:
                return False
            # Who gives it a name at this moment finds it gone, and brings it again.
            return self._content.remove(path)
        return self._uploads.dropped(leftover.repository, leftover.upload)
