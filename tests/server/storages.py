"""
The storages that the same tests run over.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ocikit.server.disk import Disk
from ocikit.server.memory import Memory
from ocikit.server.storage import Storage

STORAGES: Final = ("memory", "disk", "disk-none")


@contextmanager
def opened(kind: str, path: Path) -> Iterator[Storage]:
    """
    Give a storage of a kind that is empty; what it needs of a disk lies under `path`.
    """
    if kind == "memory":
        yield Memory()
    else:
        with Disk(path, "none" if kind == "disk-none" else "full") as disk:
            yield disk
