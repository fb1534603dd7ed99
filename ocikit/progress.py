"""
Progress as events: what moved, and a fold that adds it up.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from ocikit._records import EMPTY, FrozenMap, evolve, record
from ocikit.digest import Digest


class Event(StrEnum):
    """
    What happened to a piece of content.
    """

    PLANNED = "planned"
    STARTED = "started"
    MOVED = "moved"
    MOUNTED = "mounted"
    EXISTS = "exists"
    RESUMED = "resumed"
    RETRIED = "retried"
    DONE = "done"
    TAGGED = "tagged"


@record(kw_only=True)
class Update:
    """
    One event of a transfer.

    `bytes` is a difference, never a total: bytes planned for PLANNED, moved since the
    last event for MOVED (negative when an attempt failed and starts anew), saved for
    MOUNTED, EXISTS and RESUMED.
    """

    event: Event
    digest: Digest | None = None
    bytes: int = 0
    #: What a person calls it: a reference, "config", "layer 3".
    name: str = ""


Report = Callable[[Update], None]


def quiet(update: Update) -> None:
    """
    Report to nobody.
    """


@record(kw_only=True)
class Meter:
    """
    The sum of the updates seen so far; `add` gives the next one.

    >>> from functools import reduce
    >>> seen = [Update(event=Event.PLANNED, bytes=10), Update(event=Event.MOVED, bytes=4)]
    >>> reduce(add, seen, Meter()).fraction
    0.4
    """

    planned: int = 0
    moved: int = 0
    saved: int = 0
    started: int = 0
    done: int = 0
    #: Bytes done by digest of each piece that was started.
    pieces: FrozenMap[Digest, int] = EMPTY

    @property
    def fraction(self) -> float:
        """
        The part that is done, from 0 to 1.
        """
        if not self.planned:
            return 0.0
        return min(1.0, (self.moved + self.saved) / self.planned)


def add(meter: Meter, update: Update) -> Meter:
    """
    Return `meter` with `update` added.
    """
    match update.event:
        case Event.PLANNED:
            return evolve(meter, planned=meter.planned + update.bytes)
        case Event.MOVED:
            return _piece(evolve(meter, moved=meter.moved + update.bytes), update)
        case Event.MOUNTED | Event.EXISTS:
            return evolve(meter, saved=meter.saved + update.bytes, done=meter.done + 1)
        case Event.RESUMED:
            return _piece(evolve(meter, saved=meter.saved + update.bytes), update)
        case Event.STARTED:
            return evolve(meter, started=meter.started + 1)
        case Event.DONE:
            return evolve(meter, done=meter.done + 1)
        case Event.RETRIED | Event.TAGGED:
            return meter


def _piece(meter: Meter, update: Update) -> Meter:
    if update.digest is None:
        return meter
    so_far = meter.pieces.get(update.digest, 0)
    return evolve(meter, pieces=meter.pieces.set(update.digest, so_far + update.bytes))
