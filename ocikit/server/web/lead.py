"""
Which thread waits for clients: the one that answers them, while that takes no time.

To hand each request to another thread costs more than a small answer, and threads that are
busy at once queue for the interpreter. So the thread that waits, the leader, answers what
came itself. When something holds it up there (a disk, another registry, a slow client), it
leads no more: another thread goes on waiting, and this one is the thread of what takes so
long. Where all takes a while, each gets a thread at once.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from ocikit.server.web.workers import Task

T = TypeVar("T")

_LOOK: Final = 0.02
#: After so many looks at which nothing happened nobody looks any more, until something does.
_STILL: Final = 3
#: Seconds after something turned out to be slow, in which all is taken for that.
_WARY: Final = 1.0
#: Seconds that work may take in the mean: more is worth threads, that wait side by side.
_MEAN: Final = 0.0004
#: How much each counts in the mean, and the most seconds of one: a thread that had to wait
#: for a processor says little of its work.
_WEIGHT: Final = 1 / 16
_MOST: Final = 0.002


class Lead(Generic[T]):
    """
    Gives the lead to another thread when the leader has something to do that takes long.

    Args:
        start: runs a task in a thread; RuntimeError when there are no more.
        wait: what a leader does, until it is told that it leads no more.
        release: takes from those that wait what has a thread of its own now.
        look: seconds between two looks at the leader: what it is at in both is slow.
        clock: gives the time, in seconds.
    """

    def __init__(
        self,
        start: Callable[[Task], None],
        wait: Callable[[], None],
        release: Callable[[T], None],
        look: float = _LOOK,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._start, self._wait, self._release = start, wait, release
        self._look, self._clock = look, clock
        self._lock = threading.Lock()
        #: What the leader is at, and how often there was something.
        self._work: T | None = None
        self._count = 0
        self._watched = False
        #: When that began, and how long the like took in the mean.
        self._begun = self._mean = 0.0
        self._wary_until = -math.inf

    def begin(self, work: T) -> None:
        """
        Say, as the leader, that this is to be done now.
        """
        with self._lock:
            self._work, self._begun = work, self._clock()
            self._count += 1
            watched, self._watched = self._watched, True
        if not watched:
            self._begin_watch()
        if self._begun < self._wary_until:
            self.leave(work)

    def end(self, work: T) -> bool:
        """
        Say that it is done; whether this thread still leads.
        """
        with self._lock:
            leads = self._work is work
            if leads:
                self._work = None
                self._judge(self._clock() - self._begun)
        return leads

    def leave(self, work: T) -> None:
        """
        Say that it will take long: another thread leads from now on, if none does yet.
        """
        with self._lock:
            if self._work is work:
                self._pass_on(work)

    def run(self) -> None:
        """
        Lead.
        """
        with self._lock:
            # Whoever led has let go by now of what it is at.
            pass
        self._wait()

    def _pass_on(self, work: T) -> None:
        try:
            self._start(self.run)
        except RuntimeError:
            # No more threads: all the others have to wait for this.
            return
        self._work = None
        self._release(work)

    def _judge(self, seconds: float) -> None:
        self._mean += (min(seconds, _MOST) - self._mean) * _WEIGHT
        if self._mean > _MEAN:
            self._be_wary()

    def _be_wary(self) -> None:
        self._mean, self._wary_until = 0.0, self._clock() + _WARY

    def _begin_watch(self) -> None:
        try:
            self._start(self._watch)
        except RuntimeError:
            self._watched = False

    def _watch(self) -> None:
        seen = still = 0
        while still < _STILL:
            time.sleep(self._look)
            with self._lock:
                if self._count != seen:
                    seen, still = self._count, 0
                elif self._work is None:
                    still += 1
                    self._watched = still < _STILL
                else:
                    self._be_wary()
                    self._pass_on(self._work)
