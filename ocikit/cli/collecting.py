"""
Garbage of a registry: told, and collected while it is served.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ocikit.cli.colour import say

if TYPE_CHECKING:
    from ocikit.cli.serving import Serving
    from ocikit.server.garbage import Collectable, Removed


def described(removed: Removed) -> dict[str, Any]:
    """
    Give what was removed as members of a JSON object.
    """
    return {
        "kind": removed.kind,
        "repository": removed.repository,
        "digest": None if removed.digest is None else str(removed.digest),
        "upload": removed.upload,
        "size": removed.size,
    }


def line_of(removed: Removed) -> str:
    """
    Give what was removed as a line: its kind, repository, name and size in bytes.
    """
    name = removed.upload or str(removed.digest)
    return f"{removed.kind} {removed.repository or '-'} {name} {removed.size}"


@contextmanager
def collecting(storage: Collectable, said: Serving, *, verbose: bool) -> Generator[None]:
    """
    Collect the garbage of a storage again and again meanwhile, if that is wanted.

    With `verbose` each removal is a line on stderr. A collection that fails is told, and
    the next is tried all the same.
    """
    if said.gc_every is None:
        yield
        return
    stop = threading.Event()
    collector = _Collector(storage, stop, said, verbose)
    thread = threading.Thread(target=collector.run, args=(said.gc_every,), name="ocikit-gc")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


class _Collector:
    def __init__(
        self, storage: Collectable, stop: threading.Event, said: Serving, verbose: bool
    ) -> None:
        self._storage, self._stop = storage, stop
        self._tell = _tell_json if said.log_format == "json" else _tell_text
        self._verbose = verbose

    def run(self, seconds: float) -> None:
        """
        Collect every so many seconds, until it is stopped.
        """
        while not self._stop.wait(seconds):
            self._once()

    def _once(self) -> None:
        from ocikit.errors import OciError
        from ocikit.server.garbage import removals

        try:
            for removed in removals(self._storage):
                if self._verbose:
                    self._tell(removed)
                if self._stop.is_set():
                    return
        except OciError as failure:
            # What is damaged stays so until somebody looks: `ocikit registry fsck`.
            say(f"gc: {failure}")


def _tell_text(removed: Removed) -> None:
    say(f"gc: removed {line_of(removed)}")


def _tell_json(removed: Removed) -> None:
    # One write a line: requests are logged at the same time.
    sys.stderr.write(json.dumps({"removed": described(removed)}) + "\n")
    sys.stderr.flush()
