"""
How many lines there may be at once.
"""

from __future__ import annotations

import threading


class Places:
    """
    Counts the lines over which blobs come, of which there should be no more than `count`.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._taken = 0
        self._lock = threading.Lock()

    @property
    def free(self) -> bool:
        """
        Whether there is room for one more.
        """
        return self._taken < self.count

    def enter(self) -> None:
        """
        Take a place, even where there is none.
        """
        with self._lock:
            self._taken += 1

    def leave(self) -> None:
        """
        Give it back.
        """
        with self._lock:
            self._taken -= 1
