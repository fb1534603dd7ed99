"""
Run a command as a whole process, and read what it cost from the kernel.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import attrs

_LAUNCH = Path(__file__).with_name("launch.py")
#: Seconds from which the first run counts, and from which there are but two.
_LONG: Final = 4.0
_VERY_LONG: Final = 20.0


@attrs.frozen(kw_only=True)
class Cost:
    """
    What one run cost: seconds of wall and processor, MiB of peak memory.
    """

    wall: float
    cpu: float
    peak: float


@attrs.frozen(kw_only=True)
class Contender:
    """
    One tool's way to do a work: what to run, after what was made ready (not counted).
    """

    tool: str
    #: Made anew for each run: targets have a new name each time.
    argv: Callable[[], Sequence[str]]
    before: Callable[[], object] = lambda: None
    #: Whether the program itself tells what it cost, on its last line.
    inside: bool = False
    #: How many times the work is what is run: of a long loop only a part is.
    times: float = 1.0
    #: What is to be known of it beside its figures.
    note: str = ""


class RunFailed(Exception):
    """
    A command ended with a failure; its figures mean nothing.
    """


def run(contender: Contender, log: Path) -> Cost:
    """
    Run once; what the command prints goes to `log`.

    Raises:
        RunFailed: it exited with another code than 0.
    """
    contender.before()
    argv = contender.argv()
    launch = [sys.executable, "-I", "-S", str(_LAUNCH), str(log), *argv]
    done = subprocess.run(launch, capture_output=True, check=True)
    figures = json.loads(done.stdout)
    if (code := figures.pop("code")) != 0:
        raise RunFailed(f"{' '.join(argv)}: exit {code}: {log.read_text()[-400:]}")
    if contender.inside:
        figures = json.loads(log.read_text().splitlines()[-1])
    cost = Cost(**figures)
    return attrs.evolve(cost, wall=cost.wall * contender.times, cpu=cost.cpu * contender.times)


def in_turns(
    contenders: Sequence[Contender],
    rounds: int,
    log: Path,
    between: Callable[[], object] = lambda: None,
) -> dict[str, list[Cost] | str]:
    """
    Run all in turns, A B A B, so that a machine's moods meet all alike.

    The first round is not counted, but for what takes so long that a cold start is lost in
    it; what takes longer still is run twice only. `between` is called before each run. A
    tool that fails gives its failure instead.
    """
    costs: dict[str, list[Cost] | str] = {contender.tool: [] for contender in contenders}
    for turn in range(rounds + 1):
        for contender in contenders:
            so_far, times = costs[contender.tool], contender.times
            if isinstance(so_far, str):
                continue
            long = so_far and so_far[0].wall > _VERY_LONG * times
            if len(so_far) >= (2 if long else rounds):
                continue
            between()
            try:
                cost = run(contender, log)
            except RunFailed as error:
                costs[contender.tool] = str(error)
            else:
                so_far += [cost] if turn or cost.wall > _LONG * times else []
    return costs


def median(costs: Iterable[Cost]) -> Cost:
    """
    Give the medians, each figure for itself.
    """
    seen = list(costs)
    return Cost(
        wall=statistics.median(cost.wall for cost in seen),
        cpu=statistics.median(cost.cpu for cost in seen),
        peak=statistics.median(cost.peak for cost in seen),
    )
