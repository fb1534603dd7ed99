"""
Chunks on their way through an engine, until there is an outcome for each reference.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from typing import Any, Final, Generic, TypeVar

import attrs

from ocikit._records import record
from ocikit.bulk.outcome import Failed, Ok, WorkerLost, kind_of, text_of
from ocikit.bulk.worker import Answer, work

R = TypeVar("R")
T = TypeVar("T")

#: How often a reference is given to a worker alone, after a chunk with it was lost.
TRIES_ALONE: Final = 2


@record(kw_only=True)
class Task(Generic[R, T]):
    """
    What is done with each reference, and where.
    """

    function: Callable[[R], T]
    executor: Executor
    #: Whether the first that fails ends a chunk.
    stop: bool
    #: The chunk whose reference is worked on alone, if there is one: of two at once in a
    #: process, one that kills it would take the other along each time.
    alone: list[object] = attrs.field(factory=list, eq=False, repr=False)


class Slot(Generic[R, T]):
    """
    A chunk of references, one call of a worker at a time.

    A call that has no answer, because its worker died or the engine cancelled it, is made again
    for each of its references alone: one that kills its worker takes no others along.
    """

    def __init__(self, task: Task[R, T]) -> None:
        self._task = task
        self.references: list[R] = []
        #: Where the outcome of a reference lies in the journal, by its place here.
        self.kept: dict[int, int] = {}
        #: Outcomes of this run, by the places of their references.
        self.made: dict[int, Ok[R, T] | Failed[R]] = {}
        self.future: Future[list[Answer[T]]] | None = None
        self._todo: deque[tuple[int, ...]] = deque()
        self._tries: dict[int, int] = {}
        self._cancelled = False

    @property
    def missing(self) -> int:
        """
        How many references have to be worked on.
        """
        return len(self.references) - len(self.kept)

    @property
    def is_finished(self) -> bool:
        """
        Whether nothing is left to be done.
        """
        return not self._todo

    def put(self, reference: R, kept: int | None) -> None:
        """
        Add a reference, and where its outcome is kept if it is finished.
        """
        if kept is not None:
            self.kept[len(self.references)] = kept
        self.references.append(reference)

    def close(self) -> None:
        """
        Add no more: what is not kept is to be worked on.
        """
        places = tuple(place for place in range(len(self.references)) if place not in self.kept)
        if places:
            self._todo.append(places)

    def advance(self, serials: Iterator[int]) -> list[int]:
        """
        Take what a call answered, if it has ended, and make the next; give the places of
        new outcomes.
        """
        new = self._submit(serials)
        while self.future is not None and self.future.done():
            new += self._collect(self.future)
            if self._task.stop and any(isinstance(self.made[place], Failed) for place in new):
                self._todo.clear()
            new += self._submit(serials)
        return new

    def cancel(self) -> None:
        """
        Keep what has not begun from beginning; what has may still be collected.
        """
        self._cancelled = True
        if self.future is not None:
            self.future.cancel()

    def _collect(self, call: Future[list[Answer[T]]]) -> list[int]:
        self.future = None
        self._task.alone[:] = [slot for slot in self._task.alone if slot is not self]
        places = self._todo.popleft()
        fault = _fault(call)
        if fault is None:
            return [*map(self._answered, places, call.result())]
        return self._lost(places, fault)

    def _submit(self, serials: Iterator[int]) -> list[int]:
        task, gone = self._task, list[int]()
        while self._todo and self.future is None and self._may_begin():
            places = self._todo[0]
            chunk = [self.references[place] for place in places]
            try:
                self.future = task.executor.submit(
                    work, task.function, chunk, task.stop, next(serials)
                )
            except Exception as error:
                # The engine takes no more: a pool that broke, or was shut down.
                self._todo.popleft()
                self._task.alone[:] = [slot for slot in self._task.alone if slot is not self]
                gone += [self._failed(place, error) for place in places]
        return gone

    def _may_begin(self) -> bool:
        if self._cancelled:
            return False
        if self._tries:
            if self._task.alone:
                return False
            self._task.alone.append(self)
        return True

    def _answered(self, place: int, answer: Answer[T]) -> int:
        value, error, trace = answer
        reference = self.references[place]
        if error is None:
            made: Any = Ok(reference=reference, value=value)
        else:
            made = Failed(reference=reference, error=error, trace=trace)
        self.made[place] = made
        return place

    def _lost(self, places: tuple[int, ...], fault: BaseException) -> list[int]:
        new: list[int] = []
        for place in [] if self._cancelled else reversed(places):
            self._tries[place] = self._tries.get(place, 0) + 1
            if self._tries[place] > TRIES_ALONE:
                new.append(self._failed(place, fault))
            else:
                self._todo.appendleft((place,))
        return new

    def _failed(self, place: int, fault: BaseException) -> int:
        text = text_of(fault)
        reason = f"{kind_of(fault)}: {text}" if text else kind_of(fault)
        lost = WorkerLost(tries=self._tries.get(place, 0), reason=reason)
        self.made[place] = Failed(reference=self.references[place], error=lost)
        return place


def _fault(call: Future[Any]) -> BaseException | None:
    """
    Tell why a call that has ended has no answer.
    """
    try:
        return call.exception()
    except CancelledError as cancelled:
        return cancelled
