"""
The smallest tree that runs as a container: one static program of 2 MB.
"""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest

from tests.real.process import require, unavailable


@pytest.fixture(scope="session")
def busybox_layer_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    A folder with `bin/busybox`, and `bin/sh` a link to it. Not to be changed by tests.
    """
    program = Path(require("busybox", "busybox-static"))
    if not _is_static(program.read_bytes()):
        unavailable(f"{program} needs libraries: apt-get install busybox-static")
    tree = tmp_path_factory.mktemp("busybox")
    (tree / "bin").mkdir()
    shutil.copy(program, tree / "bin/busybox")
    (tree / "bin/sh").symlink_to("busybox")
    return tree


def _is_static(elf: bytes) -> bool:
    # ELF-64: an executable that needs libraries has a program header of type 3, PT_INTERP.
    start, size, count = struct.unpack("<32xQ14xHH", elf[:58])
    kinds = [elf[at : at + 4] for at in range(start, start + size * count, size)]
    return b"\3\0\0\0" not in kinds
