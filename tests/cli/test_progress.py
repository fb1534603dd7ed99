"""
Progress: lines for logs, a bar for terminals, and results untouched by either.
"""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from ocikit.cli.progress import Bar
from ocikit.cli.tally import PROGRESS, Lines, Objects
from ocikit.content import synthetic
from ocikit.content.image import Image
from ocikit.digest import Digest
from ocikit.progress import Event, Update
from ocikit.registry.flush import flush
from ocikit.sizes import in_units
from tests.cli.running import done

PIECE = Digest.of(b"piece")


def told(*updates: Update) -> None:
    """
    Tell lines of updates.
    """
    lines = Lines()
    for update in updates:
        lines.report(update)


def test_a_line_for_each_piece(capsys: pytest.CaptureFixture[str]) -> None:
    """
    A piece is told when it is done, with what moved of it, less what moved in vain.
    """
    told(
        Update(event=Event.PLANNED, bytes=3000),
        Update(event=Event.STARTED, digest=PIECE),
        Update(event=Event.MOVED, digest=PIECE, bytes=2048),
        Update(event=Event.MOVED, digest=PIECE, bytes=-2048),
        Update(event=Event.RETRIED, digest=PIECE),
        Update(event=Event.MOVED, digest=PIECE, bytes=3000),
        Update(event=Event.DONE, digest=PIECE),
        Update(event=Event.MOUNTED, digest=PIECE, bytes=10),
        Update(event=Event.EXISTS, digest=PIECE),
    )
    name = f"sha256:{PIECE.short()}"
    assert capsys.readouterr().err.splitlines() == [
        f"{name}             broke off; trying again",
        f"{name}     3.0 kB  moved",
        f"{name}       10 B  mounted",
        f"{name}             there already",
    ]


def test_what_all_of_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    """
    At the end a line adds up what moved, was mounted, was there, or had come before.
    """
    lines = Lines(clock=iter([0.0, *[2.0] * 9]).__next__)
    lines.report(Update(event=Event.PLANNED, bytes=10_000))
    lines.report(Update(event=Event.RESUMED, digest=PIECE, bytes=1000))
    lines.report(Update(event=Event.MOVED, digest=PIECE, bytes=6000))
    lines.report(Update(event=Event.DONE, digest=PIECE))
    lines.report(Update(event=Event.MOUNTED, digest=PIECE, bytes=3000))
    lines.end()
    told = capsys.readouterr().err.splitlines()
    assert told[0].endswith("1.0 kB  came before; going on from there")
    assert told[1].endswith("7.0 kB  moved")
    total = "6.0 kB moved, 3.0 kB mounted, 1.0 kB resumed; 2 pieces in 2.0 s, 3.0 kB/s"
    assert told[-1] == total


@pytest.mark.parametrize("seconds", [0.0, 0.1, 10.0])
def test_progress_as_json(seconds: float, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Every line has all the members, in their order; what moves is told some times a second.
    """
    clock = [0.0]
    told = Objects(clock=lambda: clock[0])
    told.report(Update(event=Event.PLANNED, bytes=100))
    for _ in range(10):
        clock[0] += seconds
        told.report(Update(event=Event.MOVED, digest=PIECE, bytes=5))
    told.report(Update(event=Event.DONE, digest=PIECE))
    told.end()
    said = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert all([*each] == [*PROGRESS] for each in said)
    assert [each["event"] for each in said].count("moved") == {0.0: 1, 0.1: 4, 10.0: 10}[seconds]
    done, total = said[-2:]
    assert (done["event"], done["bytes"], done["digest"]) == ("done", 50, str(PIECE))
    assert (total["event"], total["moved"], total["planned"]) == ("total", 50, 100)
    assert total["left"] == (pytest.approx(seconds * 10) if seconds else None)


def test_json_is_all_that_is_told(host: str, image: Image) -> None:
    """
    With -q nothing; else each line of a copy is an object, and the last one its sum.
    """
    ran = done("copy", "--progress", "json", f"{host}/app:1", f"{host}/copied:1")
    said = [json.loads(line) for line in ran.err.splitlines()]
    assert said[-1]["event"] == "total"
    assert said[-1]["mounted"] == image.config.size + sum(layer.size for layer in image.layers)
    argv = ("copy", "-q", "--progress", "json", f"{host}/app:1", f"{host}/copied:2")
    assert done(*argv).err == ""


def test_units() -> None:
    """
    Sizes are written as people read them, up to any size.
    """
    assert [in_units(size) for size in (0, 999, 1000, 5 * 10**9, 10**18)] == [
        *("0 B", "999 B", "1.0 kB", "5.0 GB", "1000000.0 TB")
    ]


def test_the_bar_adds_up() -> None:
    """
    The bar's total is what was planned, and never less than what is done.
    """
    bar = Bar()
    bar.report(Update(event=Event.PLANNED, bytes=100))
    bar.report(Update(event=Event.MOVED, digest=PIECE, bytes=60))
    (task,) = bar.progress.tasks
    assert (task.completed, task.total) == (60, 100)
    bar.report(Update(event=Event.MOVED, digest=PIECE, bytes=60))
    assert (task.completed, task.total) == (120, 120)


@pytest.mark.parametrize(
    ("argv", "environ", "bar"),
    [
        ((), {"TERM": "xterm-256color"}, True),
        ((), {"TERM": "dumb"}, False),
        (("-q",), {"TERM": "xterm-256color"}, False),
        (("--progress", "lines"), {"TERM": "xterm-256color"}, False),
        (("-v",), {"TERM": "xterm-256color"}, False),
    ],
)
def test_a_bar_on_a_terminal(
    host: str, tmp_path: Path, argv: tuple[str, ...], environ: dict[str, str], bar: bool
) -> None:
    """
    On a terminal that can show one there is a bar, on stderr; results go to stdout alone.
    """
    flush(f"{host}/app:1", synthetic.image(Random(1), layers=3, size=300_000))
    seen, out = in_terminal(
        *("copy", *argv, f"{host}/app:1", f"oci:{tmp_path}/out:1"), environ=environ
    )
    assert out == f"oci:{tmp_path}/out:1\n".encode()
    assert (b"done" in seen) is bar
    assert (b"\x1b[" in seen) is (bar or "-v" in argv)
    assert (b"moved" in seen) is (not bar and "-q" not in argv)


def in_terminal(*argv: str, environ: dict[str, str], results: bool = False) -> tuple[bytes, bytes]:
    """
    Run a command whose stderr is a terminal; give what is seen there, and its results,
    which may go to the terminal as well.
    """
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ocikit", *argv]
    with subprocess.Popen(
        command,
        stdout=theirs if results else subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, **environ},
    ) as process:
        os.close(theirs)
        seen = bytearray()
        try:
            while data := os.read(ours, 1 << 16):
                seen += data
        except OSError:
            # The end of a terminal, as Linux tells it.
            pass
        out, _ = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 0, seen
    return bytes(seen), out or b""


def test_results_stream_past_the_bar(host: str, image: Image) -> None:
    """
    What is printed while a bar is shown is not drawn into it.
    """
    done("tag", f"{host}/app:1", "2")
    argv = ("copy", "-a", "--progress", "bar", f"{host}/app", f"{host}/copied")
    seen, out = in_terminal(*argv, environ={"TERM": "xterm"})
    assert out.decode().splitlines() == [f"{host}/copied:1", f"{host}/copied:2"]
    assert b"copied:1" not in seen


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("copy", "HOST/app:1", "HOST/copied:1"), b"HOST/copied@sha256:"),
        (("convert", "--compression", "none", "HOST/app:1"), b"HOST/app@sha256:"),
        (("mutate", "--platform", "linux/s390x", "-l", "a=b", "HOST/app:1"), b"HOST/app:1: is one"),
    ],
)
def test_what_is_told_has_a_line_of_its_own(
    host: str, image: Image, argv: tuple[str, ...], told: bytes
) -> None:
    """
    On a terminal that shows results as well, a bar stands neither before them nor before
    notices.
    """
    given = [word.replace("HOST", host) for word in argv]
    seen, _ = in_terminal(*given, "--progress", "bar", environ={"TERM": "xterm"}, results=True)
    lines = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]|\r", b"\n", seen).splitlines()
    assert any(line.startswith(told.replace(b"HOST", host.encode())) for line in lines)
    assert b"done" in seen
    # What is told after the bar has gone does not bring it back.
    if argv[0] == "convert":
        assert "━".encode() not in seen.rpartition(host.encode())[2]


def test_what_is_told_is_not_broken_to_the_width(host: str, image: Image, tmp_path: Path) -> None:
    """
    A name copied from a narrow terminal is whole; only the bar minds the width.
    """
    many = f"{host}/app:many"
    done("index", "append", "-m", f"{host}/app:1", "-t", many)
    argv = ("pull", "--progress", "bar", many, str(tmp_path / "many.tar"))
    seen, _ = in_terminal(*argv, environ={"TERM": "xterm", "COLUMNS": "30"})
    assert f"{many}: an index of 1; took linux/amd64, choose another".encode() in seen
