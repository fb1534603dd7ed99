"""
Nothing that layers hold is written outside of the folder they are extracted to.
"""

from __future__ import annotations

import io
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from ocikit.errors import OciError
from ocikit.files.extraction import extract
from ocikit.testing import building
from ocikit.testing.building import directory
from tests.files.escapes import ESCAPES, Member
from tests.files.places import (
    ROOT,
    as_layer,
    as_nobody,
    as_root,
    inside,
    open_place,
    outside,
    parts,
    placed,
    snapshot,
    without_counts,
)
from tests.real.process import unavailable


@pytest.fixture
def place() -> Iterator[Path]:
    """
    Give a folder that others may enter.
    """
    with open_place() as made:
        yield made


@pytest.mark.parametrize("caller", [as_root, as_nobody])
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("name", ESCAPES)
def test_nothing_leaves_the_folder(
    place: Path, name: str, count: int, caller: Callable[[Callable[[], Any]], Any]
) -> None:
    """
    Whatever is in one layer or several: what is outside is as it was, inside is inside.
    """
    if caller is as_nobody and not ROOT:
        unavailable("only root can become nobody")
    out, target = outside(place), inside(place, name)
    before = snapshot(out)
    layers = parts(placed(ESCAPES[name], out), count)
    # Some of it is refused, which is as well.
    with suppress(OciError):
        caller(lambda: extract(layers, target))
    after = snapshot(out)
    # A hard link that was there is taken away, which can be seen in the count of names.
    assert without_counts(after) == without_counts(before)
    assert sorted(path.name for path in place.iterdir()) == ["outside", "rootfs"]
    for path in target.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert path.read_bytes() in (b"", b"evil")


def test_no_trap_is_missing() -> None:
    """
    There are twenty-two known ways out, and each has its name.
    """
    assert len(ESCAPES) == 22


def test_the_traps_are_real(tmp_path: Path) -> None:
    """
    Python's tarfile falls into most of them, so that passing them means something.
    """
    # Python before 3.11.4 has no filters, and trusts everything.
    trusting: Any = {"filter": "fully_trusted"} if hasattr(tarfile, "data_filter") else {}
    fallen = 0
    for name, members in ESCAPES.items():
        here = tmp_path / name.replace(" ", "-")
        here.mkdir()
        out, target = outside(here), inside(here, name)
        before = snapshot(out)
        tar = building.archive(*placed(members, out))
        with tarfile.open(fileobj=io.BytesIO(tar)) as archive, suppress(Exception):
            archive.extractall(target, **trusting)
        fallen += snapshot(out) != before
    assert fallen >= 10


def test_a_folder_that_moves_meanwhile(place: Path) -> None:
    """
    Trap: somebody swaps a folder for a link to elsewhere while files go into it.
    """
    out, target = outside(place), place / "rootfs"
    before = snapshot(out)
    done = threading.Event()

    def swap() -> None:
        while not done.is_set():
            try:
                (target / "d").rename(target / "e")
                (target / "d").symlink_to(out)
                (target / "d").unlink()
                (target / "e").rename(target / "d")
            except OSError:
                continue

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        for attempt in range(20):
            files: list[Member] = [(f"d/{attempt}-{number}", b"x") for number in range(50)]
            with suppress(OciError):
                extract([as_layer(building.archive(directory("d"), *files, "c/x"))], target)
    finally:
        done.set()
        swapping.join()
    assert without_counts(snapshot(out)) == without_counts(before)
