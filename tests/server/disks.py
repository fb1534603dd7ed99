"""
Disks that fail, die, or watch what is done with them.
"""

from __future__ import annotations

import os
from typing import Any, Final

from ocikit.server.disk.system import System

#: The calls that change a disk.
CALLS: Final = (
    "create",
    "open",
    "write",
    "truncate",
    "sync",
    "sync_folder",
    "link",
    "replace",
    "remove",
    "make_folder",
    "touch",
)


class Failing(System):
    """
    A disk of which one call fails, by its number; or all from that one on.
    """

    def __init__(self, number: int, error: int, *, forever: bool = False) -> None:
        self.left, self._error, self._forever = number, error, forever
        self.failed = ""

    def __getattribute__(self, name: str) -> Any:
        found = object.__getattribute__(self, name)
        if name not in CALLS:
            return found

        def call(*args: Any) -> Any:
            self.left -= 1
            if self.left == 0 or (self._forever and self.left < 0):
                self.failed = self.failed or name
                if name == "write":
                    # A disk is full amid a write.
                    found(args[0], args[1][: len(args[1]) // 2], args[2])
                raise OSError(self._error, os.strerror(self._error))
            return found(*args)

        return call


class Watching(System):
    """
    A disk that knows what would be lost if the power were cut now.
    """

    def __init__(self) -> None:
        #: Files and folders, by inode, whose content or names are not on the disk yet.
        self.files: set[int] = set()
        self.folders: set[str] = set()
        self.syncs = 0
        self.wrong: list[str] = []

    def write(self, handle: int, data: memoryview, at: int) -> None:
        super().write(handle, data, at)
        if len(data):
            self.files.add(os.fstat(handle).st_ino)

    def sync(self, handle: int) -> None:
        super().sync(handle)
        self.syncs += 1
        self.files.discard(os.fstat(handle).st_ino)

    def sync_folder(self, path: str) -> None:
        super().sync_folder(path)
        self.syncs += 1
        self.folders.discard(path)

    def link(self, source: str, target: str) -> None:
        self._named(source, target)
        super().link(source, target)

    def replace(self, source: str, target: str) -> None:
        self._named(source, target)
        super().replace(source, target)

    def remove(self, path: str) -> None:
        super().remove(path)
        self._changed(path)

    def make_folder(self, path: str) -> None:
        super().make_folder(path)
        self._changed(path)

    def _named(self, source: str, target: str) -> None:
        if "_temporary" not in target and os.stat(source).st_ino in self.files:
            self.wrong.append(f"{target} has a name before its bytes are on the disk")
        self._changed(target)

    def _changed(self, path: str) -> None:
        folder = os.path.dirname(path)
        if not folder.endswith(("_temporary", "_uploads")):
            self.folders.add(folder)
