"""
Time that passes only when somebody waits, so that tests of patience take none.
"""

from __future__ import annotations

from random import Random

import attrs

from ocikit.registry.clock import Clock


@attrs.define
class VirtualTime:
    """
    A clock that moves when somebody sleeps, and remembers for how long.

    >>> time = VirtualTime()
    >>> time.clock.sleep(3600)
    >>> time.slept, time.now - VirtualTime().now
    ([3600], 3600.0)

    Call it for the time, where only that is wanted:

    >>> time.now += 60
    >>> time() - VirtualTime()()
    3660.0
    """

    #: Seconds since 1970.
    now: float = 1_700_000_000.0
    slept: list[float] = attrs.field(factory=list)
    #: Chances of a clock begin with this.
    seed: int = 0

    def __call__(self) -> float:
        """
        Tell the time, in seconds since 1970.
        """
        return self.now

    def sleep(self, seconds: float) -> None:
        """
        Let time pass.
        """
        self.slept.append(seconds)
        self.now += seconds

    @property
    def clock(self) -> Clock:
        """
        The clock to give to a `Client`.
        """
        return Clock(now=lambda: self.now, sleep=self.sleep, random=Random(self.seed))  # noqa: S311 - of tests
