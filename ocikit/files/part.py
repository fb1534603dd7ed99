"""
Files that fill up over as many processes as it takes.

What is to become `x` fills up as `x.part`, which says behind its content how far each
piece of it has come. Whoever is to make the same file goes on where another stopped, or
was killed. Nobody believes what lies there: each piece is hashed from its beginning.
"""

from __future__ import annotations

import errno
import io
import os
import struct
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from ocikit._records import record
from ocikit.digest import Digest
from ocikit.errors import OciError, Refused, Unreachable
from ocikit.files.atomic import keep_mode, replacing, sync_folder

ENDING: Final = ".part"
#: Below this size, in bytes, a blob from far away is fetched anew when it broke off.
RESUMED: Final = 1 << 20
#: File systems take names of 255 bytes.
_LONGEST: Final = 250
#: Behind the content: how many bytes of each piece are there, what all is to be, and this.
_MAGIC: Final = b"ocikit-1"
_COUNT: Final = struct.Struct("<Q")
_KEY: Final = 32
#: What a file system says that has no locks.
_NO_LOCKS: Final = frozenset(
    [errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.EOPNOTSUPP, errno.EPERM, errno.EACCES]
)


@record
class Piece:
    """
    One piece of a file: what it is, where it begins, and how long it is, in bytes.
    """

    digest: Digest
    at: int
    size: int


class Mark:
    """
    How many bytes of one piece are there; also for who comes after this process.
    """

    def __init__(self, file: io.FileIO | None = None, at: int = 0, count: int = 0) -> None:
        self._file = file
        self._at = at
        self.count = count

    def set(self, count: int) -> None:
        """
        Say how many bytes are there now, after they were written.
        """
        self.count = count
        if self._file is not None:
            os.pwrite(self._file.fileno(), _COUNT.pack(count), self._at)


@record
class Part:
    """
    A file that is being filled.
    """

    file: io.FileIO
    #: One for each piece.
    marks: tuple[Mark, ...]


@contextmanager
def filling(
    path: str | os.PathLike[str],
    pieces: Sequence[Piece],
    size: int,
    *,
    durable: bool = True,
    sync_parent: bool = True,
) -> Generator[Part]:
    """
    Open a file that takes the place of `path` when the block ends well.

    When the block raises because something could not be reached, or was interrupted,
    what came stays for the next time. While another process fills the same file, or
    something else has its name, this one begins one of its own.

    Args:
        path: the file to replace or make.
        pieces: what it consists of; what lies between them is written in any case.
        size: how long it becomes, in bytes.
        durable: force the bytes to the disk before the file is visible.
        sync_parent: force its name there as well.

    >>> import tempfile, pathlib
    >>> piece = Piece(Digest.of(b"whole"), 0, 5)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with filling(f"{folder}/a", [piece], 5) as part:
    ...         _ = part.file.write(b"whole")
    ...     pathlib.Path(folder, "a").read_bytes()
    b'whole'
    """
    target = os.fspath(path)
    file = _mine(_name(target))
    try:
        marks = None if file is None else _taken_up(file, pieces, size)
    except BaseException:
        if file is not None:
            file.close()
        raise
    if file is None or marks is None:
        with replacing(target, durable=durable, sync_parent=sync_parent) as own:
            own.truncate(size)
            yield Part(own, tuple(Mark() for _ in pieces))
        return
    with file:
        keep_mode(file, target)
        try:
            yield Part(file, marks)
            _finish(file, size, durable)
            os.replace(file.name, target)
        except BaseException as error:
            if not _may_go_on(error) or not any(mark.count for mark in marks):
                with suppress(FileNotFoundError):
                    os.unlink(file.name)
            raise
    if durable and sync_parent:
        sync_folder(os.path.dirname(target) or ".")


def _finish(file: io.FileIO, size: int, durable: bool) -> None:
    # The marks go last and fast: without them a part is worth nothing.
    if durable:
        os.fsync(file.fileno())
    file.truncate(size)
    if durable:
        os.fsync(file.fileno())


def sweep_parts(folder: str | os.PathLike[str]) -> tuple[str, ...]:
    """
    Remove the parts in a folder that nobody is filling, and tell their names.
    """
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.name.endswith(ENDING))
    for name in names:
        file = _mine(os.path.join(folder, name))
        if file is not None:
            with file:
                os.unlink(file.name)
    return tuple(names)


def _name(target: str) -> str:
    folder, name = os.path.split(target)
    return os.path.join(folder, os.fsdecode(os.fsencode(name)[:_LONGEST]) + ENDING)


def _mine(path: str) -> io.FileIO | None:
    """
    Open a part for this process alone; None when another has it, or locks are unknown.
    """
    import fcntl

    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        file = io.FileIO(handle, "r+b")
        file.name = path
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                return file
        except BlockingIOError:
            file.close()
            return None
        except FileNotFoundError:
            pass
        except OSError as error:
            file.close()
            if error.errno not in _NO_LOCKS:
                raise
            return None
        # Whoever had it finished it, or gave it up, before the lock was ours.
        file.close()


def _taken_up(file: io.FileIO, pieces: Sequence[Piece], size: int) -> tuple[Mark, ...] | None:
    """
    Find how far a part came that is to become this very file, else begin it.

    None when it is no part, but something of a person's that has such a name.
    """
    key, width = _key(pieces, size), _COUNT.size
    end = size + width * len(pieces)
    length = os.fstat(file.fileno()).st_size
    if length and os.pread(file.fileno(), len(_MAGIC), length - len(_MAGIC)) != _MAGIC:
        file.close()
        return None
    counts = [0] * len(pieces)
    if length == end + _KEY + len(_MAGIC) and os.pread(file.fileno(), _KEY, end) == key:
        raw = os.pread(file.fileno(), end - size, size)
        counts = [count for (count,) in _COUNT.iter_unpack(raw)]
    else:
        file.truncate(0)
        os.pwrite(file.fileno(), bytes(end - size) + key + _MAGIC, size)
    return tuple(
        Mark(file, size + width * number, min(count, piece.size))
        for number, (count, piece) in enumerate(zip(counts, pieces, strict=True))
    )


def _key(pieces: Sequence[Piece], size: int) -> bytes:
    said = "\n".join(f"{piece.at} {piece.size} {piece.digest}" for piece in pieces)
    return bytes.fromhex(Digest.of(f"{size}\n{said}".encode()).hex)


def _may_go_on(error: BaseException) -> bool:
    # An interrupt is none of these; what is missing or wrong will be so the next time.
    return isinstance(error, Unreachable | Refused) or not isinstance(error, OciError | OSError)
