"""
The story that `ocikit demo` tells: what it says is what it runs.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from ocikit._records import record

#: How much the folder holds beside its program: enough to see it move, or not.
_BALLAST: Final = 4_000_000
_PROGRAM: Final = "#!/bin/sh\necho hello from ocikit\n"


@record(kw_only=True)
class Said:
    """
    One thing that was run, and what came of it.
    """

    title: str
    #: A command line, or a line of Python.
    source: str
    language: str
    #: What it printed: its results, and what it told a person beside them.
    results: tuple[str, ...]
    notices: tuple[str, ...]
    seconds: float


@record(kw_only=True)
class Step:
    """
    A part of the story: command lines, or lines of Python.
    """

    title: str
    commands: tuple[str, ...] = ()
    python: tuple[str, ...] = ()


def steps(host: str) -> tuple[Step, ...]:
    """
    Write the story for a registry that listens at `host`.
    """
    one, two, three = (f"{host}/hello:{number}" for number in (1, 2, 3))
    return (
        Step(
            title="Make an image of a folder, and push it",
            commands=(f"ocikit append -f hello --into /app --owner 0:0 -t {one}",),
        ),
        Step(
            title="Change it by command; its layer is there already and does not travel",
            commands=(
                f"ocikit mutate -l team=infra --entrypoint /app/run --set-platform linux/amd64 "
                f"--created 2024-02-29T12:00:00Z -t {two} {one}",
            ),
        ),
        Step(
            title="Change it in Python; what is pushed is what is loaded, by plain ==",
            python=(
                "from ocikit import mutate, query, registry",
                f'image = registry.load("{two}")',
                'image = mutate.config(image, user="65532", env={"MODE": "test"})',
                f'registry.load(registry.flush("{three}", image)) == image',
            ),
        ),
        Step(
            title="Tell what differs",
            python=(
                f'old = registry.load("{one}")',
                "found = query.diff(old, image, ignore=[query.ignore.PRESETS['digests']])",
                'print(*found, sep="\\n")',
            ),
        ),
        Step(
            title="Look at it, and at many at once",
            commands=(
                f"ocikit inspect {three}",
                f"ocikit tree {three}",
                f"ocikit scan {two} {three}",
            ),
        ),
        Step(
            title="Pull it into an archive for `docker load`, and into an OCI layout",
            commands=(
                f"ocikit pull {three} hello.tar",
                f"ocikit copy {three} oci:layout:3",
            ),
        ),
        Step(
            title="It is the same image everywhere, to the byte",
            commands=(
                f"ocikit digest {three} docker-archive:hello.tar oci:layout:3",
                "ocikit validate oci:layout:3",
            ),
        ),
    )


def make_folder() -> None:
    """
    Make the folder that becomes a layer, the same each time.
    """
    folder = Path("hello")
    folder.mkdir()
    program = folder / "run"
    program.write_text(_PROGRAM, encoding="ascii")
    program.chmod(0o755)
    # It must not shrink much, or there would be nothing to see.
    block = b"".join(number.to_bytes(3, "big") for number in range(1 << 16))
    data = block * (_BALLAST // len(block) + 1)
    (folder / "data").write_bytes(data[:_BALLAST])
    (folder / "data").chmod(0o644)
    for path in (program, folder / "data"):
        os.utime(path, (0, 0))


@contextlib.contextmanager
def stage() -> Generator[str]:
    """
    Work in an empty folder, which is gone afterwards; give its name.
    """
    with tempfile.TemporaryDirectory(prefix="ocikit-demo-") as folder, contextlib.chdir(folder):
        yield folder


def tell(host: str, run: Callable[[list[str]], int]) -> Iterator[Said]:
    """
    Play the steps, and give each as it is done.

    Args:
        host: where a registry listens.
        run: runs a command line, less its first word.
    """
    names: dict[str, Any] = {}
    for step in steps(host):
        for line in step.commands:
            yield _said(step, line, "sh", partial(_command, line, run))
        for line in step.python:
            yield _said(step, line, "python", partial(_python, line, names))


def _command(line: str, run: Callable[[list[str]], int]) -> None:
    if code := run(["--progress", "lines", *line.split()[1:]]):
        raise DemoFailed(line, code)


def _python(line: str, names: dict[str, Any]) -> None:
    # As a prompt does: what a line gives is printed.
    exec(compile(line, "<demo>", "single"), names)  # noqa: S102  # the lines above


class DemoFailed(RuntimeError):
    """
    A command of the demo did not do what it should.
    """


def _said(step: Step, line: str, language: str, play: Callable[[], None]) -> Said:
    results, notices = _stream(), _stream()
    begun = time.perf_counter()
    with contextlib.redirect_stdout(results), contextlib.redirect_stderr(notices):
        try:
            play()
        except DemoFailed as failed:
            raise DemoFailed(f"{failed}\n{_text(notices)}") from None
    return Said(
        title=step.title,
        source=line,
        language=language,
        results=tuple(_text(results).splitlines()),
        notices=tuple(_text(notices).splitlines()),
        seconds=time.perf_counter() - begun,
    )


def _stream() -> io.TextIOWrapper:
    # With bytes below, as standard streams have: some results are written so.
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def folder_size(folder: str | os.PathLike[str] = "hello") -> int:
    """
    Tell how many bytes the files of a folder have.
    """
    return sum(path.stat().st_size for path in Path(folder).iterdir())
