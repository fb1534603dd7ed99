"""
The benchmarks judge by what was measured, and their own parts do what they say.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.__main__ import WORKS
from benchmarks.goals import GOALS, WITHIN, Goal, goals_table, verdicts
from benchmarks.measure import Contender, Cost, in_turns
from benchmarks.registries import sink
from benchmarks.table import NAMES
from ocikit import registry
from ocikit.content import synthetic
from ocikit.errors import Missing

_WALLS = st.floats(min_value=1e-6, max_value=1e3)


def _row(work: str, name: str, tool: str, wall: float) -> dict[str, object]:
    return {"work": work, "input": name, "tool": tool, "wall": wall, "cpu": 0.0, "peak": 1.0}


@given(goal=st.sampled_from([goal for goal in GOALS if goal.command]), ours=_WALLS, theirs=_WALLS)
def test_a_goal_is_met_when_the_ratio_is_no_more(goal: Goal, ours: float, theirs: float) -> None:
    """
    For any two times: met exactly when ours is at most the goal's share of theirs.
    """
    rows = [
        _row(goal.work, goal.input, "ocikit", ours),
        _row(goal.beside or goal.work, goal.input, goal.peer, theirs),
    ]
    found = {(each.work, each.input, each.what): each for each in verdicts(rows)}
    said = found[goal.work, goal.input, f"command, to {goal.peer}"].said
    assert goal.command
    assert said == ("met" if ours / theirs <= goal.command else "not met")


def test_each_goal_can_be_measured() -> None:
    """
    A goal's work and input are those of a row, and each row has a name for tables.
    """
    rows = {(work, name) for work, (names, _) in WORKS.items() for name in names}
    goals = {(goal.work, goal.input) for goal in GOALS}
    within = {(each.work, each.input) for each in WITHIN}
    beside = {(goal.beside, goal.input) for goal in GOALS if goal.beside}
    assert goals | within | beside <= rows
    assert set(WORKS) <= set(NAMES)


def test_what_was_not_measured_is_told() -> None:
    """
    A tool that failed leaves its goals without a figure, not met and not hidden.
    """
    assert "|  | 0.6 | not measured |" in goals_table(
        [_row("mount", "small60", "warm", 1.0)], NAMES
    )


def test_runs_take_turns_and_the_first_does_not_count(tmp_path: Path) -> None:
    """
    Two tools run A B A B; a failure is told, and ends that tool's turns only.
    """
    ran: list[str] = []

    def contender(tool: str, code: int) -> Contender:
        argv = (sys.executable, "-I", "-S", "-c", f"raise SystemExit({code})")
        return Contender(tool=tool, argv=lambda: argv, before=lambda: ran.append(tool))

    costs = in_turns([contender("a", 0), contender("b", 3)], 2, tmp_path / "log")
    assert ran == ["a", "b", "a", "a"]
    assert isinstance(costs["a"], list)
    assert [each.wall > 0 for each in costs["a"]] == [True, True]
    assert "exit 3" in str(costs["b"])


def test_a_part_of_a_loop_is_scaled(tmp_path: Path) -> None:
    """
    What was run once for four times of the work is given as four; memory is not.
    """
    figures = '{"wall": 1.5, "cpu": 0.5, "peak": 7.0}'
    argv = (sys.executable, "-I", "-S", "-c", f"print({figures!r})")
    part = Contender(tool="a", argv=lambda: argv, inside=True, times=4)
    assert in_turns([part], 1, tmp_path / "log") == {"a": [Cost(wall=6.0, cpu=2.0, peak=7.0)]}


def test_the_sink_takes_an_image_and_keeps_nothing() -> None:
    """
    A push to it succeeds, with the digest that was pushed; nothing is there afterwards.
    """
    image = synthetic.image(Random(1), layers=2, size=5000)
    with sink() as served:
        pinned = registry.flush(f"{served.host}/a:1", image)
        assert str(pinned).endswith(str(image.digest))
        with pytest.raises(Missing):
            registry.head(f"{served.host}/a@{image.digest}")
