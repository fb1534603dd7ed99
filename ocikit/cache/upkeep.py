"""
What a cache has, and how it is made smaller.
"""

from __future__ import annotations

import os
from contextlib import suppress

from ocikit._records import record
from ocikit.cache.store import Cache, files, find, trim
from ocikit.digest import HEX_LENGTH, Digest
from ocikit.files.atomic import sweep
from ocikit.files.lock import held_if_free
from ocikit.files.part import sweep_parts
from ocikit.spec.descriptor import Descriptor


@record(kw_only=True)
class Entry:
    """
    One thing that a cache has, or had.
    """

    digest: Digest
    #: In bytes.
    size: int
    #: When it was used last, in seconds since the epoch.
    used: float


def entries(cache: Cache) -> tuple[Entry, ...]:
    """
    List what a cache has, what was used longest ago first.
    """
    return tuple(_entry(digest, facts) for digest, facts in files(cache))


def prune(cache: Cache, limit: int | None = None, *, check: bool = False) -> tuple[Entry, ...]:
    """
    Delete what was used longest ago until so much is left, and tell what went.

    What writers that were killed left behind goes too, if nobody is writing. What the disk
    does not let go of stays, and is not told.

    Args:
        cache: which.
        limit: how many bytes stay; the cache's own limit when None.
        check: read everything, and delete what is damaged.
    """
    _sweep(cache)
    damaged = [entry for entry in entries(cache) if check and not _is_whole(cache, entry)]
    damaged = [entry for entry in damaged if not os.path.lexists(cache.file(entry.digest))]
    gone = trim(cache, cache.limit if limit is None else limit)
    return (*damaged, *(_entry(digest, facts) for digest, facts in gone))


def clear(cache: Cache) -> tuple[Entry, ...]:
    """
    Delete all that a cache has, and tell what went.
    """
    return prune(cache, 0)


def _entry(digest: Digest, facts: os.stat_result) -> Entry:
    return Entry(digest=digest, size=facts.st_size, used=facts.st_mtime)


def _is_whole(cache: Cache, entry: Entry) -> bool:
    kind = "application/octet-stream"
    window = find(cache, Descriptor(media_type=kind, digest=entry.digest, size=entry.size))
    if window is None:
        return False
    window.close()
    # To have been looked at is no use.
    with suppress(OSError):
        os.utime(cache.file(entry.digest), (entry.used, entry.used))
    return True


def _sweep(cache: Cache) -> None:
    if not os.path.isdir(cache.path):
        return
    with held_if_free(cache.path) as alone:
        if alone:
            for folder in (cache.path, *(os.path.join(cache.path, name) for name in HEX_LENGTH)):
                with suppress(FileNotFoundError):
                    sweep(folder)
                    sweep_parts(folder)
