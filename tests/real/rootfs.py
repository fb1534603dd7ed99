"""
Whole Debian root filesystems: the real input of layers, flattening and export.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

import pytest

from tests.real.process import Command, CommandFailed, require, unavailable


@pytest.fixture(scope="session")
def rootfs() -> Path:
    """
    A Debian root filesystem of about 10,000 files. Not to be changed by tests.
    """
    return bootstrapped("bookworm")


def bootstrapped(suite: str, *packages: str) -> Path:
    """
    Give a root filesystem of a release of Debian. Not to be changed by tests.

    It is built once, in about a minute, and kept in the folder that OCIKIT_TEST_CACHE names,
    else in `~/.cache/ocikit-tests`.

    Args:
        suite: the name of the release.
        packages: what is in it besides the least there can be.
    """
    debootstrap = Command((require("debootstrap", "debootstrap", root=True),))
    cache = Path(os.environ["OCIKIT_TEST_CACHE"])
    cache.mkdir(parents=True, exist_ok=True)
    done = cache / "-".join(["debian", suite, "minbase", *packages])
    with (cache / f"{done.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            part = cache / f"{done.name}.part"
            shutil.rmtree(part, ignore_errors=True)
            _build(debootstrap, suite, packages, part)
            part.rename(done)
    return done


def _build(debootstrap: Command, suite: str, packages: tuple[str, ...], part: Path) -> None:
    more = [f"--include={','.join(packages)}"] if packages else []
    try:
        debootstrap("--variant=minbase", *more, suite, part)
    except CommandFailed as error:
        log = part / "debootstrap/debootstrap.log"
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        unavailable(f"no Debian root filesystem could be built: {error}\n{tail}")
