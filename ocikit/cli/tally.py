"""
What moved so far, how fast, and how long the rest will take; as text and as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

from ocikit.cli.colour import say
from ocikit.digest import Digest
from ocikit.progress import Event, Update
from ocikit.sizes import in_units

#: The members of a line of `--progress json`, in their order, and what they say.
PROGRESS: Final = {
    "event": "planned, started, moved, resumed, retried, mounted, exists, done, tagged; total",
    "digest": "string or null: of the piece; null where all is meant",
    "name": "string: what a person calls it; empty for most",
    "bytes": "integer: of this piece so far, or what was planned with it",
    "planned": "integer: bytes of all that is known to come",
    "moved": "integer: bytes that came over the network, or from a disk",
    "mounted": "integer: bytes that a registry took from a repository of its own",
    "exists": "integer: bytes that were there already",
    "resumed": "integer: bytes that an earlier attempt had left",
    "pieces": "integer: pieces that are done",
    "seconds": "number: since it began",
    "speed": "number: bytes a second that moved",
    "left": "number or null: seconds that the rest will take",
}

#: Between two lines about what moves, in seconds.
_EVERY: Final = 0.25
_SAID: Final = {Event.DONE: "moved", Event.MOUNTED: "mounted", Event.EXISTS: "there already"}
_DONE: Final = frozenset((Event.DONE, Event.MOUNTED, Event.EXISTS))


class Tally:
    """
    The sum of what was reported; call `add` from one thread at a time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._begun = clock, clock()
        self.bytes: dict[Event, int] = dict.fromkeys(Event, 0)
        self.pieces = 0
        self._of: dict[Digest, int] = defaultdict(int)

    def add(self, update: Update) -> int:
        """
        Add an update, and give the bytes of its piece so far.
        """
        self.bytes[update.event] += update.bytes
        self.pieces += update.event in _DONE
        if update.digest is None or update.event is Event.PLANNED:
            return update.bytes
        if update.event in (Event.MOVED, Event.RESUMED, Event.MOUNTED, Event.EXISTS):
            self._of[update.digest] += update.bytes
        return self._of[update.digest]

    @property
    def done(self) -> int:
        """
        The bytes that need not move any more.
        """
        kinds = (Event.MOVED, Event.MOUNTED, Event.EXISTS, Event.RESUMED)
        return sum(self.bytes[kind] for kind in kinds)

    @property
    def seconds(self) -> float:
        """
        The time since it began.
        """
        return self._clock() - self._begun

    @property
    def speed(self) -> float:
        """
        The bytes that moved a second.
        """
        return self.bytes[Event.MOVED] / self.seconds if self.seconds > 0 else 0.0

    @property
    def left(self) -> float | None:
        """
        The seconds that the rest will take; None as long as nothing moved.
        """
        rest = max(0, self.bytes[Event.PLANNED] - self.done)
        return rest / self.speed if self.speed > 0 else None if rest else 0.0

    def parts(self) -> list[str]:
        """
        Say what became of it, as "3.0 MB moved" and "1.2 MB mounted".
        """
        said = {
            "moved": self.bytes[Event.MOVED],
            "mounted": self.bytes[Event.MOUNTED],
            "there already": self.bytes[Event.EXISTS],
            "resumed": self.bytes[Event.RESUMED],
        }
        return [f"{in_units(size)} {what}" for what, size in said.items() if size]


class Lines:
    """
    One line for each piece that is done, and one for all.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._tally = Tally(clock)

    def report(self, update: Update) -> None:
        """
        Print a line when a piece is done, broken off or gone on with.
        """
        size = self._tally.add(update)
        if update.digest is None:
            return
        what = f"{update.digest.algorithm}:{update.digest.short()}"
        if update.event is Event.RETRIED:
            say(f"{what}  {'':>9}  broke off; trying again")
        elif update.event is Event.RESUMED and update.bytes > 0:
            say(f"{what}  {in_units(update.bytes):>9}  came before; going on from there")
        elif update.event in _SAID:
            size = size if update.event is Event.DONE else update.bytes
            say(f"{what}  {in_units(size) if size else '':>9}  {_SAID[update.event]}")

    def end(self) -> None:
        """
        Say what it was in total, where it was several pieces.
        """
        tally = self._tally
        if tally.pieces > 1 and (parts := tally.parts()):
            speed = f", {in_units(tally.speed)}/s" if tally.bytes[Event.MOVED] else ""
            say(f"{', '.join(parts)}; {tally.pieces} pieces in {tally.seconds:.1f} s{speed}")


class Objects:
    """
    One JSON object a line, for programs: `PROGRESS` says what it has.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._tally = Tally(clock)
        self._clock, self._next = clock, 0.0

    def report(self, update: Update) -> None:
        """
        Print an update; of those that something moved, no more than some a second.
        """
        size = self._tally.add(update)
        if update.event is Event.MOVED:
            if self._clock() < self._next:
                return
            self._next = self._clock() + _EVERY
        digest = None if update.digest is None else str(update.digest)
        self._print(event=str(update.event), digest=digest, name=update.name, bytes=size)

    def end(self) -> None:
        """
        Print the sum of all.
        """
        self._print(event="total", digest=None, name="", bytes=self._tally.done)

    def _print(self, **said: Any) -> None:
        tally = self._tally
        told = {
            **said,
            "planned": tally.bytes[Event.PLANNED],
            "moved": tally.bytes[Event.MOVED],
            "mounted": tally.bytes[Event.MOUNTED],
            "exists": tally.bytes[Event.EXISTS],
            "resumed": tally.bytes[Event.RESUMED],
            "pieces": tally.pieces,
            "seconds": round(tally.seconds, 3),
            "speed": round(tally.speed),
            "left": None if tally.left is None else round(tally.left, 1),
        }
        # One write a line: others write to stderr, too.
        sys.stderr.write(json.dumps(told) + "\n")
        sys.stderr.flush()
