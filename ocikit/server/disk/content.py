"""
The content of a registry on disk: each digest once, whoever holds it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress

from ocikit.digest import HEX_LENGTH, Digest
from ocikit.server.disk.batch import Batches
from ocikit.server.disk.places import Places, digests
from ocikit.server.disk.system import Writer
from ocikit.server.disk.uploads import digest_of


class Content:
    """
    The shared store, and the names that repositories give to what is in it.
    """

    def __init__(
        self, places: Places, writer: Writer, batches: Batches, clock: Callable[[], float]
    ) -> None:
        self._places, self._writer, self._batches = places, writer, batches
        self._clock = clock

    def make(self) -> None:
        """
        Make the folders that every registry has.
        """
        places = self._places
        for folder in (places.content, places.uploads, places.temporary, places.damaged):
            self.make_folder(folder)
        for algorithm in HEX_LENGTH:
            self.make_folder(os.path.join(places.content, algorithm))

    def make_folder(self, path: str) -> None:
        """
        Make a folder and those that it lies in, unless they are there.
        """
        if os.path.isdir(path):
            return
        self.make_folder(os.path.dirname(path))
        with suppress(FileExistsError):
            self._writer.system.make_folder(path)
        self._batches.changed(os.path.dirname(path))

    def is_sound(self, digest: Digest, size: int) -> bool:
        """
        Tell whether content is there and is what it is named.

        A file of the right name and size is not trusted: disks forget, and who pushes the
        bytes again is the one who can mend that.
        """
        path = self._places.shared(digest)
        try:
            return os.stat(path).st_size == size and digest_of(path, digest.algorithm) == digest
        except FileNotFoundError:
            return False

    def share(self, digest: Digest, source: str) -> bool:
        """
        Keep a file, which was verified and forced to the disk, under its digest.

        True when there was one of that name, and it was damaged: it is set aside, and
        whoever held it has to be given the new one.
        """
        shared, damaged = self._places.shared(digest), False
        try:
            self._writer.join(source, shared)
        except FileExistsError:
            damaged = not self.is_sound(digest, os.stat(source).st_size)
            if damaged:
                self.set_aside(shared)
                self._writer.join(source, shared)
        self._batches.changed(os.path.dirname(shared))
        return damaged

    def join(self, digest: Digest, source: str | None, target: str) -> bool:
        """
        Give content a name in a repository, unless it has it; False when it is not there.

        Args:
            digest: what it is.
            source: where it is; in the shared store when None.
            target: what it is called as well.
        """
        folder = os.path.dirname(target)
        if not os.path.isdir(folder):
            self.make_folder(folder)
        self._batches.changed(folder)
        try:
            self._writer.join(source or self._places.shared(digest), target)
        except FileNotFoundError:
            return False
        except FileExistsError:
            self._freshen(digest, target)
        # All names of a file have one time: what is of use here is left alone elsewhere.
        self._writer.system.touch(target, self._clock())
        return True

    def _freshen(self, digest: Digest, target: str) -> None:
        # Where files cannot have several names, each repository has a file of its own.
        shared = self._places.shared(digest)
        apart = os.path.lexists(shared) and not os.path.samefile(shared, target)
        if apart and digest_of(target, digest.algorithm) != digest:
            self.set_aside(target)
            self.rejoin(digest, target)

    def rejoin(self, digest: Digest, target: str) -> None:
        """
        Make a name in a repository that of what the shared store has now.
        """
        fresh = self._writer.scratch()
        self._writer.join(self._places.shared(digest), fresh)
        self.put(fresh, target)

    def put_empty(self, target: str) -> None:
        """
        Make an empty file, which says something by being there.
        """
        self.put(self._writer.prepare(b""), target)

    def put(self, source: str, target: str) -> None:
        """
        Let a file take its place, and that of what was there before.
        """
        folder = os.path.dirname(target)
        if not os.path.isdir(folder):
            self.make_folder(folder)
        self._writer.system.replace(source, target)
        self._batches.changed(folder)

    def remove(self, path: str) -> bool:
        """
        Remove a name; False when it is not there.
        """
        try:
            self._writer.system.remove(path)
        except FileNotFoundError:
            return False
        self._batches.changed(os.path.dirname(path))
        return True

    def unheld(self, before: float) -> Iterator[tuple[Digest, int]]:
        """
        Find content that no repository holds and that nobody had to do with since.
        """
        for digest in sorted(digests(self._places.content), key=str):
            try:
                found = os.stat(self._places.shared(digest))
            except FileNotFoundError:
                continue
            if found.st_nlink == 1 and found.st_mtime < before:
                yield digest, found.st_size

    def set_aside(self, path: str) -> str:
        """
        Take a damaged file out of the way, and tell where it is now.
        """
        *_, algorithm, name = path.split(os.sep)
        target = os.path.join(self._places.damaged, f"{algorithm}-{name}-{os.urandom(4).hex()}")
        self.put(path, target)
        self._batches.changed(os.path.dirname(path))
        return target
