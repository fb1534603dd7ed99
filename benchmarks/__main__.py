"""
Measure: `python -m benchmarks [--only WORK] [--rounds N] [--quick] [--json FILE]`.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import attrs

import ocikit
from benchmarks.engines import WORKS as ENGINES
from benchmarks.engines import engine, missing
from benchmarks.goals import goals_table
from benchmarks.grounds import Stage, stage
from benchmarks.growth import grown
from benchmarks.looking import WORKS as LOOKING
from benchmarks.measure import Contender, Cost, RunFailed, in_turns, median, run
from benchmarks.remaking import WORKS as REMAKING
from benchmarks.serving import WORKS as SERVING
from benchmarks.table import NAMES
from benchmarks.traffic import Traffic
from benchmarks.works import WORKS as MOVING
from benchmarks.works import Ground, warmed

WORKS = {**LOOKING, **MOVING, **REMAKING, **SERVING, **ENGINES}


def main() -> None:
    """
    Measure what the command line asks for, and print tables of figures and of goals.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    works, inputs = sorted([*WORKS, "growth"]), "this input: big, real5, small60; usr only so"
    parser.add_argument("--only", action="append", choices=works, help="this work")
    parser.add_argument("--input", action="append", help=inputs)
    parser.add_argument("--peers", nargs="*", metavar="TOOL", help="beside these only")
    parser.add_argument(
        "--traffic", action="store_true", help="count requests and bytes, and time nothing"
    )
    parser.add_argument("--rounds", type=int, default=5, help="counted runs of each")
    parser.add_argument("--quick", action="store_true", help="small inputs, to try it out")
    parser.add_argument("--folder", type=Path, help="where inputs are kept between runs")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    # What is installed has bytecode; without, commands would be timed as they compile.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    said = parser.parse_args()
    # Registries are ended, and memory is given back, whoever ends this.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    traffic = Traffic() if said.traffic else None
    chosen = list(_chosen(said.only, said.input))
    names = {"tiny", "tiny.multi", *(name for _, name in chosen)}
    serving = any(work.startswith("serve-") for work, _ in chosen)
    with contextlib.ExitStack() as stack:
        it = stack.enter_context(
            stage(said.folder, names, traffic, quick=said.quick, serving=serving)
        )
        machine = f"{_machine()}; blobs in {it.place}"
        print(machine)
        if any(work.startswith("engine-") for work, _ in chosen):
            if lacking := missing():
                print(f"no engine, for want of {lacking}")
            elif not traffic:
                stack.enter_context(engine())
        contending = [(*each, _contenders(it.ground, *each, said.peers)) for each in chosen]
        if traffic:
            rows = list(_counted(it.ground, contending, traffic))
        else:
            rows = list(_measured(it, contending, said.rounds))
            if "growth" in (said.only or ["growth"]) and not said.input:
                rows += _growing()
            print(f"\n{goals_table(rows, NAMES)}")
    if said.json:
        said.json.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n")


def _machine() -> str:
    """
    Say what was measured where: processors, Python, and the peers with their versions.
    """
    said = [f"ocikit {ocikit.__version__}"]
    for tool, *asked in (
        ("crane", "version"),
        ("skopeo", "--version"),
        ("umoci", "--version"),
        ("docker-registry", "--version"),
    ):
        if path := shutil.which(tool):
            done = subprocess.run((tool, *asked), capture_output=True, text=True, check=False)
            said.append(f"{tool} {_version(done.stdout, path)}")
    for name in ("oras", "python-dxf", "docker"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            said.append(f"{'docker-py' if name == 'docker' else name} {metadata.version(name)}")
    return (
        f"{', '.join(said)}; Python {platform.python_version()}, {os.cpu_count()} cores of "
        f"{platform.machine()}, Linux {platform.release().split('-')[0]}"
    )


def _version(printed: str, path: str) -> str:
    """
    Find the version in what a program prints; a build without one is told by its bytes.
    """
    for word in printed.split():
        if word.lstrip("v")[:1].isdigit():
            return word.lstrip("v")
    with open(path, "rb") as program:
        return (
            f"of unknown version, sha256:{hashlib.file_digest(program, 'sha256').hexdigest()[:12]}"
        )


def _chosen(only: list[str] | None, inputs: list[str] | None) -> Iterator[tuple[str, str]]:
    for work, (names, _) in WORKS.items():
        for name in names:
            if (not only or work in only) and (name in inputs if inputs else name != "usr"):
                yield work, name


def _contenders(ground: Ground, work: str, name: str, peers: list[str] | None) -> list[Contender]:
    found = warmed(WORKS[work][1], ground, name)
    return [each for each in found if peers is None or each.tool in {"ocikit", "warm", *peers}]


def _measured(
    it: Stage, chosen: list[tuple[str, str, list[Contender]]], rounds: int
) -> Iterator[dict[str, object]]:
    print(f"{'work':12} {'input':11} {'tool':15} {'wall s':>9} {'cpu s':>8} {'MiB':>6}  ratio")
    for work, name, contenders in chosen:
        costs = in_turns(contenders, rounds, it.ground.folder / "log", it.ground.clear)
        it.empty()
        notes = {each.tool: each.note for each in contenders}
        yield from _rows(work, name, costs, notes)


def _rows(
    work: str, name: str, costs: dict[str, list[Cost] | str], notes: dict[str, str]
) -> Iterator[dict[str, object]]:
    ours = costs.get("ocikit")
    base = median(ours).wall if isinstance(ours, list) and ours else None
    for tool, seen in costs.items():
        head = f"{work:12} {name:11} {tool:15}"
        if isinstance(seen, str):
            print(f"{head} failed: {seen[:300]!r}", flush=True)
            continue
        cost = median(seen)
        ratio = f"{base / cost.wall:5.2f}" if base else ""
        figures = f"{cost.wall:9.4g} {cost.cpu:8.3g} {cost.peak:6.0f}"
        print(f"{head} {figures}  {ratio}  {notes[tool]}".rstrip(), flush=True)
        row = {"work": work, "input": name, "tool": tool, **attrs.asdict(cost)}
        yield {**row, "note": notes[tool]} if notes[tool] else row


def _growing() -> Iterator[dict[str, object]]:
    for row in grown(1):
        print(f"growth       {row['work']}: exponent {row['exponent']:.2f}", flush=True)
        yield {**row, "work": "growth", "input": row["work"], "tool": "warm"}


def _counted(
    ground: Ground, chosen: list[tuple[str, str, list[Contender]]], traffic: Traffic
) -> Iterator[dict[str, object]]:
    print(f"{'work':14} {'input':11} {'tool':8} {'requests':>8} {'MiB up':>8} {'MiB down':>8}")
    for work, name, contenders in chosen:
        for contender in contenders:
            if contender.inside:
                continue
            traffic.taken()
            ground.clear()
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
