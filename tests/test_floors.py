"""
The house stands: imports go down, effects stay at the edges, files stay small.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Final

import pytest

from tests.floors import FLOORS, PACKAGE, ROOT, effects, long_parts, patches, strangers, upward

Check = Callable[[str, str], list[str]]


def _files(*folders: str) -> list[str]:
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def _wrong(check: Check, file: str, place: str) -> str:
    found = check(place, (ROOT / file).read_text(encoding="utf-8"))
    return "".join(f"\n{file}:{finding}" for finding in found)


@pytest.mark.parametrize("file", _files("ocikit"))
@pytest.mark.parametrize("check", [upward, strangers, effects, long_parts])
def test_the_house_stands(check: Check, file: str) -> None:
    """
    Each file knows only what is below it, and touches only what its room may.
    """
    wrong = _wrong(check, file, file.removeprefix("ocikit/"))
    assert not wrong, wrong


@pytest.mark.parametrize("file", _files("tests", "benchmarks"))
@pytest.mark.parametrize("check", [long_parts, patches])
def test_tests_keep_house_too(check: Check, file: str) -> None:
    """
    Tests are small, and patch nothing.
    """
    wrong = _wrong(check, file, file)
    assert not wrong, wrong


def test_every_room_has_a_floor() -> None:
    """
    A new room is first put on a floor, in the plan.
    """
    rooms = {path.parent.name for path in PACKAGE.glob("*/*.py")}
    assert rooms <= set(FLOORS)


def test_folders_of_tests_are_packages() -> None:
    """
    Two rooms may each have a test_load.py only where the folders are packages.
    """
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


TRAPS: Final = [
    (upward, "spec/x.py", "from ocikit.content.blob import Blob", "spec may not know content"),
    (upward, "spec/x.py", "def f():\n  import ocikit.name.parse", "2: spec may not know name"),
    (upward, "digest.py", "from ocikit.spec.encode import x", "F0 may not know spec"),
    (upward, "cache/x.py", "from ocikit.layout.load import load", "cache may not know layout"),
    (upward, "cli/x.py", "from ocikit.spec import Descriptor", "through a front door"),
    (upward, "cli/x.py", "from ocikit import spec", "through a front door"),
    (strangers, "spec/x.py", "import cattrs.preconf", "only in spec/converter.py"),
    (strangers, "daemon/x.py", "from urllib3 import util", "only in registry/transport.py"),
    (strangers, "cli/x.py", "import requests", "in no table"),
    (effects, "spec/x.py", "import os.path", "os.path (files)"),
    (effects, "spec/x.py", "f = open('x')", "open (files)"),
    (effects, "crane/x.py", "from pathlib import Path", "pathlib.Path (files)"),
    (effects, "layout/x.py", "import os\nos.environ['A']", "2: os.environ (environment)"),
    (effects, "layout/x.py", "from os import getenv", "os.getenv (environment)"),
    (effects, "files/x.py", "Path('~').expanduser()", "Path.expanduser (environment)"),
    (
        effects,
        "mutate/x.py",
        "import datetime\ndatetime.datetime.now()",
        "2: datetime.datetime.now",
    ),
    (effects, "tree/x.py", "from concurrent import futures", "concurrent.futures (threads)"),
    (effects, "google/x.py", "print('x')", "print (terminal)"),
    (effects, "registry/x.py", "import sys\nsys.stderr.write('x')", "sys.stderr (terminal)"),
    (effects, "registry/x.py", "import http.client", "http.client (sockets)"),
    (effects, "tarball/x.py", "import subprocess", "subprocess (processes)"),
    (long_parts, "x.py", "x = 1\n" * 401, "401 lines"),
    (long_parts, "x.py", "def f():\n" + "  x = 1\n" * 60, "f has 61 lines"),
    (patches, "x.py", "from unittest import mock", "unittest.mock"),
    (patches, "x.py", "def test_x(monkeypatch):\n  monkeypatch.setattr(a, 'b', c)", "setattr"),
]


@pytest.mark.parametrize(("check", "place", "source", "finding"), TRAPS)
def test_checks_find_what_is_wrong(check: Check, place: str, source: str, finding: str) -> None:
    """
    A check that finds nothing anywhere would also pass: each has its traps.
    """
    assert finding in "\n".join(check(place, source))


RIGHT: Final = [
    (upward, "content/x.py", "from ocikit.spec.descriptor import Descriptor"),
    (upward, "spec/x.py", "from ocikit.spec import descriptor\nfrom ocikit.digest import Digest"),
    (upward, "registry/x.py", "from ocikit import __version__"),
    (effects, "spec/x.py", "if TYPE_CHECKING:\n  import random\n  from os import PathLike"),
    (effects, "mutate/x.py", "def time(image): ...\ntime(1)\nblob.open()\nx.print()"),
    (effects, "content/spool.py", "import tempfile"),
    (effects, "http/x.py", "from http import HTTPStatus\nfrom urllib.parse import quote"),
    (long_parts, "x.py", "def f():\n  '''" + "said\n" * 80 + "'''\n  return 1"),
    (patches, "x.py", "def test_x(monkeypatch):\n  monkeypatch.setenv('A', 'b')"),
]


@pytest.mark.parametrize(("check", "place", "source"), RIGHT)
def test_checks_let_pass_what_is_right(check: Check, place: str, source: str) -> None:
    """
    Types are no effects, own verbs are no builtins, and docstrings are not code.
    """
    assert check(place, source) == []


#: Run first, so that it speaks last, however the code ends.
TELL: Final = (
    "import atexit, json, sys\natexit.register(lambda: print(json.dumps([*sys.modules])))\n"
)


def _loaded_by(code: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", TELL + code], capture_output=True, check=True)
    return {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


def test_import_of_the_front_door_is_light() -> None:
    """
    `import ocikit` pays for nothing that its user does not touch.
    """
    loaded = _loaded_by("import ocikit")
    assert "ocikit" in loaded
    assert not loaded & {"urllib3", "truststore", "cattrs", "click", "rich", "hypothesis", "pytest"}


def test_help_is_light() -> None:
    """
    `ocikit --help` opens no connection, and loads nothing that could.
    """
    call = "from ocikit.cli import main\nsys.argv = ['ocikit', '--help']\nmain()"
    assert not _loaded_by(call) & {"urllib3", "truststore", "hypothesis", "pytest"}
