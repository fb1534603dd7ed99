"""
What is too slow, reckoned without a clock.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.registry.pace import Crept, Pace

MOVES = st.lists(st.tuples(st.integers(0, 10_000), st.floats(0, 5)), max_size=50)


@given(MOVES)
def test_nothing_is_too_slow_for_who_has_time(moves: list[tuple[int, float]]) -> None:
    """
    A least speed of 0 lets everything pass.
    """
    pace = Pace(0, 1.0)
    for count, seconds in moves:
        pace.add(count, seconds)


@given(MOVES, st.integers(1, 1000))
def test_what_keeps_up_always_passes(moves: list[tuple[int, float]], least: int) -> None:
    """
    Whatever comes at the least speed or above, in any pieces, is quick enough.
    """
    pace = Pace(least, 1.0)
    for count, seconds in moves:
        pace.add(count + int(least * seconds) + 1, seconds)


@given(st.integers(1, 1000), st.floats(0.001, 1.0))
def test_what_creeps_is_found_out(least: int, step: float) -> None:
    """
    At less than the least speed it ends within two windows.
    """
    pace = Pace(least, 1.0)

    def creep() -> None:
        for _ in range(int(2 / step) + 2):
            pace.add(int(least * step * 0.9), step)

    with pytest.raises(Crept) as caught:
        creep()
    assert caught.value.seconds <= 2.0
    assert str(caught.value.count) in str(caught.value)


def test_a_burst_is_not_saved_up() -> None:
    """
    What came quickly once does not pay for creeping after it.
    """
    pace = Pace(1000, 1.0)
    pace.add(1_000_000, 1.0)
    with pytest.raises(Crept):
        pace.add(10, 1.0)
