"""
The facts of files on disk: owners, permissions, attributes, times; never through a link.
"""

from __future__ import annotations

import os
import stat
from typing import Final, Literal, TypeAlias

from ocikit._records import record
from ocikit.tree.entry import Entry

#: To the system this number means that nobody is meant.
_NO_ONE: Final = 2**32 - 1
#: What gives the rights of its owner to whoever runs a file.
_SET_IDS: Final = stat.S_ISUID | stat.S_ISGID
#: A handle of anything at all, which opens no device and follows no link.
_HANDLE: Final = getattr(os, "O_PATH", 0) | getattr(os, "O_NOFOLLOW", 0)

What: TypeAlias = Literal["device", "owner", "attribute", "time"]


@record(kw_only=True)
class Skipped:
    """
    Something of a file that could not be written.
    """

    path: str
    what: What
    reason: str


class Facts:
    """
    Sets facts, and notes down what could not be set.
    """

    def __init__(self, owners: bool) -> None:
        self._owners = owners
        self.skipped: list[Skipped] = []

    def set_open(self, handle: int, entry: Entry) -> None:
        """
        Set all facts of an open file or folder.
        """
        # The system takes away attributes and rights when the owner changes: it is first.
        owned = self._own(entry, handle)
        self._set_attributes(entry, handle)
        os.fchmod(handle, _mode(entry, owned))
        self._set_time(entry, handle)

    def set_closed(self, folder: int, name: bytes, entry: Entry) -> None:
        """
        Set the facts of what is not opened: a link, a pipe, a device.
        """
        owned = self._own(entry, name, folder)
        if _HANDLE:
            handle = os.open(name, _HANDLE | os.O_CLOEXEC, dir_fd=folder)
            try:
                # The one way to what a handle stands for that opens and follows nothing.
                there = f"/proc/self/fd/{handle}"
                self._set_attributes(entry, there)
                if entry.kind != "symlink" and os.path.exists(there):
                    os.chmod(there, _mode(entry, owned))
            finally:
                os.close(handle)
        self._set_time(entry, name, folder)

    def skip(self, entry: Entry, what: What, error: Exception) -> None:
        """
        Note down what could not be written.
        """
        reason = getattr(error, "strerror", None) or str(error)
        self.skipped.append(Skipped(path=entry.name, what=what, reason=reason))

    def _own(self, entry: Entry, file: int | bytes, folder: int | None = None) -> bool:
        if not self._owners:
            return False
        try:
            if not (0 <= entry.uid < _NO_ONE and 0 <= entry.gid < _NO_ONE):
                raise ValueError(f"{entry.uid}:{entry.gid} is no owner")
            os.chown(file, entry.uid, entry.gid, dir_fd=folder, follow_symlinks=folder is None)
        except (OSError, ValueError) as error:
            self.skip(entry, "owner", error)
            return False
        return True

    def _set_attributes(self, entry: Entry, file: int | str) -> None:
        for name, value in entry.xattrs.items() if entry.pax else ():
            try:
                os.setxattr(file, name, value)
            except (OSError, AttributeError) as error:
                self.skip(entry, "attribute", error)

    def _set_time(self, entry: Entry, file: int | bytes, folder: int | None = None) -> None:
        times = (entry.mtime_ns, entry.mtime_ns)
        try:
            os.utime(file, ns=times, dir_fd=folder, follow_symlinks=folder is None)
        except (OSError, OverflowError) as error:
            self.skip(entry, "time", error)


def _mode(entry: Entry, owned: bool) -> int:
    mode = stat.S_IMODE(entry.mode)
    # With another owner than was meant it would give away that one's rights.
    return mode if owned else mode & ~_SET_IDS
