"""
Changes of a repository on disk. None of them forces anything to the disk by itself but
the content of files; whoever made them settles that for all at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ocikit.digest import Digest
from ocikit.server.disk.content import Content
from ocikit.server.disk.holdings import Holdings, encode, kept_of
from ocikit.server.disk.system import Writer
from ocikit.server.disk.view import View
from ocikit.server.storage import StoredManifest

#: How often a file is given its name while somebody else removes it.
_TRIES: Final = 5


class Changes:
    """
    What can be done to a repository.

    Args:
        content: where the bytes are.
        writer: makes files.
        view: is told what changed.
        everybody: gives all repositories.
    """

    def __init__(
        self,
        content: Content,
        writer: Writer,
        view: View,
        everybody: Callable[[], Iterable[Holdings]],
    ) -> None:
        self._content, self._writer, self._view = content, writer, view
        self._everybody = everybody

    def add(self, held: Holdings, digest: Digest, source: str) -> None:
        """
        Make a verified file, whose bytes are on the disk, a blob.
        """
        for _ in self._shared(digest, source):
            with held.changing():
                if self._content.join(digest, None, held.folder.blob(digest)):
                    self._mark_blob(held, digest)
                    return

    def mount(self, held: Holdings, digest: Digest, source: Holdings) -> bool:
        """
        Make a blob of another repository one of this, too; False when it is not there.
        """
        with held.changing():
            joined = self._content.join(
                digest, source.folder.blob(digest), held.folder.blob(digest)
            )
            if joined:
                self._mark_blob(held, digest)
            return joined

    def drop_blob(self, held: Holdings, digest: Digest) -> bool:
        """
        Take a blob out; what is a manifest as well stays one.
        """
        with held.changing():
            if not held.holds_blob(digest):
                return False
            if digest in held.both:
                self._content.remove(held.folder.both(digest))
                held.both.discard(digest)
                return True
            return self._content.remove(held.folder.blob(digest))

    def put(self, held: Holdings, digest: Digest, manifest: StoredManifest) -> None:
        """
        Keep a manifest; one that is there already is not written again.
        """
        kept, path = kept_of(manifest), held.folder.blob(digest)
        record = source = ""
        try:
            source = self._writer.prepare(manifest.data)
            record = self._writer.prepare(encode(kept))
            for _ in self._shared(digest, source):
                with held.changing():
                    was_blob = digest not in held.manifests and os.path.lexists(path)
                    if not self._content.join(digest, None, path):
                        continue
                    if was_blob:
                        self._content.put_empty(held.folder.both(digest))
                        held.both.add(digest)
                    if held.manifests.get(digest) != kept:
                        self._content.put(record, held.folder.manifest(digest))
                        held.put(digest, kept)
                    break
        finally:
            self._writer.discard(source)
            self._writer.discard(record)
        self._view.changed(held)

    def point(self, held: Holdings, digest: Digest, tags: Iterable[str]) -> bool:
        """
        Point tags to a manifest; False when that is not there any more.
        """
        text = f"{digest}\n".encode()
        fresh = {tag: self._writer.prepare(text) for tag in tags if held.tags.get(tag) != digest}
        try:
            with held.changing():
                if digest not in held.manifests:
                    return False
                for tag, path in fresh.items():
                    self._content.put(path, held.folder.tag(tag))
                    held.tags.point(tag, digest)
        finally:
            for path in fresh.values():
                self._writer.discard(path)
        self._view.changed(held)
        return True

    def untag(self, held: Holdings, tag: str) -> bool:
        """
        Remove a tag; False when it is not there.
        """
        with held.changing():
            if held.tags.get(tag) is None:
                return False
            self._content.remove(held.folder.tag(tag))
            held.tags.remove(tag)
        self._view.changed(held)
        return True

    def drop_manifest(self, held: Holdings, digest: Digest) -> bool:
        """
        Remove a manifest and its tags; False when it is not there.
        """
        with held.changing():
            if digest not in held.manifests:
                return False
            for tag in held.tags.of(digest):
                self._content.remove(held.folder.tag(tag))
                held.tags.remove(tag)
            self._content.remove(held.folder.manifest(digest))
            held.drop(digest)
            if digest in held.both:
                self._content.remove(held.folder.both(digest))
                held.both.discard(digest)
            else:
                self._content.remove(held.folder.blob(digest))
        self._view.changed(held)
        return True

    def _shared(self, digest: Digest, source: str) -> Iterator[None]:
        """
        Put a file into the shared store, again if nobody held it and it was removed.
        """
        for _ in range(_TRIES):
            if self._content.share(digest, source):
                self._mend(digest)
            yield
        raise FileNotFoundError(f"{digest} is removed as often as it is kept")

    def _mend(self, digest: Digest) -> None:
        # What all of them had was damaged, and now there are the right bytes.
        for held in self._everybody():
            with held.lock:
                if os.path.lexists(held.folder.blob(digest)):
                    self._content.rejoin(digest, held.folder.blob(digest))

    def _mark_blob(self, held: Holdings, digest: Digest) -> None:
        if digest in held.manifests and digest not in held.both:
            self._content.put_empty(held.folder.both(digest))
            held.both.add(digest)
