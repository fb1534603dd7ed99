"""
Group commit: many writers, each told when what it changed is on the disk, and one of them
at a time forces it there for all that wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import attrs


@attrs.define(eq=False)
class _Batch:
    folders: set[str] = attrs.field(factory=set)
    done: bool = False
    failure: OSError | None = None


class Batches:
    """
    Folders in which names changed, forced to the disk together.

    Nobody waits for others to come: while one batch is forced to the disk, the next one
    gathers. Alone a writer pays for itself, and a crowd shares.

    Args:
        sync: forces the names in a folder to the disk.
        durable: whether that is wanted at all.

    >>> forced = []
    >>> batches = Batches(forced.append, durable=True)
    >>> batches.changed("a", "b", "a")
    >>> batches.settle()
    >>> sorted(forced)
    ['a', 'b']
    """

    def __init__(self, sync: Callable[[str], None], *, durable: bool) -> None:
        self._sync, self._durable = sync, durable
        self._condition = threading.Condition()
        self._next = _Batch()
        self._running: _Batch | None = None

    def changed(self, *folders: str) -> None:
        """
        Say that names in folders changed.
        """
        if self._durable:
            with self._condition:
                self._next.folders.update(folders)

    def settle(self) -> None:
        """
        Return when all that was changed so far, by whomever, is on the disk.

        Raises:
            OSError: it could not be forced there.
        """
        with self._condition:
            batch = self._next if self._next.folders else self._running
            if batch is None:
                return
            while not batch.done:
                if self._running is None:
                    self._lead()
                else:
                    self._condition.wait()
        if (failure := batch.failure) is not None:
            raise OSError(failure.errno, failure.strerror, failure.filename) from failure

    def _lead(self) -> None:
        batch, self._next = self._next, _Batch()
        self._running = batch
        self._condition.release()
        try:
            for folder in sorted(batch.folders):
                self._sync(folder)
        except OSError as error:
            batch.failure = error
        finally:
            self._condition.acquire()
            if batch.failure is not None:
                # Who comes next must not be told that it is there.
                self._next.folders |= batch.folders
            batch.done, self._running = True, None
            self._condition.notify_all()
