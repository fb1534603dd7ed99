"""
Locks on folders: many may hold one together, or one alone.

A writer holds a layout shared while its blobs arrive, so that nothing takes them for
refuse, and its blobs folder alone for the moment in which it changes `index.json`.
Who removes what is refuse holds the layout alone.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

#: Used where folders cannot be locked, as on NFS.
LOCK_FILE: Final = ".ocikit.lock"
_CANNOT: Final = frozenset([errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.EOPNOTSUPP])

Flock = Callable[[int, int], None]


@contextmanager
def held(folder: str, *, alone: bool, flock: Flock | None = None) -> Generator[None, None, None]:
    """
    Hold a folder until the block ends, waiting for others to let go of it.

    Args:
        folder: which.
        alone: whether nobody else may hold it.
        flock: the system's call; `fcntl.flock` when None.
    """
    handle = _lock(folder, alone=alone, wait=True, flock=flock)
    assert handle is not None
    try:
        yield
    finally:
        os.close(handle)


@contextmanager
def held_if_free(folder: str, *, flock: Flock | None = None) -> Generator[bool, None, None]:
    """
    Hold a folder alone until the block ends, if nobody holds it; tell which it is.
    """
    handle = _lock(folder, alone=True, wait=False, flock=flock)
    try:
        yield handle is not None
    finally:
        if handle is not None:
            os.close(handle)


def _lock(folder: str, *, alone: bool, wait: bool, flock: Flock | None) -> int | None:
    import fcntl

    call = flock or fcntl.flock
    mode = (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | (0 if wait else fcntl.LOCK_NB)
    try:
        return _take(os.open(folder, os.O_RDONLY | os.O_DIRECTORY), mode, call)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
    file = os.path.join(folder, LOCK_FILE)
    return _take(os.open(file, os.O_RDWR | os.O_CREAT, 0o666), mode, call)


def _take(handle: int, mode: int, flock: Flock) -> int | None:
    try:
        flock(handle, mode)
    except BaseException as error:
        os.close(handle)
        if isinstance(error, BlockingIOError):
            return None
        raise
    return handle
