"""
The few calls by which a registry changes a disk, so that a test can make any of them fail.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import Final

from ocikit.files.atomic import sync_folder, write_at

#: What is said of hard links by a file system that has none, or no more of this file.
_NO_LINK: Final = frozenset(
    [errno.EMLINK, errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV, errno.EACCES]
)
_NEW: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
_OLD: Final = os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)


class System:
    """
    A disk, by the calls of the operating system.
    """

    def create(self, path: str) -> int:
        """
        Make a file that was not there, and give its descriptor.
        """
        # The mode is left to the umask, as for any file that a person makes.
        return os.open(path, _NEW, 0o666)

    def open(self, path: str) -> int:
        """
        Open a file to read and write it.
        """
        return os.open(path, _OLD)

    def write(self, handle: int, data: memoryview, at: int) -> None:
        """
        Write all of `data` to a place in a file.
        """
        write_at(handle, data, at)

    def truncate(self, handle: int, size: int) -> None:
        """
        Cut a file off.
        """
        os.ftruncate(handle, size)

    def sync(self, handle: int) -> None:
        """
        Force the content of a file to the disk.
        """
        os.fsync(handle)

    def sync_folder(self, path: str) -> None:
        """
        Force the names in a folder to the disk.
        """
        sync_folder(path)

    def link(self, source: str, target: str) -> None:
        """
        Give a file one more name.

        Raises:
            FileExistsError: the name is taken.
        """
        os.link(source, target, follow_symlinks=False)

    def replace(self, source: str, target: str) -> None:
        """
        Rename a file; whatever had the name before is gone.
        """
        os.replace(source, target)

    def remove(self, path: str) -> None:
        """
        Remove a name.
        """
        os.unlink(path)

    def make_folder(self, path: str) -> None:
        """
        Make a folder.

        Raises:
            FileExistsError: there is one.
        """
        os.mkdir(path)

    def touch(self, path: str, seconds: float) -> None:
        """
        Say that a file was of use at a time, in seconds since the epoch.
        """
        os.utime(path, (seconds, seconds), follow_symlinks=False)


class Writer:
    """
    What is made of those calls: files that appear whole, and with their bytes on the disk.
    """

    def __init__(self, system: System, temporary: str, *, durable: bool) -> None:
        self.system, self.durable = system, durable
        self._temporary = temporary

    def settle(self, handle: int) -> None:
        """
        Force the content of a file to the disk, if that is wanted at all.
        """
        if self.durable:
            self.system.sync(handle)

    def settle_file(self, path: str) -> None:
        """
        Force the content of a file that is not open to the disk, if that is wanted.
        """
        if self.durable:
            handle = self.system.open(path)
            try:
                self.system.sync(handle)
            finally:
                os.close(handle)

    def scratch(self) -> str:
        """
        Give a path for a file that is not there yet.
        """
        return os.path.join(self._temporary, os.urandom(16).hex())

    def prepare(self, data: bytes) -> str:
        """
        Write a file that is still to get its name; gives its path.
        """
        path = self.scratch()
        handle = self.system.create(path)
        try:
            self.system.write(handle, memoryview(data), 0)
            self.settle(handle)
        except BaseException:
            self.discard(path)
            raise
        finally:
            os.close(handle)
        return path

    def discard(self, path: str) -> None:
        """
        Remove a file that has no use any more. What cannot be removed is swept later.
        """
        with suppress(OSError):
            self.system.remove(path)

    def join(self, source: str, target: str) -> None:
        """
        Give a file one more name; where the file system cannot do that, copy it.

        Raises:
            FileExistsError: the name is taken.
            FileNotFoundError: there is no such file.
        """
        try:
            self.system.link(source, target)
        except OSError as error:
            # One file has 65,000 names on ext4, and the same config is in all images of
            # a builder.
            if error.errno not in _NO_LINK:
                raise
            self._copy(source, target)

    def _copy(self, source: str, target: str) -> None:
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
        path = self.scratch()
        handle = self.system.create(path)
        try:
            with open(source, "rb", buffering=0) as file:
                at = 0
                while data := file.read(1 << 20):
                    self.system.write(handle, memoryview(data), at)
                    at += len(data)
            self.settle(handle)
            self.system.replace(path, target)
        except BaseException:
            self.discard(path)
            raise
        finally:
            os.close(handle)


def read_file(path: str) -> bytes | None:
    """
    Read a small file; None when it is not there.
    """
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except FileNotFoundError:
        return None
