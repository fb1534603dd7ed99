"""
The figures of a run, and its goals, as tables in Markdown: `python -m benchmarks.table FILE...`.

FILE is what `python -m benchmarks --json FILE` wrote; of a work that several have, the last.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from benchmarks.goals import Rows, goals_table

_PEERS: Final = ("crane", "skopeo", "umoci", "oras", "dxf", "docker", "docker-registry")
#: What works are called.
NAMES: Final = {
    "start": "start",
    "digest": "digest of a tag",
    "manifest": "manifest",
    "config": "configuration",
    "ls": "list tags",
    "resolve": "digests of tags, one command to a loop",
    "label": "set a label",
    "pull-layout": "pull to a layout",
    "pull-tarball": "pull to a docker archive",
    "push-layout": "push a layout",
    "push-tarball": "push a docker archive",
    "copy": "copy to another registry",
    "mount": "copy within a registry",
    "push-sink": "push a layout to where nothing is kept",
    "copy-sink": "copy to where nothing is kept",
    "append": "append a tar of 110 MB, in a registry",
    "append-local": "the same, in a layout",
    "validate": "validate every byte",
    "export": "export the root filesystem",
    "flatten": "flatten",
    "flatten-9": "flatten, at level 9 of gzip",
    "canonical": "take times out",
    "to-zstd": "gzip to zstd",
    "unpack": "unpack to a folder",
    "engine-in": "from a registry into an engine",
    "engine-out": "from an engine into a registry",
    "serve-get": "serve a blob",
    "serve-put": "take a blob",
    "serve-head": "answer 10,000 small requests",
    "growth": "growth",
    "ask": "ask a registry in process",
    "generate": "generate by Hypothesis",
    "parse": "read a manifest of so many layers",
}


def table(results: dict[str, Any]) -> str:
    """
    Write what was measured as a table: our figures, and their ratios to each peer's wall.

    >>> ours = {"work": "ls", "input": "5000", "wall": 0.2, "cpu": 0.1, "peak": 30.0}
    >>> rows = [{**ours, "tool": "ocikit"}, {**ours, "tool": "skopeo", "wall": 0.4}]
    >>> print(table({"rows": rows}))
    | work | input | wall, s | cpu, s | MiB | warm, s | to skopeo |
    |---|---|---|---|---|---|---|
    | list tags | 5000 | 0.20 | 0.10 | 30 |  | 0.50 |
    """
    rows: Rows = [row for row in results["rows"] if "wall" in row]
    peers = [peer for peer in _PEERS if any(row["tool"] == peer for row in rows)]
    heads = ("work", "input", "wall, s", "cpu, s", "MiB", "warm, s", *(f"to {p}" for p in peers))
    lines = [_line(heads), "|" + "---|" * len(heads)]
    for ours in (row for row in rows if row["tool"] == "ocikit"):
        beside = {
            row["tool"]: row["wall"]
            for row in rows
            if (row["work"], row["input"]) == (ours["work"], ours["input"])
        }
        figures = (f"{ours['wall']:.2f}", f"{ours['cpu']:.2f}", f"{ours['peak']:.0f}")
        warm = f"{beside['warm']:.2f}" if "warm" in beside else ""
        ratios = (f"{ours['wall'] / beside[p]:.2f}" if p in beside else "" for p in peers)
        name = NAMES[ours["work"]]
        lines.append(_line((name, ours["input"], *figures, warm, *ratios)))
    return "\n".join(lines)


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def together(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """
    Make one run of several on one machine, in the order of works that tables have.

    >>> rows = [{"work": "ls", "input": "5000", "wall": 1.0}, {"work": "start", "input": ""}]
    >>> later = {"machine": "m", "rows": [{**rows[0], "wall": 2.0}]}
    >>> runs = [{"machine": "m", "rows": rows}, later]
    >>> [(row["work"], row.get("wall")) for row in together(runs)["rows"]]
    [('start', None), ('ls', 2.0)]
    """
    works: dict[tuple[str, str], Rows] = {}
    for run in runs:
        found = groupby(run["rows"], lambda row: (row["work"], row["input"]))
        works.update((key, list(rows)) for key, rows in found)
    order = list(NAMES)
    rows = [row for key in sorted(works, key=lambda key: order.index(key[0])) for row in works[key]]
    return {"machine": runs[-1]["machine"], "rows": rows}


def main() -> None:
    """
    Print the tables of a run, and the machine that it ran on.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.table", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", nargs="+", help="what --json FILE wrote")
    results = together([json.loads(path.read_text()) for path in parser.parse_args().file])
    print(table(results))
    print(f"\n{goals_table(results['rows'], NAMES)}")
    print(f"\n{results['machine']}")


if __name__ == "__main__":
    main()
