"""
Files that are written whole, or not at all.

What a reader finds under a name is the old file or the new one, also after a crash or
a power cut: the new one is written beside it, forced to the disk, and renamed.
"""

from __future__ import annotations

import errno
import io
import itertools
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Final

from ocikit._regex import regex

_PART: Final = regex(r".*\.[0-9]+-[0-9]+\.part")
#: What fills up over several processes, where it is named by a digest.
_FILLING: Final = regex(r"[0-9a-f]{64,128}\.part")
#: File systems take names of 255 bytes; this leaves room for the ending.
_LONGEST: Final = 200
_counter = itertools.count()


@contextmanager
def replacing(
    path: str | os.PathLike[str], *, durable: bool = True, sync_parent: bool = True
) -> Generator[io.FileIO]:
    """
    Open a new file that takes the place of `path` when the block ends well.

    An existing file keeps its permissions; it stays as it was when the block raises, and
    nothing is left behind. The file can be read and written at any offset.

    Args:
        path: the file to replace or make; a symbolic link is itself replaced.
        durable: force the bytes to the disk before the file is visible.
        sync_parent: force its name there as well; one who writes many files into one
            folder does that once, with `sync_folder`.

    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(f"{folder}/a") as file:
    ...         _ = file.write(b"whole")
    ...     pathlib.Path(folder, "a").read_bytes()
    b'whole'
    """
    target = os.fspath(path)
    file = _part(target)
    try:
        with file:
            yield file
            if durable:
                os.fsync(file.fileno())
        os.replace(file.name, target)
    except BaseException:
        # An interrupt may come after the rename: then nothing is there to remove.
        if os.path.lexists(file.name):
            os.unlink(file.name)
        raise
    if durable and sync_parent:
        sync_folder(os.path.dirname(target) or ".")


@contextmanager
def linking(
    source: str | os.PathLike[str], path: str | os.PathLike[str], *, durable: bool = True
) -> Generator[str]:
    """
    Give a file a second name, which takes the place of `path` when the block ends well.

    The block is given a passing name under which it may look at the file first. A symbolic
    link is not followed.

    Raises:
        OSError: the file cannot have a name there.
    """
    target = os.fspath(path)
    while True:
        part = _part_name(target)
        with suppress(FileExistsError):
            os.link(source, part, follow_symlinks=False)
            break
    try:
        yield part
        if durable:
            with io.FileIO(part) as file:
                os.fsync(file.fileno())
        os.replace(part, target)
    finally:
        # Two names of one file are not renamed over each other: both stay.
        if os.path.lexists(part):
            os.unlink(part)


def write(path: str | os.PathLike[str], data: bytes, *, durable: bool = True) -> None:
    """
    Replace or make a file that holds `data`.
    """
    with replacing(path, durable=durable) as file:
        write_all(file, data)


def write_all(file: io.FileIO, data: bytes | memoryview) -> None:
    """
    Write all of `data` to an unbuffered file, however little the system takes at once.
    """
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def write_at(target: int, data: memoryview, offset: int) -> None:
    """
    Write all of `data` to a place in an open file, however little the system takes at once.
    """
    while data:
        count = os.pwrite(target, data, offset)
        data, offset = data[count:], offset + count


def sync_folder(path: str | os.PathLike[str]) -> None:
    """
    Force the names in a folder to the disk.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network file systems keep names safe by themselves, and refuse this.
        if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):
            raise
    finally:
        os.close(handle)


def is_temporary(name: str) -> bool:
    """
    Tell whether a file has the name of one that is being written, or was when it ended.

    >>> is_temporary("a.77-0.part"), is_temporary("a")
    (True, False)
    """
    return _PART.fullmatch(name) is not None or _FILLING.fullmatch(name) is not None


def sweep(folder: str | os.PathLike[str]) -> tuple[str, ...]:
    """
    Remove what writers that were killed left in a folder, and tell their names.

    Only for who knows that nobody is writing there.
    """
    with os.scandir(folder) as entries:
        stale = sorted(entry.name for entry in entries if _PART.fullmatch(entry.name))
    for name in stale:
        os.unlink(os.path.join(folder, name))
    return tuple(stale)


def _part(target: str) -> io.FileIO:
    while True:
        try:
            # The mode is left to the umask, as for any file that a person makes.
            file = io.FileIO(_part_name(target), "x+b")
        except FileExistsError:
            continue
        keep_mode(file, target)
        return file


def _part_name(target: str) -> str:
    folder, name = os.path.split(target)
    if not name:
        raise IsADirectoryError(f"{target}: names a folder, not a file")
    short = os.fsdecode(os.fsencode(name)[:_LONGEST])
    return os.path.join(folder, f"{short}.{os.getpid()}-{next(_counter)}.part")


def make_folders(path: str, *, durable: bool = True) -> None:
    """
    Make a folder with all that it lies in, and force their names to the disk.
    """
    if os.path.isdir(path):
        return
    parent = os.path.dirname(path)
    if parent and parent != path:
        make_folders(parent, durable=durable)
    with suppress(FileExistsError):
        os.mkdir(path)
    if durable and parent:
        sync_folder(parent)


def keep_mode(file: io.FileIO, target: str) -> None:
    """
    Give a file the permissions of the one whose place it takes, if there is one.
    """
    try:
        old = os.lstat(target)
    except OSError:
        return
    if stat.S_ISREG(old.st_mode):
        os.chmod(file.name, stat.S_IMODE(old.st_mode))
