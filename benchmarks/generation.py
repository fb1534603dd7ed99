"""
Generate images, and ask a registry in this process: `python -m benchmarks.generation`.

By the processor's time of this process; the search of Hypothesis is in it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from ocikit.content.empty import IMAGE
from ocikit.registry import flush, head, load
from ocikit.testing import strategies as oci
from ocikit.testing.registries import TestRegistry


def main() -> None:
    """
    Measure, and print two tables.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generation", description=__doc__)
    parser.add_argument("--examples", type=int, default=1000, help="how many of each")
    said = parser.parse_args()
    print("| generated | a second of one core |\n|---|---|")
    for name, strategy in strategies().items():
        print(f"| {name} | {rate(strategy, said.examples):.0f} |", flush=True)
    print("\n| in process | µs |\n|---|---|")
    for name, ask in _questions().items():
        print(f"| {name} | {_cost(ask, said.examples) * 1e6:.0f} |", flush=True)


def strategies() -> dict[str, SearchStrategy[Any]]:
    """
    Give what is generated, by name.
    """
    return {
        "images": oci.images(),
        "contents": oci.contents(),
        "pipelines": oci.pipelines(),
        "references": oci.references(),
        "stacks of layers": oci.layer_stacks(),
        "registries": oci.registries(),
    }


def rate(strategy: SearchStrategy[Any], examples: int) -> float:
    """
    Generate so many, and give how many a second of the processor brings.
    """
    count = 0

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(value: object) -> None:
        nonlocal count
        count += 1

    begun = time.process_time()
    draw()
    return count / (time.process_time() - begun)


def _questions() -> dict[str, Callable[[], object]]:
    registry = TestRegistry()
    name, client = registry.name("app:1"), registry.client
    flush(name, IMAGE, client=client)
    return {
        "registry.head": lambda: head(name, client=client),
        "registry.load": lambda: load(name, client=client),
        "registry.flush of what is there": lambda: flush(name, IMAGE, client=client),
    }


def _cost(ask: Callable[[], object], times: int) -> float:
    ask()
    begun = time.process_time()
    for _ in range(times):
        ask()
    return (time.process_time() - begun) / times


if __name__ == "__main__":
    main()
