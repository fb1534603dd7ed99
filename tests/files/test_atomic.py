"""
Writes that are whole or not at all.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ocikit.files.atomic import replacing, sweep, write


def _names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    """
    The mode is what the umask leaves of 0666, as for any file that a person makes.
    """
    old = os.umask(0o027)
    try:
        write(tmp_path / "a", b"new")
    finally:
        os.umask(old)
    assert (tmp_path / "a").read_bytes() == b"new"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640
    assert _names(tmp_path) == ["a"]


def test_replaced_file_keeps_its_mode(tmp_path: Path) -> None:
    """
    What was secret stays so.
    """
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "a").chmod(0o600)
    write(tmp_path / "a", b"new", durable=False)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


def test_link_is_replaced_not_followed(tmp_path: Path) -> None:
    """
    Whoever planted a link does not choose what is written to.
    """
    (tmp_path / "victim").write_bytes(b"old")
    (tmp_path / "a").symlink_to("victim")
    write(tmp_path / "a", b"new")
    assert (tmp_path / "victim").read_bytes() == b"old"
    assert not (tmp_path / "a").is_symlink()


def _fail_midway(path: Path, error: BaseException) -> None:
    with replacing(path) as file:
        file.write(b"half of the n")
        raise error


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_failure_leaves_the_old_file(tmp_path: Path, error: BaseException) -> None:
    """
    A full disk or an interrupt midway: the old file is as it was, and nothing else is there.
    """
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(type(error)):
        _fail_midway(tmp_path / "a", error)
    assert (tmp_path / "a").read_bytes() == b"old"
    assert _names(tmp_path) == ["a"]


def test_real_limit_of_the_system(tmp_path: Path) -> None:
    """
    The same when it is the kernel that refuses to write on.
    """
    code = (
        "import resource, signal, sys\n"
        "from ocikit.files.atomic import write\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "write(sys.argv[1], bytes(5000))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "a"], capture_output=True)
    assert b"File too large" in done.stderr
    assert _names(tmp_path) == []


def test_two_writers_of_one_file(tmp_path: Path) -> None:
    """
    Each writes a file of its own; the last to finish wins, whole.
    """
    with replacing(tmp_path / "a") as one:
        one.write(b"one")
        with replacing(tmp_path / "a") as two:
            two.write(b"two")
        assert (tmp_path / "a").read_bytes() == b"two"
    assert (tmp_path / "a").read_bytes() == b"one"


def test_long_names(tmp_path: Path) -> None:
    """
    A name as long as file systems take has room for no ending.
    """
    name = "ä" * 127
    write(tmp_path / name, b"x")
    assert _names(tmp_path) == [name]


def test_folder_is_no_file(tmp_path: Path) -> None:
    """
    A path that ends in a slash names a folder.
    """
    with pytest.raises(IsADirectoryError, match="names a folder"), replacing(f"{tmp_path}/"):
        pass


def test_sweep_removes_only_what_was_left_behind(tmp_path: Path) -> None:
    """
    A killed writer cannot clean up after itself; the next one does.
    """
    code = (
        "import os, sys\nfrom ocikit.files.atomic import replacing\n"
        "with replacing(sys.argv[1]) as file:\n  file.write(b'half'); os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "blob"])
    assert done.returncode == -9
    (left,) = _names(tmp_path)
    for kept in ("notes.part", "a.1-2.part.txt", "b"):
        (tmp_path / kept).write_bytes(b"")
    assert sweep(tmp_path) == (left,)
    assert _names(tmp_path) == ["a.1-2.part.txt", "b", "notes.part"]
