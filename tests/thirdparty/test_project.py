"""
A project that knows only the installed kit finds its bug.

It has a virtual environment of its own, with the wheel in it. What ocikit needs comes from
the environment of this run: nothing is downloaded.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.real.process import unavailable
from tests.thirdparty.wheels import wheel

PROJECT = Path(__file__).parent / "project"

#: What the plugin may have loaded in a run that uses nothing of it.
LIGHT = """
import sys
import ocikit
import pytest

def test_nothing_is_loaded_before_it_is_used():
    ours = {name for name in sys.modules if name.split(".")[0] == "ocikit"}
    assert ours == {"ocikit", "ocikit.testing", "ocikit.testing.plugin"}
    assert not {"hypothesis", "urllib3", "cattrs"} & set(sys.modules)

def test_it_is_the_installed_one(pytestconfig):
    assert ocikit.__file__.startswith(sys.prefix)
    assert pytestconfig.pluginmanager.hasplugin("ocikit.testing.plugin")
    assert sys.prefix != sys.base_prefix
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    The interpreter of a new virtual environment, which has ocikit by its wheel.
    """
    folder = tmp_path_factory.mktemp("project") / "venv"
    made = wheel(tmp_path_factory.mktemp("wheel"))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=60)
    program = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(program), "install", "-q"]
    done = subprocess.run(
        [*pip, "--no-deps", "--no-index", str(made)], capture_output=True, text=True, timeout=120
    )
    if done.returncode:
        unavailable(f"the wheel cannot be installed: {done.stderr}")
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return program


def _tested(python: Path, folder: Path, *argv: str) -> tuple[set[str], set[str], str]:
    """
    Run pytest there, isolated from here; give what passed, what failed and what was said.
    """
    options = ["-q", "-p", "no:cacheprovider", "-rA", *argv]
    done = subprocess.run(
        [str(python), "-I", "-m", "pytest", *options],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=240,
    )
    found: dict[str, set[str]] = {"PASSED": set(), "FAILED": set()}
    for line in done.stdout.splitlines():
        word, _, rest = line.partition(" ")
        if word in found:
            found[word].add(rest.split()[0].rpartition("::")[2])
    return found["PASSED"], found["FAILED"], done.stdout + done.stderr


def test_it_finds_its_bug(python: Path, tmp_path: Path) -> None:
    """
    Of its tests, the one that the bug breaks fails, with the smallest image.
    """
    (tmp_path / "tests").symlink_to(PROJECT / "tests")
    passed, failed, said = _tested(python, tmp_path, "-o", f"pythonpath={PROJECT / 'src'}", "tests")
    assert failed == {"test_labels_stay"}, said
    assert passed == {
        "test_it_is_a_good_pipeline",
        "test_types_are_known",
        "test_it_can_be_pushed",
    }
    assert "labels lost: " in said


def test_its_plugin_costs_nothing_until_it_is_used(python: Path, tmp_path: Path) -> None:
    """
    pytest loads it in every run, of whatever.
    """
    (tmp_path / "light_test.py").write_text(LIGHT)
    passed, failed, said = _tested(python, tmp_path, "light_test.py")
    assert (len(passed), failed) == (2, set()), said
