"""
Openers of files: whole, in part, and never what is not a plain file.
"""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from ocikit.content.spool import Spool
from ocikit.content.streams import BytesOpener, Opener
from ocikit.files.opener import (
    FileMissing,
    FileOpener,
    FileUnreadable,
    NotARegularFile,
    SliceOpener,
    slice_of,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """
    A file of ten digits.
    """
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    return path


@pytest.mark.parametrize(
    ("offset", "size", "content"),
    [(0, None, b"0123456789"), (3, 4, b"3456"), (8, 9, b"89"), (99, None, b""), (4, 0, b"")],
)
def test_windows(file: Path, offset: int, size: int | None, content: bytes) -> None:
    """
    A window gives its bytes, however it is read, and never more than there are.
    """
    opener = FileOpener(file, offset, size)
    assert opener.open().read() == content
    with opener.open() as stream:
        assert b"".join(iter(lambda: stream.read(3), b"")) == content
    buffer = bytearray(20)
    with opener.open() as stream:
        assert buffer[: stream.readinto(buffer)] == content


def test_windows_can_be_searched(file: Path) -> None:
    """
    Positions count from the beginning of the window.
    """
    with FileOpener(file, 2, 5).open() as stream:
        assert (stream.seek(-2, os.SEEK_END), stream.read()) == (3, b"56")
        assert (stream.seek(1), stream.read(2), stream.tell()) == (1, b"34", 3)


def test_openers_print_compare_and_pickle(file: Path) -> None:
    """
    An opener is a record of where bytes are; it can be sent to another process.
    """
    opener = FileOpener(file, 1, 2)
    assert pickle.loads(pickle.dumps(opener)) == opener
    assert repr(opener).startswith("FileOpener(path='/")
    assert opener.open().read() == opener.open().read() == b"12"


def test_missing_file_says_so(tmp_path: Path, file: Path) -> None:
    """
    No such name, and a file where a folder should be, are both Missing.
    """
    for path in (tmp_path / "none", file / "below"):
        with pytest.raises(FileMissing, match=str(path)):
            FileOpener(path).open()


def test_only_plain_files_are_read(tmp_path: Path) -> None:
    """
    A pipe does not hold us up, a folder is no content, a device has no end.
    """
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(NotARegularFile):
            FileOpener(path).open()


def test_links_are_followed_only_where_allowed(tmp_path: Path, file: Path) -> None:
    """
    Content stores refuse links (a link in a layout could show any file of this machine).
    """
    link = tmp_path / "link"
    link.symlink_to(file)
    assert FileOpener(link).open().read(3) == b"012"
    with pytest.raises(NotARegularFile):
        FileOpener(link, follow=False).open()


def test_unreadable_file_says_why() -> None:
    """
    What the system refuses is neither missing nor corrupt.
    """
    with pytest.raises(FileUnreadable, match="File name too long"):
        FileOpener("x" * 300).open()


def _spooled(data: bytes, memory: int) -> Opener:
    spool = Spool(memory)
    spool.write(data)
    return spool.opener()


@pytest.mark.parametrize("memory", [0, 100])
def test_slices_of_any_opener(memory: int) -> None:
    """
    A part of a spool, in memory or in a file, is opened as a part of a file is.
    """
    part = slice_of(_spooled(b"0123456789", memory), 2, 5)
    assert isinstance(part, SliceOpener)
    assert part.open().read() == b"23456"
    assert slice_of(part, 1, 2).open().read() == b"34"
    assert slice_of(part, 4, 9).open().read() == b"6"


def test_slices_of_files_are_files(file: Path) -> None:
    """
    So that the kernel can copy them.
    """
    part = slice_of(slice_of(FileOpener(file, follow=False), 2, 5), 1, 2)
    assert part == FileOpener(file, 3, 2, follow=False)
    assert part.open().read() == b"34"


def test_slice_of_memory_pickles() -> None:
    """
    A slice is a record like any opener.
    """
    part = slice_of(BytesOpener(b"hello"), 1, 3)
    assert pickle.loads(pickle.dumps(part)) == part
