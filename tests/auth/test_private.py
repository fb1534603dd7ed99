"""
Files for one pair of eyes.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ocikit.auth.private import write_private


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    """
    The new file takes the old one's place when it is whole, or not at all.
    """
    folder = tmp_path / "taken"
    (folder / "inside").mkdir(parents=True)
    # A folder cannot be replaced by a file: the last step fails.
    with pytest.raises(OSError, match="irectory"):
        write_private(str(folder), b"x")
    assert sorted(os.listdir(tmp_path)) == ["taken"]


def test_folders_that_are_there_keep_their_mode(tmp_path: Path) -> None:
    """
    They may be shared on purpose.
    """
    (tmp_path / "open").mkdir(mode=0o755)
    write_private(str(tmp_path / "open" / "a" / "b"), b"x")
    assert (tmp_path / "open").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "open" / "a").stat().st_mode & 0o777 == 0o700
