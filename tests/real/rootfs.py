"""
A whole Debian root filesystem: the real input of layers, flattening and export.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

import pytest

from tests.real.process import Command, CommandFailed, require, unavailable

SUITE = "bookworm"


@pytest.fixture(scope="session")
def rootfs() -> Path:
    """
    A Debian root filesystem of about 10,000 files. Not to be changed by tests.

    It is built once, in about a minute, and kept in the folder that OCIKIT_CACHE names,
    else in `~/.cache/ocikit-tests`.
    """
    debootstrap = Command((require("debootstrap", "debootstrap", root=True),))
    cache = Path(os.environ["OCIKIT_CACHE"])
    cache.mkdir(parents=True, exist_ok=True)
    done = cache / f"debian-{SUITE}-minbase"
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            _build(debootstrap, cache / f"{done.name}.part", done)
    return done


def _build(debootstrap: Command, part: Path, done: Path) -> None:
    shutil.rmtree(part, ignore_errors=True)
    try:
        debootstrap("--variant=minbase", SUITE, part)
    except CommandFailed as error:
        log = part / "debootstrap/debootstrap.log"
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        unavailable(f"no Debian root filesystem could be built: {error}\n{tail}")
    part.rename(done)
