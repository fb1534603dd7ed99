"""
Ask many small questions: `python -m benchmarks.questions [--tags N] [--jobs N]`.

In this process, without a socket and over loopback; and of docker-registry, many tags at
once, as a function and as the command.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from benchmarks.registries import docker_registry
from ocikit.content import synthetic
from ocikit.crane import Options, digest, digests, load, tag
from ocikit.http.credentials import anonymous
from ocikit.registry import Client, flush, head
from ocikit.server import registry, serve

#: How often a question is asked to time one.
_TIMES = 2000
_IMAGE = synthetic.image(Random(1))


def main() -> None:
    """
    Measure, and print a table.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.questions", description=__doc__)
    parser.add_argument("--tags", type=int, default=5000, help="how many tags are looked up")
    parser.add_argument("--jobs", type=int, default=16, help="how many at once")
    said = parser.parse_args()
    print("| one question | in process | over loopback |\n|---|---|---|")
    for name, *costs in zip(*_singles(), strict=True):
        print(f"| {name} | {' | '.join(f'{cost * 1e6:.0f} µs' for cost in costs)} |")
    print(f"\n| {said.tags} tags of docker-registry, {said.jobs} at once | |\n|---|---|")
    for name, seconds in _many(said.tags, said.jobs):
        rate = said.tags / seconds
        print(f"| {name} | {seconds:.2f} s, {rate:.0f} a second |", flush=True)


def _singles() -> Iterator[list[str] | list[float]]:
    handler = registry()
    yield list(_questions("", Client()))
    yield _timed("localhost", Client(send=handler))
    with serve(handler) as server:
        yield _timed(server.host, Client(keychain=anonymous))


def _questions(host: str, client: Client) -> dict[str, Callable[[], object]]:
    name, options = f"{host}/a:1", Options(client=client)
    return {
        "registry.head": lambda: head(name, client=client),
        "crane.digest": lambda: digest(name, options),
        "crane.load": lambda: load(name, options),
    }


def _timed(host: str, client: Client) -> list[float]:
    flush(f"{host}/a:1", _IMAGE, client=client)
    return [_cost(ask) for ask in _questions(host, client).values()]


def _cost(ask: Callable[[], object]) -> float:
    ask()
    begun = time.perf_counter()
    for _ in range(_TIMES):
        ask()
    return (time.perf_counter() - begun) / _TIMES


def _many(tags: int, jobs: int) -> Iterator[tuple[str, float]]:
    with tempfile.TemporaryDirectory() as folder, docker_registry(Path(folder) / "r") as served:
        host = served.host
        options = Options(client=Client(keychain=anonymous, jobs=jobs))
        flush(f"{host}/a:0", _IMAGE, client=options.client)
        names = [f"{host}/a:{number}" for number in range(tags)]
        tag(names[0], [str(number) for number in range(1, tags)], options)
        begun = time.perf_counter()
        assert len(list(digests(names, options))) == tags
        yield "crane.digests", time.perf_counter() - begun
        begun = time.perf_counter()
        command = [sys.executable, "-m", "ocikit", "digest", "-j", str(jobs), *names]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        yield "ocikit digest", time.perf_counter() - begun


if __name__ == "__main__":
    main()
