"""
Measure: `python -m benchmarks [--only WORK] [--rounds N] [--quick] [--json FILE]`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

import attrs

from benchmarks.inputs import FULL, QUICK, make
from benchmarks.looking import WORKS as LOOKING
from benchmarks.measure import Cost, in_turns, median
from benchmarks.registries import registry
from benchmarks.remaking import WORKS as REMAKING
from benchmarks.works import WORKS as MOVING
from benchmarks.works import Ground
from ocikit.content import synthetic
from ocikit.registry import flush, tag_all

WORKS = {**LOOKING, **MOVING, **REMAKING}
#: Tags of the repository that has many.
_TAGS: Final = 5000


def main() -> None:
    """
    Measure what the command line asks for, and print a table.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=sorted(WORKS), help="this work")
    parser.add_argument("--input", action="append", help="this input: big, real5, small60")
    parser.add_argument("--rounds", type=int, default=5, help="counted runs of each")
    parser.add_argument("--quick", action="store_true", help="small inputs, to try it out")
    parser.add_argument("--folder", type=Path, help="where inputs are kept between runs")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    said = parser.parse_args()
    with _ground(said.folder, quick=said.quick) as ground:
        _head(ground)
        rows = list(_measure(ground, said.only, said.input, said.rounds))
    if said.json:
        said.json.write_text(json.dumps(rows, indent=1))


@contextlib.contextmanager
def _ground(folder: Path | None, *, quick: bool) -> Iterator[Ground]:
    with contextlib.ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        kept = (folder or work) / ("quick" if quick else "full")
        kept.mkdir(parents=True, exist_ok=True)
        inputs = make(kept, QUICK if quick else FULL)
        hosts = [stack.enter_context(registry(work / name)) for name in ("one", "two")]
        ground = Ground(registry=hosts[0], other=hosts[1], inputs=inputs, folder=work)
        for name, layout in inputs.items():
            if layout.is_dir():
                push = (sys.executable, "-m", "ocikit", "-q", "push", f"oci:{layout}:v")
                subprocess.run([*push, ground.source(name)], check=True, capture_output=True)
        first = flush(f"{ground.tagged}:0", synthetic.image(Random(1)))
        tag_all(first, [str(number) for number in range(1, _TAGS)])
        yield ground


def _head(ground: Ground) -> None:
    tools = [tool for tool in ("crane", "skopeo", "umoci") if shutil.which(tool)]
    print(f"Python {platform.python_version()}, {platform.machine()}; peers: {', '.join(tools)}")
    print(f"{'work':14} {'input':9} {'tool':8} {'wall s':>8} {'cpu s':>8} {'MiB':>6}  ratio")


def _measure(
    ground: Ground, only: list[str] | None, inputs: list[str] | None, rounds: int
) -> Iterator[dict[str, object]]:
    for work, (names, contenders) in WORKS.items():
        for name in names:
            if (only and work not in only) or (inputs and name not in inputs):
                continue
            costs = in_turns(contenders(ground, name), rounds, ground.folder / "log")
            yield from _rows(work, name, costs)


def _rows(work: str, name: str, costs: dict[str, list[Cost] | str]) -> Iterator[dict[str, object]]:
    ours = costs.get("ocikit")
    base = median(ours).wall if isinstance(ours, list) and ours else None
    for tool, seen in costs.items():
        if isinstance(seen, str):
            print(f"{work:14} {name:9} {tool:8} failed: {seen[:200]!r}", flush=True)
            continue
        cost = median(seen)
        ratio = f"{base / cost.wall:5.2f}" if base else ""
        figures = f"{cost.wall:8.3f} {cost.cpu:8.3f} {cost.peak:6.0f}"
        print(f"{work:14} {name:9} {tool:8} {figures}  {ratio}", flush=True)
        yield {"work": work, "input": name, "tool": tool, **attrs.asdict(cost)}


if __name__ == "__main__":
    main()
