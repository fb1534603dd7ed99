"""
Programs that are asked for credentials: run with care.

No shell and no current folder are involved, time and output are bounded, and what they
print is shown to nobody.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    import subprocess

#: How much a program may print, and be told, in bytes.
MOST_OUTPUT: Final = 64 << 10


class ProgramFailed(Exception):
    """
    A program was not run to its end; the text says why, and nothing that it printed.
    """


def find(name: str, environ: Mapping[str, str]) -> str | None:
    """
    Find a program on the PATH of an environment.
    """
    import shutil

    # An empty or relative folder on the path would be wherever we happen to be.
    folders = [f for f in environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(f)]
    return shutil.which(name, path=os.pathsep.join(folders))


def run(
    argv: Sequence[str], told: bytes, environ: Mapping[str, str], *, patience: float
) -> tuple[int, bytes]:
    """
    Run a program, tell it something, and give its status and what it printed.

    Args:
        argv: an absolute path, and its arguments.
        told: what it reads on its standard input.
        environ: the environment that it runs in.
        patience: how long it may take, in seconds.

    Raises:
        ProgramFailed: it cannot be run, takes too long, or prints too much.

    >>> run(["/bin/cat"], b"hello", {}, patience=30)
    (0, b'hello')
    """
    import subprocess

    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(  # noqa: S603 - callers check the name, and there is no shell
            argv, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=dict(environ), bufsize=0
        )
    except OSError as error:
        raise ProgramFailed(f"it cannot be run: {error.strerror}") from None
    with process:
        try:
            return _talk(process, told, patience)
        finally:
            # What has ended already is not killed again.
            process.kill()


def _talk(process: subprocess.Popen[bytes], told: bytes, patience: float) -> tuple[int, bytes]:
    import time

    deadline = time.monotonic() + patience
    stdin, stdout = process.stdin, process.stdout
    assert stdin is not None
    assert stdout is not None
    os.set_blocking(stdin.fileno(), False)
    os.set_blocking(stdout.fileno(), False)
    output, pause = bytearray(), 0.001
    while True:
        told = _write(stdin, told)
        # Asked first: all that one which has ended ever printed is there to be read.
        ended = process.poll() is not None
        part: bytes | None = stdout.read(MOST_OUTPUT + 1)
        output += part or b""
        if len(output) > MOST_OUTPUT:
            raise ProgramFailed(f"it printed more than {MOST_OUTPUT} bytes")
        if ended and not part:
            return process.returncode, bytes(output)
        if time.monotonic() > deadline:
            raise ProgramFailed(f"it took more than {patience:g} s")
        if not part:
            time.sleep(pause)
            pause = min(pause * 1.5, 0.02)


def _write(stdin: IO[bytes], told: bytes) -> bytes:
    if stdin.closed:
        return b""
    try:
        told = told[stdin.write(told) or 0 :] if told else told
    except BrokenPipeError:
        # It has heard enough; its status says whether that is right.
        told = b""
    if not told:
        stdin.close()
    return told
