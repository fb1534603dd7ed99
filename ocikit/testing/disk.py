"""
A disk whose every call may be the last, or fail, or be forgotten by a power cut.

What is to be tested runs in a child process of its own, in which the system's calls that
change something are counted, written down, and broken where that is said:

    calls = run(lambda: my_store.put(image), log).calls
    for at in range(len(calls)):
        run(lambda: my_store.put(image), log, "kill", at)
        assert my_store.get() in (old, image)

It needs a system that has `fork`, and sees what goes through `os` and unbuffered files.
"""

from __future__ import annotations

import errno
import io
import itertools
import os
import pickle
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import attrs

#: Calls of `os` that change something, and what the system says when one fails.
_CALLS = {
    "mkdir": errno.ENOSPC,
    "replace": errno.EIO,
    "unlink": errno.EIO,
    "link": errno.ENOSPC,
    "fsync": errno.EIO,
    "pwrite": errno.ENOSPC,
    "copy_file_range": errno.ENOSPC,
}
#: How a call is broken; not at all when empty.
Break: TypeAlias = Literal["kill", "fail", "short", ""]
#: How a child ends that was killed, and one in which a call was refused.
KILLED: Final = 137
FAILED: Final = 3


@attrs.frozen
class Ran:
    """
    How a run ended, and the calls that it made, as (what, ...).
    """

    status: int
    calls: list[tuple[Any, ...]]


@attrs.define
class _Disk:
    how: Break
    at: int
    log: Path
    calls: list[tuple[Any, ...]] = attrs.field(factory=list)

    def step(self, error: int) -> None:
        """
        Count a call that is about to be made, and break it if it is its turn.
        """
        if len(self.calls) == self.at and self.how == "kill":
            os._exit(KILLED)
        if len(self.calls) == self.at and self.how == "fail":
            self.calls.append(("failed",))
            raise OSError(error, os.strerror(error))

    def save(self) -> None:
        self.log.write_bytes(pickle.dumps(self.calls))


def run(act: Callable[[], object], log: Path, how: Break = "", at: int = 0) -> Ran:
    """
    Do something in a child, and break its call number `at`.

    Args:
        act: what is done.
        log: a file for what the child tells.
        how: "kill" ends the child before the call, as good as `kill -9`; "fail" lets the
            system refuse it; "short" lets it take only a part of what each writes.
        at: which call, from 0.

    Returns:
        The calls, and a status: 0, `KILLED`, `FAILED` for an `OSError`, else another. What
        a child that was killed did is not told.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made, log = f"{folder}/made", Path(folder, "log")
    ...     ran = run(lambda: os.mkdir(made), log, "kill", 0)
    ...     ran.status == KILLED, os.path.exists(made)
    (True, False)
    """
    log.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        _child(act, _Disk(how, at, log))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    said = log.read_bytes() if log.exists() else pickle.dumps([])
    return Ran(status, pickle.loads(said))  # noqa: S301 - our own child's


def _child(act: Callable[[], object], disk: _Disk) -> None:
    status = 70
    try:
        os.umask(0o022)
        plain = io.FileIO
        _install(disk)
        try:
            act()
            status = 0
        except OSError:
            status = FAILED
        io.FileIO = plain  # type: ignore[misc]  # a class is a name, which is put back
        disk.save()
    finally:
        os._exit(status)


def _install(disk: _Disk) -> None:
    for name, error in _CALLS.items():
        setattr(os, name, _call(disk, name, getattr(os, name), error))
    pwrite = os.pwrite

    class File(io.FileIO):
        """
        A file whose writes go through `os.pwrite`, so that they are counted there.
        """

        def __init__(self, file: Any, mode: str = "r", **rest: Any) -> None:
            if "x" in mode:
                disk.step(errno.ENOSPC)
            super().__init__(file, mode, **rest)
            if "x" in mode:
                disk.calls.append(("create", os.fspath(file), os.fstat(self.fileno()).st_ino))

        def write(self, data: Any, /) -> int:
            at = self.tell()
            count = pwrite(self.fileno(), data, at)
            self.seek(at + count)
            return count

        def truncate(self, size: int | None = None, /) -> int:
            disk.step(errno.EIO)
            made = super().truncate(size)
            disk.calls.append(("truncate", os.fstat(self.fileno()).st_ino, made))
            return made

    # Whoever is tested opens its files itself, and may be of others: there is no opener to hand in.
    io.FileIO = File  # type: ignore[assignment, misc]  # in a child, which ends with this


def _call(disk: _Disk, name: str, real: Any, error: int) -> Callable[..., Any]:
    def called(*args: Any, **kwargs: Any) -> Any:
        disk.step(error)
        if name == "pwrite" and disk.how == "short":
            data = memoryview(args[1])
            args = (args[0], data[: max(1, len(data) // 2)], *args[2:])
        if name == "copy_file_range" and disk.how == "short":
            args = (*args[:2], max(1, args[2] // 2), *args[3:])
        made = real(*args, **kwargs)
        disk.calls.append(_told(name, args, made))
        return made

    return called


def _told(name: str, args: tuple[Any, ...], made: Any) -> tuple[Any, ...]:
    if name == "pwrite":
        return ("write", os.fstat(args[0]).st_ino, args[2], bytes(args[1][:made]))
    if name == "copy_file_range":
        data = os.pread(args[1], made, args[4])
        return ("write", os.fstat(args[1]).st_ino, args[4], data)
    if name == "fsync":
        facts = os.fstat(args[0])
        if stat.S_ISDIR(facts.st_mode):
            return ("sync folder", os.readlink(f"/proc/self/fd/{args[0]}"))
        return ("sync", facts.st_ino)
    return (name, *(os.fspath(each) for each in args[:2] if not isinstance(each, int)))


@attrs.define
class Memory:
    """
    What a disk has of a folder: what is safe, and what a power cut may forget.
    """

    #: By folder: name to inode, None for a folder.
    names: dict[str, dict[str, int | None]]
    safe_names: dict[str, dict[str, int | None]]
    data: dict[int, bytes]
    safe: dict[int, bytes]

    def replay(self, call: tuple[Any, ...]) -> None:
        """
        Take in one call.
        """
        match call:
            case "mkdir", path:
                self._put(path, None)
                self.names[path], self.safe_names[path] = {}, {}
            case "create", path, inode:
                self._put(path, inode)
                self.data[inode] = b""
                self.safe.pop(inode, None)
            case "write", inode, at, data:
                old = self.data[inode].ljust(at, b"\0")
                self.data[inode] = old[:at] + data + old[at + len(data) :]
            case "truncate", inode, size:
                self.data[inode] = self.data[inode][:size].ljust(size, b"\0")
            case "sync", inode:
                self.safe[inode] = self.data[inode]
            case "sync folder", path:
                self.safe_names[path] = dict(self.names[path])
            case "replace", old, new:
                self._put(new, self.names[os.path.dirname(old)].pop(os.path.basename(old)))
            case "link", old, new:
                self._put(new, self.names[os.path.dirname(old)][os.path.basename(old)])
            case "unlink", path:
                del self.names[os.path.dirname(path)][os.path.basename(path)]
            case _:
                assert call[0] in ("nothing", "failed"), call

    def _put(self, path: str, inode: int | None) -> None:
        self.names[os.path.dirname(path)][os.path.basename(path)] = inode

    def after_power_cut(self) -> Iterator[Callable[[str, Path], None]]:
        """
        Give the states that may be found: of each folder the old names or the new ones,
        and of files that were not forced to the disk nothing, or as many zeros.
        """
        changed = [path for path in self.names if self.names[path] != self.safe_names.get(path)]
        for kept in itertools.product([True, False], repeat=len(changed)):
            forgotten = {path for path, keep in zip(changed, kept, strict=True) if not keep}
            for zeros in (True, False):

                def write(
                    root: str, target: Path, gone: set[str] = forgotten, zeros: bool = zeros
                ) -> None:
                    self._write(root, target, gone, zeros)

                yield write

    def _write(self, path: str, target: Path, forgotten: set[str], zeros: bool) -> None:
        target.mkdir()
        names = self.safe_names[path] if path in forgotten else self.names[path]
        for name, inode in names.items():
            if inode is None:
                self._write(os.path.join(path, name), target / name, forgotten, zeros)
            else:
                lost = bytes(len(self.data[inode])) if zeros else b""
                (target / name).write_bytes(self.safe.get(inode, lost))


def remember(root: Path) -> Memory:
    """
    Take a folder as it is for safe.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Path(folder, "a").touch()
    ...     len(remember(Path(folder)).data)
    1
    """
    memory = Memory({}, {}, {}, {})
    for path, folders, files in os.walk(root):
        names: dict[str, int | None] = dict.fromkeys(folders)
        for name in files:
            file = Path(path, name)
            names[name] = file.stat().st_ino
            memory.data[file.stat().st_ino] = memory.safe[file.stat().st_ino] = file.read_bytes()
        memory.names[path], memory.safe_names[path] = dict(names), dict(names)
    memory.names.setdefault(str(root.parent), {})[root.name] = None
    memory.safe_names[str(root.parent)] = dict(memory.names[str(root.parent)])
    return memory
