"""
Time and chance, handed in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ocikit._records import record

if TYPE_CHECKING:
    from random import Random


@record(kw_only=True)
class Clock:
    """
    What tells the time in seconds since the epoch, waits, and spreads waits by chance.
    """

    now: Callable[[], float]
    sleep: Callable[[float], None]
    random: Random
