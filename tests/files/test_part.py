"""
Files that fill up over several processes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ocikit.digest import Digest
from ocikit.errors import Unreachable
from ocikit.files.opener import FileMissing
from ocikit.files.part import Part, Piece, filling, sweep_parts
from ocikit.registry.faults import ConnectionBroken

DATA = bytes(range(200))
PIECES = [Piece(Digest.of(DATA[:100]), 10, 100), Piece(Digest.of(DATA[100:]), 120, 80)]
SIZE = 210
BROKEN = ConnectionBroken(url="https://r.io/", reason="reset")


def fill(part: Part, number: int, until: int) -> None:
    """
    Write a piece, from where it had come to.
    """
    piece, mark = PIECES[number], part.marks[number]
    start = 100 * number
    os.pwrite(part.file.fileno(), DATA[start + mark.count : start + until], piece.at + mark.count)
    mark.set(until)


def break_off(path: Path, error: BaseException = BROKEN) -> None:
    """
    Fill a half of the first piece, and fail.
    """
    with pytest.raises(type(error)):
        _fail(path, SIZE, error)


def _fail(path: Path, size: int, error: BaseException) -> None:
    with filling(path, PIECES, size) as part:
        fill(part, 0, 50)
        raise error


def finish(path: Path) -> list[int]:
    """
    Fill what is missing; give what was there.
    """
    with filling(path, PIECES, SIZE) as part:
        had = [mark.count for mark in part.marks]
        fill(part, 0, 100)
        fill(part, 1, 80)
    return had


def content() -> bytes:
    return bytes(10) + DATA[:100] + bytes(10) + DATA[100:180] + bytes(10)


def expect_whole(path: Path) -> None:
    """
    The file is what it should be, and nothing is beside it.
    """
    assert path.read_bytes()[10:200] == content()[10:200]
    assert path.stat().st_size == SIZE
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_becomes_the_file_when_it_is_full(tmp_path: Path) -> None:
    """
    Until then nothing is to be seen under its name.
    """
    with filling(tmp_path / "a", PIECES, SIZE) as part:
        fill(part, 0, 100)
        assert not (tmp_path / "a").exists()
        fill(part, 1, 80)
    expect_whole(tmp_path / "a")


@pytest.mark.parametrize("error", [BROKEN, KeyboardInterrupt()])
def test_goes_on_after_a_break(tmp_path: Path, error: BaseException) -> None:
    """
    What came is there for the next, who begins with it.
    """
    break_off(tmp_path / "a", error)
    assert [each.name for each in tmp_path.iterdir()] == ["a.part"]
    assert finish(tmp_path / "a") == [50, 0]
    expect_whole(tmp_path / "a")


@pytest.mark.parametrize("error", [FileMissing(path="x"), OSError("no space")])
def test_leaves_nothing_where_nothing_will_come(tmp_path: Path, error: Exception) -> None:
    """
    What is missing or wrong will be so the next time; a full disk is to be emptied.
    """
    break_off(tmp_path / "a", error)
    assert list(tmp_path.iterdir()) == []


def test_leaves_nothing_where_nothing_came(tmp_path: Path) -> None:
    """
    An empty part is of no use.
    """
    with pytest.raises(Unreachable), filling(tmp_path / "a", PIECES, SIZE):
        raise BROKEN
    assert list(tmp_path.iterdir()) == []


def test_begins_anew_for_other_content(tmp_path: Path) -> None:
    """
    A tag that has moved gives another archive under the same name.
    """
    break_off(tmp_path / "a")
    other = [Piece(Digest.of(b"other"), 10, 100), PIECES[1]]
    with filling(tmp_path / "a", other, SIZE) as part:
        assert [mark.count for mark in part.marks] == [0, 0]
    with pytest.raises(Unreachable):
        _fail(tmp_path / "b", SIZE + 1, BROKEN)
    assert finish(tmp_path / "b") == [0, 0]


def test_what_a_person_keeps_under_that_name_stays(tmp_path: Path) -> None:
    """
    It is not a part of ours, and is neither read nor written.
    """
    (tmp_path / "a.part").write_bytes(b"a diary of mine" * 20)
    assert finish(tmp_path / "a") == [0, 0]
    assert (tmp_path / "a.part").read_bytes() == b"a diary of mine" * 20
    assert (tmp_path / "a").stat().st_size == SIZE


def test_two_at_once_do_not_meet(tmp_path: Path) -> None:
    """
    The second fills a file of its own, and both end well.
    """
    with filling(tmp_path / "a", PIECES, SIZE) as one:
        fill(one, 0, 50)
        assert finish(tmp_path / "a") == [0, 0]
        fill(one, 0, 100)
        fill(one, 1, 80)
    expect_whole(tmp_path / "a")


def test_an_older_file_keeps_its_permissions(tmp_path: Path) -> None:
    """
    As when it is replaced in one go.
    """
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "a").chmod(0o640)
    finish(tmp_path / "a")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_a_long_name_is_shortened(tmp_path: Path) -> None:
    """
    File systems take 255 bytes.
    """
    break_off(tmp_path / ("n" * 255))
    assert finish(tmp_path / ("n" * 255)) == [50, 0]


def test_parts_that_nobody_fills_are_swept(tmp_path: Path) -> None:
    """
    One that is being filled is left.
    """
    break_off(tmp_path / "a")
    with filling(tmp_path / "b", PIECES, SIZE) as part:
        fill(part, 0, 100)
        sweep_parts(tmp_path)
        assert [each.name for each in tmp_path.iterdir()] == ["b.part"]
        fill(part, 1, 80)
    expect_whole(tmp_path / "b")


KILLED = """
import os, signal, sys
sys.path.insert(0, {root!r})
from tests.files.test_part import PIECES, SIZE, fill, filling
with filling({path!r}, PIECES, SIZE) as part:
    fill(part, 0, 70)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_goes_on_after_a_kill(tmp_path: Path) -> None:
    """
    A process that is killed leaves what it had, and no lock.
    """
    root = os.fspath(Path(__file__).parents[2])
    path = os.fspath(tmp_path / "a")
    done = subprocess.run([sys.executable, "-c", KILLED.format(root=root, path=path)])
    assert done.returncode == -9
    assert finish(tmp_path / "a") == [70, 0]
    expect_whole(tmp_path / "a")
