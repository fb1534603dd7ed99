"""
A project that knows only the installed kit finds its bug.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.thirdparty.wheels import wheel

PROJECT = Path(__file__).parent / "project"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    Give a folder with ocikit from its wheel, and nothing else of here.
    """
    folder = tmp_path_factory.mktemp("installed")
    made = wheel(tmp_path_factory.mktemp("wheel"))
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index"]
    done = subprocess.run(
        [*pip, "--target", str(folder), str(made)], capture_output=True, text=True, timeout=120
    )
    if done.returncode and not os.environ.get("CI"):
        pytest.skip(f"the wheel cannot be installed: {done.stderr}")
    assert not done.returncode, done.stderr
    return folder


def test_it_finds_its_bug(installed: Path, tmp_path: Path) -> None:
    """
    Of its tests, the one that the bug breaks fails, with the smallest image.
    """
    path = os.pathsep.join([str(installed), str(PROJECT / "src"), sysconfig.get_path("purelib")])
    # Isolated from here: what is imported is what was installed.
    code = (
        f"import sys; sys.path[:0] = {path.split(os.pathsep)!r}; import ocikit, pytest; "
        f"assert ocikit.__file__.startswith({str(installed)!r}), ocikit.__file__; "
        "sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', '-rA', 'tests']))"
    )
    work = tmp_path / "project"
    work.mkdir()
    (work / "tests").symlink_to(PROJECT / "tests")
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, cwd=work, timeout=240
    )
    lines = done.stdout.splitlines()
    failed = {line.split()[1].rpartition("::")[2] for line in lines if line.startswith("FAILED")}
    passed = {line.split()[1].rpartition("::")[2] for line in lines if line.startswith("PASSED")}
    assert failed == {"test_labels_stay"}, done.stdout + done.stderr
    assert passed == {
        "test_it_is_a_good_pipeline",
        "test_types_are_known",
        "test_it_can_be_pushed",
    }
    assert "labels lost: " in done.stdout
