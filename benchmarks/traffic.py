"""
Requests, and bytes of bodies, that each tool's work costs: `python -m benchmarks --traffic`.

They do not depend on the machine: each work is done once, with registries of ours that count.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import attrs

from ocikit.server import Disk, registry, serve
from ocikit.server.web.guard import Exchange


@attrs.define
class Traffic:
    """
    What has passed since it was last asked: requests, and bytes up and down.
    """

    requests: int = 0
    up: int = 0
    down: int = 0
    _lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)

    def note(self, exchange: Exchange) -> None:
        """
        Count one request.
        """
        with self._lock:
            self.requests += 1
            self.up += exchange.received
            self.down += exchange.sent

    def taken(self) -> dict[str, int]:
        """
        Give what was counted, and begin anew.
        """
        with self._lock:
            counted = {"requests": self.requests, "up": self.up, "down": self.down}
            self.requests = self.up = self.down = 0
            return counted


@contextlib.contextmanager
def counting(folder: Path, traffic: Traffic) -> Iterator[str]:
    """
    Serve a registry that keeps its blobs in `folder` and counts; give its address.
    """
    with serve(registry(Disk(folder, "none")), log=traffic.note) as server:
        yield server.host
