"""
Locks on folders, and where folders cannot be locked.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from pathlib import Path

import pytest

from ocikit.files.lock import LOCK_FILE, Flock, held, held_if_free


def _nfs(handle: int, mode: int) -> None:
    # NFS wants files that are open for writing to be locked alone, as folders never are.
    if stat.S_ISDIR(os.fstat(handle).st_mode):
        raise OSError(errno.EBADF, "Bad file descriptor")
    fcntl.flock(handle, mode)


@pytest.mark.parametrize("flock", [None, _nfs])
def test_shared_and_alone(tmp_path: Path, flock: Flock | None) -> None:
    """
    Many may hold a folder shared; nobody then holds it alone, until all let go.
    """
    folder = os.fspath(tmp_path)
    with (
        held(folder, alone=False, flock=flock),
        held(folder, alone=False, flock=flock),
        held_if_free(folder, flock=flock) as free,
    ):
        assert not free
    with held_if_free(folder, flock=flock) as free:
        assert free
    assert os.listdir(tmp_path) == ([] if flock is None else [LOCK_FILE])


def test_released_after_a_failure(tmp_path: Path) -> None:
    """
    An exception in the block lets go.
    """
    folder = os.fspath(tmp_path)
    with pytest.raises(KeyError), held(folder, alone=True):
        raise KeyError
    with held_if_free(folder) as free:
        assert free


def test_real_faults_are_raised(tmp_path: Path) -> None:
    """
    A system that is out of something is not taken for one that cannot lock folders.
    """

    def broken(handle: int, mode: int) -> None:
        raise OSError(errno.EIO, "I/O error")

    with (
        pytest.raises(OSError, match="I/O error"),
        held(os.fspath(tmp_path), alone=True, flock=broken),
    ):
        pass
    assert os.listdir(tmp_path) == []
