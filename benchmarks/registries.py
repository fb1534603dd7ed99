"""
The registries that works are done with, each a process on a free port of loopback.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import attrs


@attrs.frozen(kw_only=True)
class Served:
    """
    A running registry.
    """

    host: str
    pid: int


@contextlib.contextmanager
def docker_registry(folder: Path) -> Iterator[Served]:
    """
    Serve Debian's docker-registry, that keeps its blobs in `folder`.
    """
    folder.mkdir()

    def command(host: str) -> Sequence[str]:
        config = folder / "config.yml"
        config.write_text(
            "version: 0.1\n"
            "log: {accesslog: {disabled: true}, level: error}\n"
            f"storage: {{filesystem: {{rootdirectory: {folder / 'root'}}}}}\n"
            f'http: {{addr: "{host}"}}\n'
        )
        return ("docker-registry", "serve", str(config))

    with _started(command) as served:
        yield served


@contextlib.contextmanager
def crane_registry(folder: Path) -> Iterator[Served]:
    """
    Serve crane's own, that keeps its blobs in `folder`.
    """
    folder.mkdir()
    serve = ("crane", "registry", "serve", "--disk", str(folder))
    with _started(lambda host: (*serve, "--address", host)) as served:
        yield served


@contextlib.contextmanager
def our_registry(folder: Path) -> Iterator[Served]:
    """
    Serve ours, that keeps its blobs in `folder`.
    """
    folder.mkdir()
    serve = (sys.executable, "-m", "ocikit", "registry", "serve", "--disk", str(folder))
    with _started(lambda host: (*serve, "--address", host)) as served:
        yield served


@contextlib.contextmanager
def sink() -> Iterator[Served]:
    """
    Serve what takes everything and keeps nothing.
    """
    with _started(lambda host: (sys.executable, "-m", "benchmarks.sink", host)) as served:
        yield served


def empty(folder: Path, kept: frozenset[str]) -> None:
    """
    Remove from a docker-registry's folder what runs pushed, but for the blobs `kept`.
    """
    root = folder / "root/docker/registry/v2"
    shutil.rmtree(root / "repositories/out", ignore_errors=True)
    for blob in _blobs(folder):
        if blob.name not in kept:
            shutil.rmtree(blob)


def blobs(folder: Path) -> frozenset[str]:
    """
    Name the blobs that a docker-registry keeps in a folder.
    """
    return frozenset(blob.name for blob in _blobs(folder))


def _blobs(folder: Path) -> list[Path]:
    return list(folder.glob("root/docker/registry/v2/blobs/sha256/*/*"))


@contextlib.contextmanager
def _started(command: Callable[[str], Sequence[str]]) -> Iterator[Served]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{probe.getsockname()[1]}"
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command(host), stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        _wait(host, process)
        yield Served(host=host, pid=process.pid)
    finally:
        process.terminate()
        process.wait()


def _wait(host: str, process: subprocess.Popen[bytes]) -> None:
    address, port = host.split(":")
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection((address, int(port)), 1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} did not come up at {host}")
