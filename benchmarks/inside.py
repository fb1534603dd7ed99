"""
What is done many times in one process, each time of it: `python -m benchmarks.inside WORK INPUT`.

The last line on stdout has the figures, in seconds of one time.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from random import Random
from typing import Final

from ocikit.content import synthetic
from ocikit.content.empty import IMAGE
from ocikit.http.message import Request
from ocikit.registry import Client, flush
from ocikit.server import registry
from ocikit.spec.document import read
from ocikit.spec.manifest import Manifest

#: How often a work is timed, and done each time.
_TURNS: Final = 7
_TIMES: Final = 2000


def parse(layers: str) -> Callable[[], object]:
    """
    Read the manifest of an image of so many layers, from bytes to records.
    """
    raw = synthetic.image(Random(1), layers=int(layers), size=100).document.raw
    return lambda: read(raw, Manifest).value


def ask(method: str) -> Callable[[], object]:
    """
    Ask a registry in memory for a manifest by its tag, as its server does.
    """
    handler = registry()
    flush("localhost/a:1", IMAGE, client=Client(send=handler))
    request = Request(method=method.upper(), url="http://localhost/v2/a/manifests/1")
    return lambda: handler(request)


def _turns(work: Callable[[], object]) -> Iterator[tuple[float, float]]:
    work()
    for _ in range(_TURNS):
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(_TIMES):
            work()
        yield (time.perf_counter() - wall) / _TIMES, (time.process_time() - cpu) / _TIMES


def _generate(name: str) -> Iterator[tuple[float, float]]:
    # Hypothesis comes with the kit for tests only.
    from benchmarks.generation import rate, strategies

    cost = 1 / rate(strategies()[name], _TIMES)
    yield cost, cost


WORKS: Final = {"parse": parse, "ask": ask}


def main() -> None:
    """
    Do one work, and print what one time of it costs.
    """
    work, name = sys.argv[1:]
    turns = _generate(name) if work == "generate" else _turns(WORKS[work](name))
    walls, cpus = zip(*turns, strict=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cost = {"wall": statistics.median(walls), "cpu": statistics.median(cpus), "peak": peak}
    print(json.dumps(cost))


if __name__ == "__main__":
    main()
