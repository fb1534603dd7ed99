"""
Several pieces at once: their order, their reports, and their end.
"""

from __future__ import annotations

import threading

import pytest

from ocikit.crane.flow import flow
from ocikit.crane.options import Options
from ocikit.progress import Event, Update
from ocikit.registry.client import Client
from ocikit.registry.parallel import Stopped


@pytest.mark.parametrize("jobs", [1, 4])
def test_map_gives_what_map_gives(jobs: int) -> None:
    """
    Results are in the order of what they are of, however they were made.
    """
    flowing = flow(Options(client=Client(jobs=jobs)))
    assert list(flowing.map(lambda number: number * 2, range(20))) == [*range(0, 40, 2)]
    assert list(flowing.map(str, [])) == []


def test_pieces_flow_at_once() -> None:
    """
    As many as there are jobs: each waits for the other.
    """
    meet = threading.Barrier(2, timeout=60)
    flowing = flow(Options(client=Client(jobs=2)))
    list(flowing.map(lambda _: meet.wait(), range(2)))


def test_a_failure_stops_the_others() -> None:
    """
    The first error is raised; pieces that are under way end at their next report.
    """
    flowing = flow(Options(client=Client(jobs=2)))
    began, failed, ended = threading.Event(), threading.Event(), list[str]()

    def piece(name: str) -> None:
        if name == "bad":
            assert began.wait(60)
            failed.set()
            raise ValueError("bad")
        began.set()
        assert failed.wait(60)
        # The error is noticed a moment after it is raised.
        while not flowing.stop.event.wait(60):
            pass
        try:
            flowing.report(Update(event=Event.MOVED))
        except Stopped:
            ended.append(name)
            raise

    with pytest.raises(ValueError, match="bad"):
        list(flowing.map(piece, ["good", "bad"]))
    assert ended == ["good"]


def test_reports_come_one_at_a_time() -> None:
    """
    Who listens needs no lock.
    """
    told: list[int] = []
    alone = threading.Lock()

    def report(update: Update) -> None:
        assert alone.acquire(blocking=False)
        told.append(update.bytes)
        alone.release()

    flowing = flow(Options(client=Client(jobs=4), report=report))
    list(
        flowing.map(
            lambda count: flowing.report(Update(event=Event.MOVED, bytes=count)), range(100)
        )
    )
    assert sorted(told) == [*range(100)]
