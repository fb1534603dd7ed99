"""
What is to be reached, and whether a run has reached it.

Most goals are ratios of wall times of one run, ours to a peer's: of the same in an
interpreter that is warm, and of the whole command.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import attrs

Rows = list[dict[str, Any]]

#: What ours are called: the command, and the same in an interpreter that is warm.
_OURS: Final = {"ocikit": "command", "warm": "in process"}


@attrs.frozen
class Goal:
    """
    A work, its input, and the most that its ratios to a peer's wall may be.
    """

    work: str
    input: str
    warm: float | None
    command: float | None
    peer: str = "crane"
    #: The work whose figures the peer has, where it is not this one.
    beside: str = ""


@attrs.frozen
class Within:
    """
    A work, its input, and the most seconds that it may take in process.
    """

    work: str
    input: str
    seconds: float


@attrs.frozen(kw_only=True)
class Verdict:
    """
    A goal, what was measured and what was wanted; without a figure it was not measured.
    """

    work: str
    input: str
    what: str
    measured: float | None
    wanted: float

    @property
    def said(self) -> str:
        """
        Whether the goal is met.
        """
        if self.measured is None:
            return "not measured"
        return "met" if self.measured <= self.wanted else "not met"


GOALS: Final = (
    *(
        Goal("pull-layout", "big", 0.72, 0.8),
        Goal("pull-layout", "real5", 0.9, 1.4),
        Goal("pull-layout", "small60", 0.9, 1.9),
        Goal("pull-tarball", "big", 0.72, 0.8),
        Goal("pull-tarball", "real5", 0.7, 1.0),
        Goal("pull-tarball", "small60", 0.5, 1.0),
        Goal("push-layout", "big", 1.0, 1.05),
        Goal("push-layout", "real5", 1.0, 1.25),
        Goal("push-layout", "small60", 0.65, 1.3),
        Goal("push-tarball", "big", 0.8, 0.85),
        Goal("push-tarball", "real5", 0.85, 1.0),
        Goal("push-tarball", "real5.saved", 0.2, 0.25),
        Goal("copy", "big", 0.95, 1.0),
        Goal("copy", "real5", 0.9, 1.1),
        Goal("copy", "small60", 0.8, 1.4),
        Goal("copy-sink", "big", 0.65, None),
        Goal("mount", "small60", 0.6, 1.5),
        Goal("label", "small60", 0.4, 1.4),
        Goal("label", "real5", 0.8, 4.5),
        Goal("append", "small60", 0.2, 0.28),
        Goal("export", "real5", 0.25, 0.3),
        Goal("flatten", "real5", 0.05, 0.05),
        Goal("flatten-9", "real5", 0.5, 0.5, beside="flatten"),
        Goal("validate", "real5", 0.35, 0.4),
        Goal("to-zstd", "real5", 0.3, 0.35, "skopeo"),
    ),
    *(Goal(work, "small60", 0.1, 13) for work in ("digest", "manifest", "config")),
    Goal("ls", "5000", 0.1, 13),
    Goal("resolve", "200", None, 0.2),
    Goal("resolve", "5000", 0.05, None),
    # Throughput at least a peer's, and half as many requests a second.
    Goal("serve-get", "big", None, 1.0, "docker-registry"),
    Goal("serve-put", "big", None, 1.0, "docker-registry"),
    Goal("serve-head", "small60", None, 2.0),
)

#: Seconds in process; those of many small ones are each one's.
WITHIN: Final = (
    *(Within(work, "small60", 1e-3) for work in ("digest", "manifest", "config")),
    Within("ls", "5000", 1e-3),
    Within("ask", "head", 1 / 50_000),
    Within("generate", "images", 1 / 300),
    Within("parse", "12", 60e-6),
    Within("parse", "100", 400e-6),
)

#: MiB of memory at most, in every work with a large input.
PEAK: Final = 60.0

#: What the exponent of time by size may be, 1 being linear, and MiB between the smallest
#: size and the largest. A tree has every file in it: its memory is not constant.
GROWTH: Final = 1.1
MORE: Final = 8.0
_HELD: Final = "file tree, by files"


def verdicts(rows: Rows) -> Iterator[Verdict]:
    """
    Judge a run by all goals; what was not measured has no figure.

    >>> row = {"work": "mount", "input": "small60", "wall": 1.0, "peak": 30.0}
    >>> rows = [{**row, "tool": "ocikit"}, {**row, "tool": "crane", "wall": 2.0}]
    >>> found = {(each.work, each.what): each for each in verdicts(rows)}
    >>> found["mount", "command, to crane"].measured, found["mount", "command, to crane"].said
    (0.5, 'met')
    >>> found["mount", "in process, to crane"].said
    'not measured'
    """
    timed = [row for row in rows if "wall" in row]
    walls = {(row["work"], row["input"], row["tool"]): float(row["wall"]) for row in timed}
    for goal in GOALS:
        yield from _of_ratios(goal, walls)
    for each in WITHIN:
        wall = walls.get((each.work, each.input, "warm"))
        given = {"work": each.work, "input": each.input}
        ms = None if wall is None else wall * 1000
        yield Verdict(**given, what="in process, ms", measured=ms, wanted=each.seconds * 1000)
    for tool, what in _OURS.items():
        large = [row for row in rows if (row["input"], row["tool"]) == ("big", tool)]
        yield from _of_memory(what, large)
    for row in rows:
        if row["work"] == "growth":
            yield from _of_growth(row)


def _of_ratios(goal: Goal, walls: dict[tuple[str, str, str], float]) -> Iterator[Verdict]:
    theirs = walls.get((goal.beside or goal.work, goal.input, goal.peer))
    for tool, wanted in {"warm": goal.warm, "ocikit": goal.command}.items():
        if wanted is None:
            continue
        wall = walls.get((goal.work, goal.input, tool))
        yield Verdict(
            work=goal.work,
            input=goal.input,
            what=f"{_OURS[tool]}, to {goal.peer}",
            measured=wall / theirs if wall is not None and theirs else None,
            wanted=wanted,
        )


def _of_growth(row: dict[str, Any]) -> Iterator[Verdict]:
    given = {"work": "growth", "input": row["input"]}
    yield Verdict(**given, what="exponent of time", measured=row["exponent"], wanted=GROWTH)
    if row["input"] != _HELD:
        more = row["more"][-1] - row["more"][0]
        yield Verdict(**given, what="MiB more", measured=more, wanted=MORE)


def _of_memory(what: str, rows: Rows) -> Iterator[Verdict]:
    # The works of a registry measure its own memory, too.
    peak = max(rows, key=lambda row: float(row["peak"]), default=None)
    yield Verdict(
        work=peak["work"] if peak else "all works",
        input="big",
        what=f"{what}, most MiB",
        measured=float(peak["peak"]) if peak else None,
        wanted=PEAK,
    )


def goals_table(rows: Rows, names: dict[str, str]) -> str:
    """
    Write the verdicts on a run as a table, in Markdown, with the works called by `names`.

    Goals of works that were not chosen are only counted.
    """
    found = list(verdicts(rows))
    chosen = {row["work"] for row in rows}
    lines = ["| work | input | figure | measured | goal | |", "|---|---|---|---|---|---|"]
    lines += [_line(each, names) for each in found if each.work in chosen]
    said = Counter(each.said for each in found)
    lines += ["", ", ".join(f"{count} {what}" for what, count in said.items())]
    return "\n".join(lines)


def _line(each: Verdict, names: dict[str, str]) -> str:
    measured = "" if each.measured is None else f"{each.measured:.3g}"
    work = names.get(each.work, each.work)
    cells = (work, each.input, each.what, measured, f"{each.wanted:.3g}", each.said)
    return f"| {' | '.join(cells)} |"
