"""
How cost grows with size, layers, files and tags: `python -m benchmarks.growth`.

Each work is done at doubled sizes, by the processor's time of this process and its peak of
memory; a line is laid through their logarithms, whose slope is the exponent: 1 is linear,
0 is constant. What a start costs is taken off first.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import resource
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from ocikit import layout, registry
from ocikit.content import synthetic
from ocikit.content.build import build_layer
from ocikit.content.compression import Gzip
from ocikit.content.empty import IMAGE
from ocikit.content.image import Image
from ocikit.content.partial import image_of
from ocikit.query import validate
from ocikit.registry import Client, tag_all
from ocikit.server import registry as in_process
from ocikit.spec.config import ConfigFile
from ocikit.tree.filetree import load as load_tree

MIB = 1 << 20
_CONFIG = ConfigFile(os="linux", architecture="amd64")


def _noise(size: int) -> Iterator[bytes]:
    source = Random(1)
    info = tarfile.TarInfo("noise")
    info.size = size
    yield info.tobuf()
    for start in range(0, size, MIB):
        yield source.randbytes(min(MIB, size - start))
    yield b"\0" * (-size % 512 + 1024)


def _by_size(mib: int, folder: Path) -> Callable[[], object]:
    layout.flush(str(folder / "in"), image_of(_CONFIG, [build_layer(_noise(mib * MIB))]))
    return lambda: layout.flush(str(folder / "out"), layout.load(str(folder / "in")))


def _by_layers(count: int, folder: Path) -> Callable[[], object]:
    layout.flush(str(folder / "in"), synthetic.image(Random(1), layers=count, size=1000))
    return lambda: layout.flush(str(folder / "out"), layout.load(str(folder / "in")))


def _by_files(count: int, folder: Path) -> Callable[[], object]:
    def members() -> Iterator[bytes]:
        for number in range(count):
            info = tarfile.TarInfo(f"d{number % 100}/f{number}")
            info.size = 1
            yield info.tobuf() + b"x".ljust(512, b"\0")
        yield b"\0" * 1024

    image = image_of(_CONFIG, [build_layer(members(), compression=Gzip())])
    layout.flush(str(folder / "in"), image)

    def check() -> None:
        assert not validate(layout.load(str(folder / "in")))

    return check


def _tree_of_files(count: int, folder: Path) -> Callable[[], object]:
    _by_files(count, folder)

    def read() -> int:
        image = layout.load(str(folder / "in"))
        assert isinstance(image, Image)
        return len(load_tree(image.layers).files)

    return read


def _by_tags(count: int, folder: Path) -> Callable[[], object]:
    client = Client(send=in_process(), jobs=1)
    registry.flush("localhost/a:0", IMAGE, client=client)
    tag_all("localhost/a:0", [str(number) for number in range(1, count)], client=client)
    return lambda: sum(1 for _ in registry.tags("localhost/a", client=client))


#: Work to how it is made ready at a size, and to the sizes.
WORKS: dict[str, tuple[Callable[[int, Path], Callable[[], object]], tuple[int, ...]]] = {
    "copy a layout, by MiB of a layer": (_by_size, (64, 128, 256, 512)),
    "copy a layout, by layers": (_by_layers, (50, 100, 200, 400)),
    "validate, by files": (_by_files, (10_000, 20_000, 40_000, 80_000)),
    "file tree, by files": (_tree_of_files, (10_000, 20_000, 40_000, 80_000)),
    "list, by tags": (_by_tags, (5_000, 10_000, 20_000, 40_000)),
}


def _measure(name: str, size: int, folder: str, out: str) -> None:
    make, _ = WORKS[name]
    work = make(size, Path(folder))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    work()
    cost = time.process_time() - begun
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    Path(out).write_text(json.dumps({"cpu": cost, "more": more / 1024}))


def cost_of(name: str, size: int) -> dict[str, float]:
    """
    Do a work once in a process of its own: seconds of the processor, and MiB beyond what
    it had when it was ready.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "cost")
        process = multiprocessing.get_context("spawn").Process(
            target=_measure, args=(name, size, folder, out)
        )
        process.start()
        process.join()
        found: dict[str, float] = json.loads(Path(out).read_text())
        return found


def exponent(sizes: Iterable[int], costs: Iterable[float]) -> float:
    """
    Give the slope of the line through the logarithms of sizes and costs, by least squares.

    >>> round(exponent([1, 2, 4], [3, 6, 12]), 6), round(exponent([1, 2, 4], [5, 5, 5]), 6)
    (1.0, 0.0)
    """
    points = [(math.log(size), math.log(cost)) for size, cost in zip(sizes, costs, strict=True)]
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    above = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return above / sum((x - mean_x) ** 2 for x, _ in points)


def grown(rounds: int) -> Iterator[dict[str, Any]]:
    """
    Measure each work at all its sizes: of so many rounds the least counts.
    """
    for name, (_, sizes) in WORKS.items():
        costs = [[cost_of(name, size) for _ in range(rounds)] for size in sizes]
        cpu = [min(each["cpu"] for each in several) for several in costs]
        more = [min(each["more"] for each in several) for several in costs]
        slope = exponent(sizes, cpu)
        yield {"work": name, "sizes": sizes, "cpu": cpu, "more": more, "exponent": slope}


def main() -> None:
    """
    Measure, and print a table.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often; the least counts")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    said = parser.parse_args()
    print("| work | sizes | seconds | exponent | MiB more, smallest and largest |")
    print("|---|---|---|---|---|")
    rows = []
    for row in grown(said.rounds):
        rows.append(row)
        seconds = ", ".join(f"{each:.2f}" for each in row["cpu"])
        numbers = ", ".join(f"{size:,}" for size in row["sizes"])
        spread = f"{row['more'][0]:.0f}, {row['more'][-1]:.0f}"
        figures = f"{numbers} | {seconds} | {row['exponent']:.2f} | {spread}"
        print(f"| {row['work']} | {figures} |", flush=True)
    if said.json:
        said.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
