"""
Several things at once.
"""

from __future__ import annotations

import threading

import pytest

from ocikit.progress import Event, Update
from ocikit.registry.parallel import Stop, Stopped, each, one_at_a_time


@pytest.mark.parametrize("jobs", [1, 3])
def test_does_each_once(jobs: int) -> None:
    """
    All are done when it returns.
    """
    done: list[int] = []
    each(done.append, range(20), jobs, Stop())
    assert sorted(done) == list(range(20))


@pytest.mark.parametrize("jobs", [1, 3])
def test_the_first_error_ends_all(jobs: int) -> None:
    """
    What has not begun does not begin; what runs is told; the error is the first one.
    """
    stop, done = Stop(), []

    def do(item: int) -> None:
        if item == 0:
            raise KeyError(item)
        # The others wait for the failure, as they would for a network.
        if jobs > 1:
            assert stop.event.wait(30)
        stop.check()
        done.append(item)

    with pytest.raises(KeyError):
        each(do, range(50), jobs, stop)
    assert done == []


def test_is_done_at_once() -> None:
    """
    As many are under way as there are jobs.
    """
    meeting = threading.Barrier(3)
    each(lambda _: meeting.wait(30), range(3), 3, Stop())


def test_an_interrupt_stops_all() -> None:
    """
    Ctrl-C raises in the waiting thread only; the others must end too.
    """
    stop = Stop()

    def do(item: int) -> None:
        if item == 1:
            raise KeyboardInterrupt
        stop.event.wait(30)
        stop.check()

    with pytest.raises(KeyboardInterrupt):
        each(do, range(9), 3, stop)


def test_nothing_is_done_when_it_has_stopped() -> None:
    """
    The flag is looked at before each.
    """
    stop = Stop()
    stop.set()
    with pytest.raises(Stopped):
        each(lambda _: pytest.fail("begun"), [1], 1, stop)


def test_reports_come_one_at_a_time() -> None:
    """
    Whoever listens needs no lock.
    """
    inside = threading.Lock()

    def report(update: Update) -> None:
        assert inside.acquire(blocking=False), "two at once"
        inside.release()

    told = one_at_a_time(report)
    each(lambda _: told(Update(event=Event.MOVED, bytes=1)), range(200), 8, Stop())
