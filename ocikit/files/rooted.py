"""
A folder that names cannot lead out of.

Every step goes from an open folder to one name in it, and follows no link: not one that
an image brought, not one that was there, not one that somebody puts there meanwhile.
"""

from __future__ import annotations

import errno
import os
import shutil
from typing import Final

# Windows has none of these, and nothing that could stand in for them.
_DIRECTORY: Final = getattr(os, "O_DIRECTORY", 0)
_NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_CLOSED: Final = getattr(os, "O_CLOEXEC", 0)
#: A handle to go on from; where it can be had without permission to read, it is.
_STEP: Final = getattr(os, "O_PATH", os.O_RDONLY) | _DIRECTORY | _NO_FOLLOW | _CLOSED
_READ: Final = os.O_RDONLY | _DIRECTORY | _NO_FOLLOW | _CLOSED
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW | _CLOSED


class Rooted:
    """
    A folder, and the one below it that was asked for last.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        os.makedirs(path, exist_ok=True)
        self._root = os.open(path, os.O_RDONLY | _DIRECTORY | _CLOSED)
        #: Where we are: the path, and a handle.
        self._path = b""
        self._here = os.dup(self._root)
        #: Folders that were missing.
        self.made: list[bytes] = []

    def close(self) -> None:
        """
        Give back the handles.
        """
        os.close(self._here)
        os.close(self._root)

    @property
    def root(self) -> int:
        """
        A handle of the folder itself, which can be read.
        """
        return self._root

    def folder(self, path: bytes, *, make: bool = True) -> int:
        """
        Give a handle of a folder below, which is valid until the next call.

        Args:
            path: clean, as `ocikit.tree.paths.clean` gives it.
            make: make those that are missing, and those in whose place is something else.
        """
        if path == self._path:
            return self._here
        prefix = self._path + b"/" if self._path else b""
        if not path.startswith(prefix):
            self._move(os.dup(self._root), b"")
            prefix = b""
        for name in path[len(prefix) :].split(b"/"):
            if name:
                there = self._path + b"/" + name if self._path else name
                self._move(self._step(name, there, make), there)
        return self._here

    def clear(self) -> None:
        """
        Remove all that is in the folder.
        """
        self._move(os.dup(self._root), b"")
        self.made.clear()
        for name in os.listdir(self._root):
            try:
                os.unlink(name, dir_fd=self._root)
            except (IsADirectoryError, PermissionError):
                shutil.rmtree(name, dir_fd=self._root)
            except FileNotFoundError:
                # Somebody else was quicker.
                continue

    def _move(self, handle: int, path: bytes) -> None:
        os.close(self._here)
        self._here, self._path = handle, path

    def _step(self, name: bytes, there: bytes, make: bool) -> int:
        try:
            return os.open(name, _STEP, dir_fd=self._here)
        except OSError as error:
            if not make or error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
                raise
        remove(self._here, name)
        # For the owner alone, until all that belongs there is there.
        os.mkdir(name, 0o700, dir_fd=self._here)
        self.made.append(there)
        return os.open(name, _STEP, dir_fd=self._here)


def new_file(folder: int, name: bytes) -> int:
    """
    Open a new file; what has that name is not written to, but removed.
    """
    try:
        return os.open(name, _NEW, 0o600, dir_fd=folder)
    except FileExistsError:
        remove(folder, name)
        return os.open(name, _NEW, 0o600, dir_fd=folder)


def open_folder(folder: int, name: bytes) -> int:
    """
    Open a folder so that its facts can be changed.
    """
    return os.open(name, _READ, dir_fd=folder)


def remove(folder: int, name: bytes) -> None:
    """
    Remove what has that name, if anything; a folder only when it is empty.
    """
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return
    except OSError as error:
        # POSIX and Linux differ in what they say of a folder.
        if error.errno not in (errno.EISDIR, errno.EPERM):
            raise
        os.rmdir(name, dir_fd=folder)
