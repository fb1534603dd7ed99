"""
Members a second: how quickly archives are walked, beside Python's own module.

`python -m benchmarks.members LAYOUT...`: the layers of image `v` of each, in memory.
"""

from __future__ import annotations

import functools
import io
import sys
import tarfile
import time
from collections.abc import Callable

from ocikit.content.image import Image
from ocikit.layout.load import load
from ocikit.tree.filetree import load as load_tree
from ocikit.tree.reader import Reader


def _walk(data: bytes) -> int:
    return sum(1 for _ in Reader(io.BytesIO(data)))


def _facts(data: bytes) -> int:
    return sum(member.entry is not None for member in Reader(io.BytesIO(data)))


def _tarfile(data: bytes) -> int:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return sum(1 for _ in archive)


WALKS: dict[str, Callable[[bytes], int]] = {
    "names": _walk,
    "names and facts": _facts,
    "tarfile": _tarfile,
}


def main() -> None:
    """
    Print the median of five rounds for each way, and for the tree of all layers.
    """
    for layout in sys.argv[1:]:
        _measure(layout)


def _measure(layout: str) -> None:
    image = load(layout, "v")
    assert isinstance(image, Image)
    layers = [layer.uncompressed().read() for layer in image.layers]
    for name, walk in WALKS.items():
        _print(layout, name, functools.partial(_sum, walk, layers))
    _print(layout, "file tree", lambda: len(load_tree(image.layers).files))


def _sum(walk: Callable[[bytes], int], layers: list[bytes]) -> int:
    return sum(map(walk, layers))


def _print(layout: str, name: str, walk: Callable[[], int]) -> None:
    rates: list[float] = []
    for _ in range(5):
        started = time.process_time()
        count = walk()
        rates.append(count / (time.process_time() - started))
    print(f"{layout:24} {name:16} {sorted(rates)[2]:10,.0f} members/s of {count:,}", flush=True)


if __name__ == "__main__":
    main()
