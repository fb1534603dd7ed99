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
from tests.cli.running import done


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


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_scripts_of_other_shells(shell: str) -> None:
    """
    They ask the program itself.
    """
    assert "_OCIKIT_COMPLETE" in done("completion", shell).out
