"""
Exit codes by kind of error, and what a person is told.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import click
import pytest

from ocikit import errors
from ocikit.cli import exits
from ocikit.crane.located import NameNeeded, PlaceUnsupported
from ocikit.crane.write import TagExists
from ocikit.daemon.faults import EngineRefused
from ocikit.http.faults import Denied, ManifestUnknown, ServerFailed, Unauthorized
from tests.cli.running import run

#: What a registry's error has.
ASKED: dict[str, Any] = {"method": "GET", "url": "https://r.io/v2/"}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NameNeeded(place="docker-daemon:sha256:1"), 2),
        (click.UsageError("which?"), 2),
        (ManifestUnknown(status=404, **ASKED), 3),
        (Unauthorized(status=401, **ASKED), 4),
        (Denied(status=403, **ASKED), 4),
        (errors.Corrupt("bytes"), 5),
        (TagExists(tag="a:1", digest="sha256:1"), 6),
        (EngineRefused(doing="load", message="no", status=500), 6),
        (ServerFailed(status=503, **ASKED), 7),
        (PlaceUnsupported(place="dir:x", reason="no"), 8),
        (FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "x"), 9),
        (KeyError("us"), 70),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
        (BrokenPipeError(), 141),
    ],
)
def test_each_kind_has_its_code(error: BaseException, code: int) -> None:
    """
    A script can tell what went wrong without reading the text.
    """
    assert exits.code_of(error) == code


def test_codes_are_told_in_the_help() -> None:
    """
    The help names every code.
    """
    said = " ".join(run("--help").out.split())
    for code, (_, short, _) in exits.CODES.items():
        assert f"{code} {short}" in said


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "x"), "Error: x: No such"),
        (IsADirectoryError(errno.EISDIR, "Is a", "d.1-2.part", None, "d"), "Error: d: Is a\n"),
        (FileNotFoundError(errno.ENOENT, "No", "/x.1-2.part"), "Error: /x: No\n"),
        (FileNotFoundError(errno.ENOENT, "No", "n/x.1-2.part"), "Error: n/x: there is no folder"),
        (OSError(errno.ENOSPC, "No space left on device"), "Error: No space left on device\n"),
        (OSError("odd"), "Error: odd\n"),
        (PlaceUnsupported(place="dir:x", reason="no"), "Error: dir:x: no\n"),
        (KeyboardInterrupt(), "interrupted"),
        (click.ClickException("bad"), "Error: bad\n"),
    ],
)
def test_what_is_told(error: BaseException, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """
    One line says what and where; it goes to stderr, without a traceback.
    """
    exits.report(error)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(said)
    assert err.count("\n") == 1


def test_our_own_faults_are_owned(capsys: pytest.CaptureFixture[str]) -> None:
    """
    What should not happen asks to be reported, with all that helps to find it.
    """
    with pytest.raises(KeyError) as lost:
        raise KeyError("lost")
    assert exits.report(lost.value) == 70
    err = capsys.readouterr().err
    assert "please report it" in err
    assert "Traceback" in err


@pytest.mark.parametrize(("code", "exit_code"), [(None, 0), (3, 3), ("text", 1)])
def test_exits_pass_through(code: object, exit_code: int) -> None:
    """
    Who asks to exit, exits.
    """
    assert exits.report(SystemExit(code)) == exit_code


def test_usage_points_to_the_help() -> None:
    """
    A fault of usage is two lines: what, and where to read on.
    """
    ran = run("digest", "--nope")
    assert (ran.code, ran.out) == (2, "")
    lines = ran.err.splitlines()
    assert lines[0].startswith("Error: ")
    assert "--nope" in lines[0]
    assert lines[1:] == ["Try 'ocikit digest --help'."]


def test_unknown_commands_are_guessed() -> None:
    """
    A slip of the finger is understood, but not obeyed.
    """
    ran = run("mutat", "x")
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean 'mutate'?" in ran.err
    assert "did you mean" not in run("xyzzy").err


def test_nothing_asked_is_help() -> None:
    """
    Alone, `ocikit` says what it can do, and a group of commands does, too.
    """
    ran = run()
    assert ran.code == 0
    assert ran.out == run("--help").out
    assert run("registry").code == 2
    assert "serve" in run("registry").err


def test_names_are_read_before_anybody_is_asked(host: str) -> None:
    """
    A name that cannot be is a fault of usage, told with the name.
    """
    ran = run("digest", f"{host}/UPPER:1")
    assert ran.code == 2
    assert "UPPER" in ran.err


@pytest.mark.parametrize(
    "argv",
    [
        *["sync FILE", "push FILE r.example/a:1", "append -f FILE -o OUT.tar"],
        *["registry fsck FILE", "registry gc FILE", "registry serve --users FILE"],
        *["registry serve --tls-cert FILE", "index list FILE"],
        *["copy -r r.example/a r.example/b --repositories FILE"],
        *["gc -r r.example/a --repositories FILE", "mutate --pipeline FILE oci:OUT"],
        *["layout gc FILE", "copy oci:FILE oci:OUT", "copy docker-archive:FILE oci:OUT"],
    ],
)
def test_what_is_not_there_has_one_code(argv: str, tmp_path: Path) -> None:
    """
    A file or folder that is to be read and is not there is missing, in every command, and
    nothing is said to have been done.
    """
    ran = run(*argv.replace("FILE", str(tmp_path / "nope")).replace("OUT", str(tmp_path)).split())
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(f"Error: {tmp_path / 'nope'}: ")


def test_nobody_listens() -> None:
    """
    A registry that is not there has a code of its own, and the text says where.
    """
    ran = run("digest", "127.0.0.1:1/app:1")
    assert ran.code == 7
    assert "127.0.0.1:1" in ran.err


def test_colours_only_where_they_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    FORCE_COLOR brings colours, NO_COLOR takes them; without a terminal there are none.
    """
    assert "\x1b[" not in run("digest").err
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[31m" in run("digest").err
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run("digest").err
