"""
What was found for a while: kept in this process, and in no other.

Threads that want the same thing at once wait for the one that asks, and get what it got,
an error too. Nothing of it prints or travels: a copy, a pickle and a forked child begin
with nothing.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

import attrs

V = TypeVar("V")

#: For how many different things something is kept; the oldest go.
_MOST: Final = 1024


@attrs.define(eq=False, repr=False)
class _Flight(Generic[V]):
    """
    Somebody who went to ask.
    """

    landed: threading.Event = attrs.field(factory=threading.Event)
    #: What came, in a tuple of one; none when whoever asked was interrupted.
    got: tuple[V] | None = None
    until: float = 0.0
    error: Exception | None = None


class Held(Generic[V]):
    """
    What was found, by what it was found for; threads may share it.
    """

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        # The locks of a parent may be held by threads that its child does not have.
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._flights: dict[Hashable, _Flight[V]] = {}

    def get(self, key: Hashable, ask: Callable[[], tuple[V, float]], now: Callable[[], float]) -> V:
        """
        Give what is held for a key and still good, or ask.

        Args:
            key: what is wanted.
            ask: gives it, and until when it is to be held, in seconds since 1970.
            now: tells the time, in seconds since 1970.

        >>> Held[str]().get("a", lambda: ("found", 60.0), lambda: 0.0)
        'found'
        """
        if self._process != os.getpid():
            self._begin()
        while True:
            flight, mine = self._board(key, now())
            if mine:
                self._fly(key, flight, ask)
            flight.landed.wait()
            if flight.error is not None:
                raise flight.error
            if flight.got is not None:
                return flight.got[0]

    def _board(self, key: Hashable, now: float) -> tuple[_Flight[V], bool]:
        with self._lock:
            known = self._flights.get(key)
            if known is not None and (not known.landed.is_set() or known.until > now):
                return known, False
            made = self._flights[key] = _Flight()
            if len(self._flights) > _MOST:
                del self._flights[next(iter(self._flights))]
            return made, True

    def _fly(self, key: Hashable, flight: _Flight[V], ask: Callable[[], tuple[V, float]]) -> None:
        try:
            got, flight.until = ask()
            flight.got = (got,)
        except BaseException as error:
            with self._lock:
                if self._flights.get(key) is flight:
                    del self._flights[key]
            if not isinstance(error, Exception):
                raise
            flight.error = error
        finally:
            flight.landed.set()

    def __repr__(self) -> str:
        return "Held()"

    def __reduce__(self) -> tuple[type[Held[V]], tuple[()]]:
        return Held, ()
