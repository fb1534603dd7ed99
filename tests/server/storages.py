"""
The storages that the same tests run over.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from obstore.store import LocalStore, MemoryStore

from ocikit.server.disk.storage import Disk
from ocikit.server.memory import Memory
from ocikit.server.objects.storage import Objects
from ocikit.server.storage import Storage

STORAGES: Final = ("memory", "disk", "disk-none", "objects", "objects-folder")


@contextmanager
def opened(kind: str, path: Path) -> Iterator[Storage]:
    """
    Give a storage of a kind that is empty; what it needs of a disk lies under `path`.
    """
    if kind == "memory":
        yield Memory()
    elif kind.startswith("objects"):
        path.mkdir()
        store = MemoryStore() if kind == "objects" else LocalStore(path)
        with closing(Objects(store)) as objects:
            yield objects
    else:
        with Disk(path, "none" if kind == "disk-none" else "full") as disk:
            yield disk
