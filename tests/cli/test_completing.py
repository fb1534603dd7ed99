"""
Completions: the kinds of places, their paths, and the names in a layout.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

import click
import pytest

from ocikit import layout
from ocikit.cli.completing import places
from ocikit.content import synthetic
from tests.cli.running import done, start


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """
    A folder with a layout of two entries, an archive, and other things.
    """
    layout.flush(tmp_path / "out", synthetic.image(Random(1)), reference="v1.2")
    layout.flush(tmp_path / "out", synthetic.image(Random(2)))
    for name in ("app.tar", "app.txt", ".hidden.tar"):
        (tmp_path / name).touch()
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


CASES = [
    ("", ["dir:", "docker-archive:", "docker-daemon:", "docker://", "oci-archive:", "oci:"]),
    ("oci", ["oci-archive:", "oci:"]),
    ("debian", []),
    ("docker://deb", []),
    ("oci:o", ["oci:other/", "oci:out/", "oci:out"]),
    ("oci:out:", ["oci:out:v1.2", "oci:out:@1"]),
    ("oci:out:v", ["oci:out:v1.2"]),
    ("oci:nothing:", []),
    ("oci:no/where", []),
    ("oci-archive:", ["oci-archive:app.tar", "oci-archive:other/", "oci-archive:out/"]),
    ("docker-archive:.h", ["docker-archive:.hidden.tar"]),
    ("dir:ot", ["dir:other/"]),
]


@pytest.mark.parametrize(("begun", "offered"), CASES)
def test_places(folder: Path, begun: str, offered: list[str]) -> None:
    """
    Each that is offered begins as what was typed, and what cannot be looked up is none.
    """
    command = click.Command("x", params=[click.Argument(["image"])])
    found = places(click.Context(command), command.params[0], begun)
    assert sorted(found) == sorted(offered)


def _ask(folder: Path, *words: str) -> list[str]:
    script = done("completion", "bash").out
    line = " ".join(("ocikit", *words))
    program = folder / "ocikit"
    root = Path(__file__).parents[2]
    program.write_text(f'#!/bin/sh\nPYTHONPATH={root} exec {sys.executable} -m ocikit "$@"\n')
    program.chmod(0o755)
    # `compopt` only works where a person types.
    code = (
        f"PATH={folder}:$PATH\n{script}\ncompopt() {{ :; }}\n"
        f"COMP_LINE='{line}'\nCOMP_POINT=${{#COMP_LINE}}\n_ocikit_completion ocikit\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    ran = subprocess.run(["bash", "-c", code], capture_output=True, text=True, cwd=folder)
    assert ran.stderr == ""
    return ran.stdout.split()


def test_in_a_shell(folder: Path) -> None:
    """
    Commands, options and places; of a place only what follows the last colon, for there
    the shell breaks words.
    """
    assert _ask(folder, "cop") == ["copy"]
    assert "--dry-run" in _ask(folder, "copy", "--d")
    assert _ask(folder, "digest", "oci:out:") == ["v1.2", "@1"]
    assert _ask(folder, "copy", "oci:out:v1.2", "dir:ot") == ["other/"]
    assert "oci:" in _ask(folder, "digest", "")


def _powershell(folder: Path, *words: str, begun: str) -> list[list[str]]:
    told = {"COMP_WORDS": "\n".join(("ocikit", *words)), "_OCIKIT_COMPLETE": "powershell_complete"}
    # A variable that is set to nothing is not set there.
    told |= {"COMP_CWORD": begun} if begun else {}
    root = str(Path(__file__).parents[2])
    with start(env={"PYTHONPATH": root, **told}, cwd=folder) as process:
        out, err = process.communicate(timeout=60)
    assert err == b""
    return [line.split("\t") for line in out.decode().splitlines()]


def test_in_powershell(folder: Path) -> None:
    """
    A line is a kind, a value and what is said of it; words come as they are meant, so that
    blanks, quotes and backslashes in them are no matter.
    """
    (found,) = _powershell(folder, begun="cop")
    assert found[:2] == ["plain", "copy"]
    assert found[2].startswith("Copy SOURCE to TARGET")
    offered = _powershell(folder, "diff", r"oci:C:\a b\'x", begun="oci:out:")
    assert offered == [["plain", *[f"oci:out:{name}"] * 2] for name in ("v1.2", "@1")]
    assert [kind for kind, *_ in _powershell(folder, "inspect", "--html", begun="x")] == ["file"]
    assert len(_powershell(folder, begun="")) > 40


def test_a_script_for_powershell() -> None:
    """
    It sets what is read, calls the program, and cleans up; brackets are closed, quotes as well.
    """
    script = done("completion", "powershell").out
    assert script.startswith(
        "Register-ArgumentCompleter -Native -CommandName ocikit -ScriptBlock {"
    )
    for name in ("COMP_WORDS", "COMP_CWORD", "_OCIKIT_COMPLETE"):
        assert f"$env:{name} = " in script
        assert f"Env:{name}" in script.partition("finally")[2]
    for opened, closed in ("{}", "()", "[]"):
        assert script.count(opened) == script.count(closed)
    assert "$tip)" not in done("completion", "powershell", "--no-descriptions").out


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_scripts_of_other_shells(shell: str) -> None:
    """
    They ask the program itself.
    """
    assert "_OCIKIT_COMPLETE" in done("completion", shell).out
