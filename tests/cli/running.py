"""
Commands run in this process, with standard streams of their own.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any, TextIO, TypeAlias

import attrs

from ocikit.cli import main


@attrs.frozen
class Ran:
    """
    What a command did: its exit code, and what it printed.
    """

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        """
        What it printed on stdout, as text.
        """
        return self.raw.decode()

    @property
    def lines(self) -> list[str]:
        """
        The lines of its results.
        """
        return self.out.splitlines()

    @property
    def objects(self) -> list[dict[str, Any]]:
        """
        Its results as JSON, an object a line.
        """
        return [json.loads(line) for line in self.lines]


Run: TypeAlias = Callable[..., Ran]


def run(*argv: str | os.PathLike[str], stdin: bytes = b"") -> Ran:
    """
    Run a command line in this process.
    """
    streams = sys.stdin, sys.stdout, sys.stderr
    out, err = io.BytesIO(), io.BytesIO()
    sys.stdin, sys.stdout, sys.stderr = _text(io.BytesIO(stdin)), _text(out), _text(err)
    try:
        code = main([os.fspath(each) for each in argv])
        sys.stdout.flush()
        sys.stderr.flush()
        # Later they are closed, with what wraps them.
        return Ran(code, out.getvalue(), err.getvalue().decode())
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams


def done(*argv: str | os.PathLike[str], stdin: bytes = b"") -> Ran:
    """
    Run a command line that must succeed.
    """
    ran = run(*argv, stdin=stdin)
    assert ran.code == 0, ran.err
    return ran


def _text(raw: io.BytesIO) -> TextIO:
    return io.TextIOWrapper(raw, encoding="utf-8", write_through=True)


def start(
    *argv: str | os.PathLike[str], env: Mapping[str, str] | None = None, **streams: Any
) -> subprocess.Popen[bytes]:
    """
    Start a command in a process of its own.
    """
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    command = [sys.executable, "-m", "ocikit", *(os.fspath(each) for each in argv)]
    return subprocess.Popen(command, env={**os.environ, **(env or {})}, **pipes)
