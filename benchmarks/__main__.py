"""
Measure: `python -m benchmarks [--only WORK] [--rounds N] [--quick] [--json FILE]`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from random import Random
from typing import Final

import attrs

import ocikit
from benchmarks.inputs import FULL, QUICK, make
from benchmarks.looking import WORKS as LOOKING
from benchmarks.measure import Contender, Cost, RunFailed, in_turns, median, run
from benchmarks.registries import registry
from benchmarks.remaking import WORKS as REMAKING
from benchmarks.traffic import Traffic, counting
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
    parser.add_argument("--peers", nargs="*", metavar="TOOL", help="beside these only")
    parser.add_argument(
        "--traffic", action="store_true", help="count requests and bytes, and time nothing"
    )
    parser.add_argument("--rounds", type=int, default=5, help="counted runs of each")
    parser.add_argument("--quick", action="store_true", help="small inputs, to try it out")
    parser.add_argument("--folder", type=Path, help="where inputs are kept between runs")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    said = parser.parse_args()
    traffic = Traffic()
    with _ground(said.folder, traffic if said.traffic else None, quick=said.quick) as ground:
        print(_machine())
        chosen = list(_chosen(ground, said.only, said.input, said.peers))
        if said.traffic:
            rows = list(_counted(ground, chosen, traffic))
        else:
            rows = list(_measured(ground, chosen, said.rounds))
    if said.json:
        said.json.write_text(json.dumps({"machine": _machine(), "rows": rows}, indent=1) + "\n")


@contextlib.contextmanager
def _ground(folder: Path | None, traffic: Traffic | None, *, quick: bool) -> Iterator[Ground]:
    with contextlib.ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        kept = (folder or work) / ("quick" if quick else "full")
        kept.mkdir(parents=True, exist_ok=True)
        inputs = make(kept, QUICK if quick else FULL)
        hosts = [
            stack.enter_context(
                counting(work / name, traffic) if traffic else registry(work / name)
            )
            for name in ("one", "two")
        ]
        ground = Ground(registry=hosts[0], other=hosts[1], inputs=inputs, folder=work)
        for name, layout in inputs.items():
            if layout.is_dir():
                push = (sys.executable, "-m", "ocikit", "-q", "push", f"oci:{layout}:v")
                subprocess.run([*push, ground.source(name)], check=True, capture_output=True)
        first = flush(f"{ground.tagged}:0", synthetic.image(Random(1)))
        tag_all(first, [str(number) for number in range(1, _TAGS)])
        yield ground


def _machine() -> str:
    """
    Say what was measured where: processors, Python, and the peers with their versions.
    """
    said = [f"ocikit {ocikit.__version__}"]
    for tool in ("crane", "skopeo", "umoci"):
        if shutil.which(tool):
            asked = (tool, "version") if tool == "crane" else (tool, "--version")
            lines = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
            said.append(f"{tool} {lines.split()[-1] if tool == 'crane' else lines.split()[2]}")
    for name in ("oras", "python-dxf"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            said.append(f"{name} {metadata.version(name)}")
    return (
        f"{', '.join(said)}; Python {platform.python_version()}, {os.cpu_count()} cores of "
        f"{platform.machine()}, Linux {platform.release().split('-')[0]}"
    )


def _chosen(
    ground: Ground, only: list[str] | None, inputs: list[str] | None, peers: list[str] | None
) -> Iterator[tuple[str, str, list[Contender]]]:
    for work, (names, contenders) in WORKS.items():
        for name in names:
            if (only and work not in only) or (inputs and name not in inputs):
                continue
            found = contenders(ground, name)
            if peers is not None:
                found = [each for each in found if each.tool in {"ocikit", "warm", *peers}]
            yield work, name, found


def _measured(
    ground: Ground, chosen: list[tuple[str, str, list[Contender]]], rounds: int
) -> Iterator[dict[str, object]]:
    print(f"{'work':14} {'input':11} {'tool':8} {'wall s':>8} {'cpu s':>8} {'MiB':>6}  ratio")
    for work, name, contenders in chosen:
        costs = in_turns(contenders, rounds, ground.folder / "log")
        yield from _rows(work, name, costs)


def _rows(work: str, name: str, costs: dict[str, list[Cost] | str]) -> Iterator[dict[str, object]]:
    ours = costs.get("ocikit")
    base = median(ours).wall if isinstance(ours, list) and ours else None
    for tool, seen in costs.items():
        if isinstance(seen, str):
            print(f"{work:14} {name:11} {tool:8} failed: {seen[:200]!r}", flush=True)
            continue
        cost = median(seen)
        ratio = f"{base / cost.wall:5.2f}" if base else ""
        figures = f"{cost.wall:8.3f} {cost.cpu:8.3f} {cost.peak:6.0f}"
        print(f"{work:14} {name:11} {tool:8} {figures}  {ratio}", flush=True)
        yield {"work": work, "input": name, "tool": tool, **attrs.asdict(cost)}


def _counted(
    ground: Ground, chosen: list[tuple[str, str, list[Contender]]], traffic: Traffic
) -> Iterator[dict[str, object]]:
    print(f"{'work':14} {'input':11} {'tool':8} {'requests':>8} {'MiB up':>8} {'MiB down':>8}")
    for work, name, contenders in chosen:
        for contender in contenders:
            if contender.inside:
                continue
            traffic.taken()
            try:
                run(contender, ground.folder / "log")
            except RunFailed as error:
                print(f"{work:14} {name:11} {contender.tool:8} failed: {str(error)[:200]!r}")
                continue
            row = traffic.taken()
            up, down = row["up"] / (1 << 20), row["down"] / (1 << 20)
            figures = f"{row['requests']:8} {up:8.1f} {down:8.1f}"
            print(f"{work:14} {name:11} {contender.tool:8} {figures}", flush=True)
            yield {"work": work, "input": name, "tool": contender.tool, **row}


if __name__ == "__main__":
    main()
