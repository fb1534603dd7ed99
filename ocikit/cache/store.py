"""
The folder of a cache: files by digest, verified on their way in and on their way out.

Whoever puts something in holds the folder shared, so that what it has not finished is
not swept. What has not been used for longest goes first when there is too much; a file
that someone is reading stays readable to them.
"""

from __future__ import annotations

import io
import os
from contextlib import suppress
from typing import Final

import attrs

from ocikit._records import record
from ocikit.content.blob import Blob
from ocikit.content.streams import CHUNK, BytesOpener
from ocikit.digest import HEX_LENGTH, Digest, finish, hasher
from ocikit.errors import Invalid, Missing, OciError
from ocikit.files.atomic import make_folders, write
from ocikit.files.lock import held
from ocikit.files.opener import FileOpener, FileWindow
from ocikit.files.put import Manner, put
from ocikit.progress import Report, quiet
from ocikit.spec.descriptor import Descriptor

#: How many bytes a cache holds that is told nothing else: 10 GiB.
LIMIT: Final = 10 << 30
#: By which backups know that there is nothing to keep (bford.info/cachedir).
TAG_FILE: Final = "CACHEDIR.TAG"
_TAG: Final = b"Signature: 8a477f597d28d172789f06886806bc55\n# A cache of ocikit's.\n"


def _absolute(path: str | os.PathLike[str]) -> str:
    return os.path.abspath(path)


@record
class Cache:
    """
    A folder of what was fetched, which several processes may use at the same time.

    Args:
        path: the folder; it is made when something is put there.
        limit: how many bytes it holds; what was used longest ago goes first.
    """

    path: str = attrs.field(converter=_absolute)
    limit: int = LIMIT

    def file(self, digest: Digest) -> str:
        """
        Give the path of what has a digest, which may not be there.
        """
        return os.path.join(self.path, digest.algorithm, digest.hex)


def find(cache: Cache, descriptor: Descriptor) -> FileWindow | None:
    """
    Open what a cache has, verified just now; None when it has not, or had something else.

    A file that is damaged is deleted, so that it is fetched anew.
    """
    path = cache.file(descriptor.digest)
    try:
        window = FileOpener(path, follow=False).open()
    except Missing:
        return None
    except OciError:
        _forget(path)
        return None
    if window.size != descriptor.size or not _hashes_to(window, descriptor.digest):
        window.close()
        _forget(path)
        return None
    window.seek(0)
    with suppress(OSError):
        # This is how it is known what was used last.
        os.utime(window.fileno())
    return window


def keep(cache: Cache, blob: Blob, report: Report = quiet) -> bool:
    """
    Put a blob into a cache; tell whether that could be.

    What is larger than the cache is not kept, and a cache that cannot be written to is no
    reason to fail.

    Raises:
        Corrupt, Missing, Unreachable: the source could not give it.
    """
    if blob.size > cache.limit:
        return False
    try:
        _make(cache.path)
        path = cache.file(blob.digest)
        make_folders(os.path.dirname(path), durable=False)
        with held(cache.path, alone=False):
            put(path, blob, Manner(report=report))
    except OSError:
        return False
    trim(cache, cache.limit, spared=path)
    return True


def document(cache: Cache, descriptor: Descriptor) -> bytes | None:
    """
    Give the bytes of a document that a cache has.
    """
    window = find(cache, descriptor)
    if window is None:
        return None
    with window:
        return io.BufferedReader(window).read()


def keep_document(cache: Cache, raw: bytes, descriptor: Descriptor) -> None:
    """
    Put the bytes of a document into a cache, if that can be.
    """
    keep(cache, Blob(descriptor=descriptor, opener=BytesOpener(raw)))


def files(cache: Cache) -> list[tuple[Digest, os.stat_result]]:
    """
    List what a cache has, what was used longest ago first.
    """
    found: list[tuple[Digest, os.stat_result]] = []
    for algorithm in HEX_LENGTH:
        with suppress(FileNotFoundError), os.scandir(os.path.join(cache.path, algorithm)) as there:
            for each in there:
                with suppress(Invalid, FileNotFoundError):
                    digest = Digest(algorithm, each.name)
                    found.append((digest, each.stat(follow_symlinks=False)))
    return sorted(found, key=lambda each: each[1].st_mtime_ns)


def trim(cache: Cache, limit: int, *, spared: str = "") -> list[tuple[Digest, os.stat_result]]:
    """
    Delete what was used longest ago until so many bytes are left; tell what went.

    What the disk does not let go of stays, and what was used after it goes in its place.
    """
    there = files(cache)
    total = sum(facts.st_size for _, facts in there)
    gone: list[tuple[Digest, os.stat_result]] = []
    for digest, facts in there:
        if total <= limit:
            break
        path = cache.file(digest)
        if path != spared and _forget(path):
            total -= facts.st_size
            gone.append((digest, facts))
    return gone


def _hashes_to(window: FileWindow, digest: Digest) -> bool:
    running = hasher(digest.algorithm)
    buffer = memoryview(bytearray(CHUNK))
    while count := window.readinto(buffer):
        running.update(buffer[:count])
    return finish(running) == digest


def _make(path: str) -> None:
    if not os.path.exists(os.path.join(path, TAG_FILE)):
        make_folders(os.path.dirname(path), durable=False)
        with suppress(FileExistsError):
            # What comes from private repositories is for nobody else.
            os.mkdir(path, 0o700)
        write(os.path.join(path, TAG_FILE), _TAG, durable=False)


def _forget(path: str) -> bool:
    """
    Delete a file, if that can be; tell whether it is gone.
    """
    try:
        os.unlink(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
