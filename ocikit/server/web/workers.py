"""
Threads for what has something to do: as many as that is, and kept for a while after.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Final, TypeAlias

Task: TypeAlias = Callable[[], None]

#: Seconds that a thread waits for more to do before it ends.
_SPARE: Final = 5.0


class Workers:
    """
    Runs tasks at once, each in a thread; one that is done takes the next.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0
        self._closed = False

    def run(self, task: Task) -> None:
        """
        Run a task; it has to deal with its own failures.

        Raises:
            RuntimeError: the system gives no more threads.
        """
        with self._lock:
            if self._idle:
                self._idle -= 1
                self._tasks.put(task)
                return
        threading.Thread(target=self._work, args=(task,), name=self._name, daemon=True).start()

    def close(self) -> None:
        """
        Let threads end that have nothing to do; the others do when they are done.
        """
        with self._lock:
            self._closed = True
            for _ in range(self._idle):
                self._tasks.put(None)
            self._idle = 0

    def _work(self, task: Task | None) -> None:
        while task is not None:
            task()
            with self._lock:
                if self._closed:
                    return
                self._idle += 1
            try:
                task = self._tasks.get(timeout=_SPARE)
            except queue.Empty:
                with self._lock:
                    # One was on its way: whoever gave it has counted this thread.
                    if self._tasks.empty():
                        self._idle -= 1
                        return
                task = self._tasks.get()
