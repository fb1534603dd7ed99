"""
A function over many references, on any executor.
"""

from __future__ import annotations

import itertools
import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar

import attrs

from ocikit._records import evolve, record
from ocikit.bulk.journal import Journal, Kept, name_of
from ocikit.bulk.outcome import Failed, Ok
from ocikit.bulk.slots import Slot, Task
from ocikit.errors import Invalid

R = TypeVar("R")
T = TypeVar("T")

#: Waits until one of the calls has ended.
Wait: TypeAlias = Callable[[Collection[Future[Any]]], object]

#: References a call, on an engine that is given: a call costs an engine about a millisecond.
CHUNK: Final = 16
#: Calls that are under way, or have outcomes which nobody has taken.
WINDOW: Final = 64
#: Threads, where no engine is given.
JOBS: Final = 8
#: How many finished references a chunk may have beside those that are worked on.
_MOST_KEPT: Final = 512


@attrs.frozen(kw_only=True)
class BoundInvalid(Invalid):
    """
    A number of things that may be under way is less than one.
    """

    name: str
    number: int

    def __str__(self) -> str:
        return f"{self.name}: with {self.number} nothing can be done; give 1 or more"


def map(  # noqa: A001  # as executors call it
    function: Callable[[R], T],
    references: Iterable[R],
    *,
    executor: Executor | None = None,
    jobs: int = JOBS,
    chunk: int | None = None,
    window: int = WINDOW,
    journal: str | os.PathLike[str] | Journal | None = None,
    key: Callable[[R], str] = str,
    on_error: Literal["collect", "raise"] = "collect",
    ordered: bool = False,
) -> Iterator[Ok[R, T] | Failed[R]]:
    """
    Call a function with each of many references, and give an outcome for each.

    Every reference has exactly one outcome, `Ok` or `Failed`, as soon as it is there or in the
    order of the references. They are taken as they are needed: there may be any number, and no more
    than `window` times `chunk` are under way. Nothing is done before the first outcome is asked
    for; when the iterator is closed, what has not begun is cancelled.

    A call whose worker died is made again, for each of its references alone and up to twice;
    the function should come to the same when it is called again.

    Args:
        function: what to call, with one argument. For workers in other processes it has to
            pickle, and what it raises need not.
        references: names or other small values; for workers in other processes they have to
            pickle. Images are opened where they are worked on.
        executor: where to call it: any `concurrent.futures.Executor`; threads when None. It is
            not shut down.
        jobs: how many threads, when there is no executor.
        chunk: references a call. One for threads, 16 for an executor when None.
        window: how many calls may be under way, or have outcomes that nobody has taken.
        journal: a file that keeps what is finished. A run that ends early is gone on with by
            another with the same journal: it gives the same outcomes, and calls the function only
            for what is missing or failed. Values have to be JSON, or a `Journal` says how
            they are written.
        key: the text by which the journal knows a reference.
        on_error: "raise" raises the first error, and cancels what has not begun.
        ordered: whether outcomes are given in the order of the references.

    Raises:
        BoundInvalid: a number is less than one.
        JournalInUse, JournalOfAnother, NotAJournal: the journal is not for this run.
        ValueNotJSON: the journal cannot keep a value.
        OSError: the journal cannot be written.

    >>> for outcome in map(len, ["debian", "alpine:3", None], ordered=True):
    ...     match outcome:
    ...         case Ok(reference=reference, value=value):
    ...             print(reference, value)
    ...         case Failed(reference=reference, error=error):
    ...             print(reference, error)
    debian 6
    alpine:3 8
    None object of type 'NoneType' has no len()
    """
    if chunk is None:
        chunk = 1 if executor is None else CHUNK
    stop = on_error == "raise"
    bounds = Bounds(jobs=jobs, chunk=chunk, window=window, ordered=ordered, stop=stop)
    kept = None if journal is None else _named(journal, function)
    return drive(function, references, executor, bounds, kept, key)


@record(kw_only=True)
class Bounds:
    """
    How much may be under way, and how outcomes are given.

    Raises:
        BoundInvalid: a number is less than one.
    """

    jobs: int = JOBS
    chunk: int = 1
    window: int = WINDOW
    ordered: bool = False
    #: Whether the first error is raised.
    stop: bool = False

    def __attrs_post_init__(self) -> None:
        numbers = {"jobs": self.jobs, "chunk": self.chunk, "window": self.window}
        for name, number in numbers.items():
            if number < 1:
                raise BoundInvalid(name=name, number=number)


def drive(
    function: Callable[[R], T],
    references: Iterable[R],
    executor: Executor | None,
    bounds: Bounds,
    journal: Journal | None,
    key: Callable[[R], str],
    pause: Wait | None = None,
) -> Iterator[Ok[R, T] | Failed[R]]:
    """
    Do what `map` does.

    Args:
        function, references, executor, key: as `map` has them.
        bounds: how much may be under way.
        journal: where what is finished is kept.
        pause: waits until one of some calls has ended; `concurrent.futures.wait` when None.
    """
    kept = None if journal is None else Kept(journal)
    own = None
    if executor is None:
        executor = own = ThreadPoolExecutor(bounds.jobs, "ocikit-bulk")
    task = Task(function=function, executor=executor, stop=bounds.stop)
    run = Run(task, references, bounds, kept, key, pause or _pause)
    try:
        yield from run.outcomes()
    finally:
        run.cancel()
        if own is not None:
            own.shutdown(cancel_futures=True)
        if kept is not None:
            # What ended in the last moment need not be done again.
            try:
                run.collect()
            finally:
                kept.close()


class Run(Generic[R, T]):
    """
    One run over many references: what is under way, and what has become of it.
    """

    def __init__(
        self,
        task: Task[R, T],
        references: Iterable[R],
        bounds: Bounds,
        kept: Kept | None,
        key: Callable[[R], str],
        pause: Wait,
    ) -> None:
        self._task, self._bounds, self._kept = task, bounds, kept
        self._key, self._pause = key, pause
        self._source = iter(references)
        #: Whether there are no more references, or why.
        self._ended: Exception | bool = False
        self._slots: deque[Slot[R, T]] = deque()
        self._serials = itertools.count()

    def outcomes(self) -> Iterator[Ok[R, T] | Failed[R]]:
        """
        Give the outcomes, each once, until there are no more references.
        """
        while self._slots or not self._ended:
            if not self._ended and len(self._slots) < self._bounds.window:
                self._slots.append(self._taken())
            else:
                # There is none where the only one has just ended for which others waited.
                calls = [slot.future for slot in self._slots if slot.future is not None]
                if calls:
                    self._pause(calls)
            self.collect()
            for slot in self._finished():
                yield from self._of(slot)
        if isinstance(self._ended, Exception):
            raise self._ended

    def cancel(self) -> None:
        """
        Keep what has not begun from beginning.
        """
        for slot in self._slots:
            slot.cancel()

    def collect(self) -> None:
        """
        Take what has been answered by now, and keep it.
        """
        new: list[tuple[str, Ok[R, T] | Failed[R]]] = []
        for slot in self._slots:
            for place in slot.advance(self._serials):
                if self._kept is not None:
                    new.append((self._key(slot.references[place]), slot.made[place]))
        if self._kept is not None:
            self._kept.add(new)

    def _taken(self) -> Slot[R, T]:
        slot = Slot(self._task)
        most = self._bounds.chunk + _MOST_KEPT
        try:
            while slot.missing < self._bounds.chunk and len(slot.references) < most:
                reference = next(self._source)
                slot.put(reference, self._kept.find(self._key(reference)) if self._kept else None)
        except StopIteration:
            self._ended = True
        except Exception as error:
            # What is under way has its outcomes first.
            self._ended = error
        slot.close()
        return slot

    def _finished(self) -> list[Slot[R, T]]:
        """
        Take out the chunks whose outcomes are to be given now.
        """
        if self._bounds.ordered:
            ready = list(itertools.takewhile(lambda slot: slot.is_finished, self._slots))
        else:
            ready = [slot for slot in self._slots if slot.is_finished]
        for slot in ready:
            self._slots.remove(slot)
        return ready

    def _of(self, slot: Slot[R, T]) -> Iterator[Ok[R, T] | Failed[R]]:
        for place, reference in enumerate(slot.references):
            if self._kept is not None and place in slot.kept:
                yield Ok(reference=reference, value=self._kept.value_at(slot.kept[place]))
                continue
            outcome = slot.made[place]
            if self._bounds.stop and isinstance(outcome, Failed):
                raise _told(outcome)
            yield outcome


def _pause(calls: Collection[Future[Any]]) -> None:
    wait(calls, return_when=FIRST_COMPLETED)


def _told(failed: Failed[Any]) -> Exception:
    if failed.trace:
        failed.error.add_note(f"in a worker:\n{failed.trace}")
    return failed.error


def _named(journal: str | os.PathLike[str] | Journal, function: Callable[[Any], Any]) -> Journal:
    given = journal if isinstance(journal, Journal) else Journal(path=os.fspath(journal))
    return given if given.name else evolve(given, name=name_of(function))
