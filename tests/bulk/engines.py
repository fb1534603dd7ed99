"""
Engines of which a test says what runs when, and what is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from ocikit._records import evolve
from ocikit.bulk.journal import Journal
from ocikit.bulk.mapping import Bounds, drive


class Killed(BaseException):
    """
    The driver dies at this point.
    """


class Virtual(Executor):
    """
    Runs a call when the driver waits: that which the test picks of those under way.

    It counts what is under way, and may lose a call by its references: before its work
    ("cancelled", "broken"; "all" with all that is under way), or after it ("unsaid").
    """

    def __init__(
        self, pick: Callable[[int], int], fate: Callable[[Sequence[Any]], str] = lambda _: "done"
    ) -> None:
        self._pick, self._fate = pick, fate
        self.waiting: list[tuple[Future[Any], Callable[[], Any], Sequence[Any]]] = []
        self.most_calls = self.most_references = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        call: Future[Any] = Future()
        self.waiting.append((call, lambda: fn(*args, **kwargs), args[1]))
        self.most_calls = max(self.most_calls, len(self.waiting))
        under_way = sum(len(references) for _, _, references in self.waiting)
        self.most_references = max(self.most_references, under_way)
        return call

    def pause(self, calls: Collection[Future[Any]]) -> None:
        """
        Run one call, and let the driver see it.
        """
        call, do, references = self.waiting.pop(self._pick(len(self.waiting)))
        fate = self._fate(references)
        if fate == "cancelled":
            call.cancel()
        elif fate == "all":
            for other, _, _ in ((call, do, references), *self.waiting):
                other.set_exception(BrokenProcessPool("the process died"))
            self.waiting.clear()
        elif fate == "broken":
            call.set_exception(BrokenProcessPool("a worker died"))
        else:
            answers = do()
            # Or the worker did it all, and died before it could say so.
            if fate == "unsaid":
                call.set_exception(CancelledError())
            else:
                call.set_result(answers)


def run(
    function: Callable[[Any], Any],
    references: Any,
    engine: Virtual,
    journal: Journal | None = None,
    **bounds: Any,
) -> Iterator[Any]:
    """
    Do what `map` does, on a virtual engine.
    """
    named = journal and evolve(journal, name=journal.name or "law")
    limits = Bounds(**{"chunk": 1, "window": 4, **bounds})
    return drive(function, references, engine, limits, named, str, engine.pause)
