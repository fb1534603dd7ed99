"""
Engines of others: processes of loky, which take what pickle does not.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from ocikit import bulk
from tests.real.process import require_module


@pytest.fixture
def loky() -> Iterator[Any]:
    """
    Two processes of loky.
    """
    require_module("loky")
    from loky import ProcessPoolExecutor

    with ProcessPoolExecutor(2) as pool:
        yield pool


def test_functions_of_any_kind_travel(loky: Any) -> None:
    """
    A function within another is taken along whole, and an error that nobody else knows is told.
    """

    class Odd(Exception):
        pass

    def look(number: int) -> tuple[int, bool]:
        if number == 3:
            raise Odd("three")
        return number, os.getpid() != driver

    driver = os.getpid()
    found = list(bulk.map(look, range(20), executor=loky, chunk=3, ordered=True))
    assert [each.reference for each in found] == list(range(20))
    assert [each.value for each in found if isinstance(each, bulk.Ok)] == [
        (number, True) for number in range(20) if number != 3
    ]
    failed = found[3]
    assert isinstance(failed, bulk.Failed)
    assert str(failed.error).endswith("three")
    assert "in look" in failed.trace


def test_a_dead_process_loses_nothing(loky: Any) -> None:
    """
    When a process dies each reference is told of, and the lost ones by why.
    """

    def look(number: int) -> int:
        if number == 17:
            os._exit(1)
        return number

    found = list(bulk.map(look, range(40), executor=loky, chunk=4, window=4))
    assert sorted(each.reference for each in found) == list(range(40))
    errors = [each.error for each in found if isinstance(each, bulk.Failed)]
    assert errors
    assert all(isinstance(error, bulk.WorkerLost) for error in errors)
