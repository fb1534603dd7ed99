"""
Find, start and stop the programs that the fixtures are made of.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import attrs
import pytest

#: Seconds a component may take until it answers, and to end when asked to.
PATIENCE = 60.0


def unavailable(reason: str) -> NoReturn:
    """
    Skip the test that asked; fail it where real components are required.
    """
    if os.environ.get("OCIKIT_REQUIRE_REAL") == "1":
        pytest.fail(f"OCIKIT_REQUIRE_REAL=1, but {reason}", pytrace=False)
    pytest.skip(reason)


def require(program: str, package: str, *, root: bool = False) -> str:
    """
    Find a program, or say which Debian package has it.
    """
    # A person's PATH often lacks the folders of the system's daemons.
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    found = shutil.which(program, path=places)
    if found is None:
        unavailable(f"{program} is missing: apt-get install --no-install-recommends {package}")
    if root and os.geteuid() != 0:
        unavailable(f"{program} needs root: run the tests as root")
    return found


def require_module(name: str) -> None:
    """
    See that a package of Python is here, or say how it comes.
    """
    if find_spec(name) is None:
        unavailable(f"{name} is missing: pip install -e '.[test]'")


def free_port() -> int:
    """
    Find a port of loopback that nobody listens on.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@attrs.frozen
class CommandFailed(Exception):
    """
    A program ended with a code other than 0.
    """

    argv: tuple[str, ...]
    code: int
    stderr: str

    def __str__(self) -> str:
        return f"{' '.join(self.argv)} ended with {self.code}:\n{self.stderr}"


@attrs.frozen
class Command:
    """
    A program with its leading options; calling it gives what it printed.
    """

    argv: tuple[str, ...]
    env: dict[str, str] = attrs.field(factory=dict)

    def __call__(self, *args: str | os.PathLike[str], stdin: bytes = b"") -> str:
        return self.bytes(*args, stdin=stdin).decode()

    def bytes(self, *args: str | os.PathLike[str], stdin: bytes = b"") -> bytes:
        """
        Run it, and give its standard output untouched.

        Raises:
            CommandFailed: it ended with a code other than 0.
        """
        argv = (*self.argv, *(os.fspath(arg) for arg in args))
        done = subprocess.run(
            argv, input=stdin, capture_output=True, env={**os.environ, **self.env}
        )
        if done.returncode:
            raise CommandFailed(argv, done.returncode, done.stderr.decode(errors="replace"))
        return done.stdout


@contextmanager
def short_folder(name: str) -> Iterator[Path]:
    """
    Make a folder whose path is short enough for a unix socket, and remove it after.
    """
    parent = tempfile.gettempdir()
    with tempfile.TemporaryDirectory(
        prefix=f"ocikit-{name}-",
        dir=parent if len(parent) < 40 else "/tmp",
        ignore_cleanup_errors=True,
    ) as folder:
        try:
            yield Path(folder)
        finally:
            _unmount(folder)


def _unmount(folder: str) -> None:
    # An engine that had to be killed leaves mounts, through which removal must not go.
    table = Path("/proc/mounts")
    lines = table.read_text().splitlines() if table.exists() else []
    mounts = [place for _, place, *_ in map(str.split, lines) if place.startswith(f"{folder}/")]
    for place in sorted(mounts, reverse=True):
        subprocess.run(["umount", "--lazy", place], check=False)


@contextmanager
def running(
    argv: tuple[str, ...], log: Path, ready: Callable[[], bool], env: dict[str, str] | None = None
) -> Iterator[int]:
    """
    Run a daemon until the block ends; gives its process id once it is ready.
    """
    # The kernel ends the daemon when the test run dies before it can.
    argv = (require("setpriv", "util-linux"), "--pdeathsig", "TERM", *argv)
    with log.open("wb") as out:
        daemon = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
    try:
        _await(daemon, ready, log)
        yield daemon.pid
    finally:
        _stop(daemon)


def _await(daemon: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not ready():
        if daemon.poll() is not None or time.monotonic() > end:
            tail = log.read_text(errors="replace")[-4000:]
            state = f"ended with {daemon.returncode}" if daemon.poll() is not None else "is silent"
            pytest.fail(f"{daemon.args!r} {state}:\n{tail}", pytrace=False)
        time.sleep(0.02)


def _stop(daemon: subprocess.Popen[bytes]) -> None:
    daemon.terminate()
    try:
        daemon.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        # Only then its whole session, which start_new_session made its own.
        os.killpg(daemon.pid, signal.SIGKILL)
        daemon.wait()


def answers(target: tuple[str, int] | Path, path: str) -> bytes | None:
    """
    GET a path over a port or a unix socket; the body, or None while nobody answers.

    It is written with sockets, not with the client under test.
    """
    family = socket.AF_UNIX if isinstance(target, Path) else socket.AF_INET
    with socket.socket(family) as wire:
        wire.settimeout(PATIENCE)
        try:
            wire.connect(str(target) if isinstance(target, Path) else target)
            wire.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            reply = b"".join(iter(lambda: wire.recv(65536), b""))
        except OSError:
            return None
    return reply.partition(b"\r\n\r\n")[2] if reply else None
