"""
Whose folder it is: one process at a time has a registry on disk.
"""

from __future__ import annotations

import json
import os
import weakref
from typing import Final

import attrs

from ocikit.errors import Invalid, Refused, Unsupported
from ocikit.server.disk.places import Places

_VERSION: Final = 1
_TEXT: Final = b'{"ocikitRegistry":1}\n'
#: What a new file system has, and nobody put there.
_NOTHING: Final = frozenset({"lost+found", "_registry"})


@attrs.frozen(kw_only=True)
class FolderInUse(Refused):
    """
    Another process has the folder of a registry.
    """

    path: str

    def __str__(self) -> str:
        return f"{self.path}: another process has this registry; stop it first, or ask it instead"


@attrs.frozen(kw_only=True)
class NotARegistry(Invalid):
    """
    A folder holds something, and that is not a registry of ours.
    """

    path: str

    def __str__(self) -> str:
        return f"{self.path}: neither empty nor a registry's folder; name another one"


@attrs.frozen(kw_only=True)
class RegistryVersionUnknown(Unsupported):
    """
    The folder of a registry was made by a program that is newer than this one.
    """

    path: str
    version: str

    def __str__(self) -> str:
        return f"{self.path}: a registry of version {self.version}; only {_VERSION} is known"


class Lock:
    """
    Holds a folder until it is released, or forgotten, or its process ends.

    Raises:
        FolderInUse: another has it.
        NotARegistry: it holds something else.
        RegistryVersionUnknown: it was made by a newer program.
    """

    def __init__(self, places: Places) -> None:
        import fcntl

        os.makedirs(places.root, exist_ok=True)
        if not os.path.lexists(places.marker) and set(os.listdir(places.root)) - _NOTHING:
            raise NotARegistry(path=places.root)
        handle = os.open(places.marker, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._check(places, handle)
        except BaseException as error:
            os.close(handle)
            if isinstance(error, BlockingIOError):
                raise FolderInUse(path=places.root) from None
            raise
        self.release = weakref.finalize(self, os.close, handle)

    @staticmethod
    def _check(places: Places, handle: int) -> None:
        text = os.pread(handle, 4096, 0)
        if not text:
            os.pwrite(handle, _TEXT, 0)
            return
        try:
            version = json.loads(text)["ocikitRegistry"]
        except (ValueError, KeyError, TypeError):
            raise NotARegistry(path=places.root) from None
        if version != _VERSION:
            raise RegistryVersionUnknown(path=places.root, version=str(version))
