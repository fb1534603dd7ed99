"""
Several things at once; the first that fails ends them all.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final, TypeVar

import attrs

from ocikit._records import record
from ocikit.errors import OciError
from ocikit.progress import Report, Update

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")
R = TypeVar("R")
#: How many items are taken for each that is worked on.
_AHEAD: Final = 4


@attrs.frozen(kw_only=True)
class Stopped(OciError):
    """
    Another part of the same work failed, and its error is the one to look at.
    """

    def __str__(self) -> str:
        return "stopped, because another part failed"


@record
class Stop:
    """
    A flag by which parts of one work learn that it has failed.
    """

    event: threading.Event = attrs.field(factory=threading.Event)

    def set(self) -> None:
        """
        Ask all parts to end.
        """
        self.event.set()

    def check(self) -> None:
        """
        End this part when it was asked to.

        Raises:
            Stopped: it was.
        """
        if self.event.is_set():
            raise Stopped()


def each(do: Callable[[T], object], items: Iterable[T], jobs: int, stop: Stop) -> None:
    """
    Do something to each item, up to `jobs` at once, and wait for all.

    The first error sets `stop`, keeps what has not begun from beginning, and is raised
    once what has begun has ended. So does an interrupt of the waiting thread.
    """
    todo = list(items)
    if jobs == 1 or len(todo) == 1:
        for item in todo:
            stop.check()
            do(item)
        return
    if todo:
        _each_in_threads(do, todo, jobs, stop)


def _each_in_threads(do: Callable[[T], object], todo: list[T], jobs: int, stop: Stop) -> None:
    from concurrent.futures import ThreadPoolExecutor

    failures: list[BaseException] = []

    def part(item: T) -> None:
        try:
            stop.check()
            do(item)
        except Stopped:
            pass
        except BaseException as error:
            failures.append(error)
            stop.set()

    with ThreadPoolExecutor(min(jobs, len(todo)), "ocikit-transfer") as pool:
        try:
            for done in [pool.submit(part, item) for item in todo]:
                done.result()
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    if failures:
        raise failures[0]


def in_order(do: Callable[[T], R], items: Iterable[T], jobs: int) -> Iterator[R]:
    """
    Give what is made of each item, in their order, up to `jobs` at once.

    Items are taken as results are, a few ahead of them: there may be any number.
    """
    if jobs == 1:
        yield from map(do, items)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(jobs, "ocikit-transfer") as pool:
        waiting: deque[Future[R]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(do, item))
                if len(waiting) > _AHEAD * jobs:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def one_at_a_time(report: Report) -> Report:
    """
    Let a report be called from several threads, though it knows nothing of them.
    """
    lock = threading.Lock()

    def told(update: Update) -> None:
        with lock:
            report(update)

    return told
