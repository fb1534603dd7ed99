"""
A folder as a tar stream, the same bytes for the same tree.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Final

import attrs

from ocikit._records import record
from ocikit.content.streams import CHUNK
from ocikit.errors import Invalid, Unreachable, Unsupported
from ocikit.files.opener import FileUnreadable, fault
from ocikit.tree import tarheader

#: Folders that images have with other permissions than 0755, should they be parents.
_PARENT_MODES: Final = {b"tmp": 0o1777, b"var/tmp": 0o1777, b"root": 0o700}
#: Attributes that a machine sets for itself; they mean nothing on another.
LOCAL_XATTRS: Final = (b"security.selinux", b"security.ima", b"security.evm", b"system.")
HAS_XATTRS: Final = hasattr(os, "listxattr")
_OPEN_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
)

Exclude = Iterable[str] | Callable[[str], bool]


@attrs.frozen(kw_only=True)
class FileChanged(Unreachable):
    """
    A file became another while it was read.
    """

    path: str

    def __str__(self) -> str:
        return f"{self.path}: changed while it was read; stop what writes there and try again"


@attrs.frozen(kw_only=True)
class TargetInvalid(Invalid):
    """
    The folder that content is to appear in cannot be.
    """

    text: str

    def __str__(self) -> str:
        return f"target {self.text!r}: write the path of a folder, without '..' and NUL"


@attrs.frozen(kw_only=True)
class XattrsUnsupported(Unsupported):
    """
    Extended attributes were asked for, and this system has none.
    """

    def __str__(self) -> str:
        return "extended attributes cannot be read on this system; leave out xattrs"


@record(kw_only=True)
class Rules:
    """
    What is written of each file; see `files.layer`.
    """

    into: str = "/"
    owner: tuple[int, int] | None = None
    mode: int | None = None
    epoch: int | None = None
    exclude: Callable[[str], bool] = lambda path: False
    xattrs: bool = False
    parents: bool = True


def archive(path: str | os.PathLike[str], rules: Rules) -> Iterator[bytes]:
    """
    Give the tar stream of a folder's content, or of one file, in pieces of about 1 MiB.

    Raises:
        FileMissing, FileUnreadable: a file cannot be read.
        FileChanged: a file was written to meanwhile.
        TargetInvalid: `rules.into` is not a path.
    """
    if rules.xattrs and not HAS_XATTRS:
        raise XattrsUnsupported
    parts = [part.encode("utf-8", "surrogateescape") for part in rules.into.split("/")]
    parts = [part for part in parts if part not in (b"", b".")]
    if b".." in parts or b"\0" in b"".join(parts):
        raise TargetInvalid(text=rules.into)
    return _joined(_stream(os.fsencode(path), parts, rules))


def matcher(exclude: Exclude) -> Callable[[str], bool]:
    """
    Make a predicate of shell patterns, or of a predicate.

    A pattern without a slash is matched with the name alone, at any depth; another with
    the whole path below the root. `*` matches slashes too.

    >>> matcher(["*.pyc", "doc/*"])("a/b.pyc")
    True
    """
    if callable(exclude):
        return exclude
    patterns = [pattern.strip("/") for pattern in exclude]
    whole = [pattern for pattern in patterns if "/" in pattern]
    names = [pattern for pattern in patterns if "/" not in pattern]

    def excluded(path: str) -> bool:
        name = path.rpartition("/")[2]
        return any(fnmatchcase(name, p) for p in names) or any(fnmatchcase(path, p) for p in whole)

    return excluded


def _stream(root: bytes, into: list[bytes], rules: Rules) -> Iterator[bytes]:
    if rules.parents:
        for depth in range(1, len(into) + 1):
            name = b"/".join(into[:depth])
            mode = _PARENT_MODES.get(name, 0o755)
            owner, mtime = rules.owner or (0, 0), rules.epoch or 0
            yield tarheader.header(name, tarheader.FOLDER, mode=mode, owner=owner, mtime=mtime)
    base = b"".join(part + b"/" for part in into)
    seen: dict[tuple[int, int], bytes] = {}
    for path, name in walk(root, rules.exclude):
        yield from _member(path, base + name, rules, seen)
    yield tarheader.END


def walk(root: bytes, exclude: Callable[[str], bool]) -> Iterator[tuple[bytes, bytes]]:
    """
    Give paths on disk and names below the root: parents first, siblings by their bytes.

    Args:
        root: a folder, which is not given itself, or a file, which is.
        exclude: tells by its name what is left out, with all that is below it.

    Raises:
        FileMissing, FileUnreadable: a folder cannot be listed.
    """
    if not os.path.isdir(root):
        yield root, os.path.basename(root)
        return
    todo = _listing(root, b"", exclude)
    while todo:
        path, name, is_folder = todo.pop()
        yield path, name
        if is_folder:
            todo += _listing(path, name + b"/", exclude)


def _listing(
    folder: bytes, prefix: bytes, exclude: Callable[[str], bool]
) -> list[tuple[bytes, bytes, bool]]:
    try:
        with os.scandir(folder) as entries:
            found = [
                (entry.path, prefix + entry.name, entry.is_dir(follow_symlinks=False))
                for entry in entries
            ]
    except OSError as error:
        raise fault(folder, error) from error
    found = [item for item in found if not exclude(os.fsdecode(item[1]))]
    # Last first, for they are taken from the end.
    found.sort(key=lambda item: item[1], reverse=True)
    return found


def _member(
    path: bytes, name: bytes, rules: Rules, seen: dict[tuple[int, int], bytes]
) -> Iterator[bytes]:
    try:
        info = os.lstat(path)
    except OSError as error:
        raise fault(path, error) from error
    kind = stat.S_IFMT(info.st_mode)
    if kind == stat.S_IFREG:
        if info.st_nlink > 1:
            first = seen.setdefault((info.st_dev, info.st_ino), name)
            if first != name:
                yield _header(path, name, tarheader.HARD_LINK, info, rules, link=first)
                return
        yield _header(path, name, tarheader.FILE, info, rules, size=info.st_size)
        yield from content(path, info)
        yield tarheader.padding(info.st_size)
    elif kind == stat.S_IFDIR:
        yield _header(path, name, tarheader.FOLDER, info, rules)
    elif kind == stat.S_IFLNK:
        yield _header(path, name, tarheader.SYMBOLIC_LINK, info, rules, link=os.readlink(path))
    elif kind in _SPECIAL:
        yield _header(path, name, _SPECIAL[kind], info, rules)


#: Sockets are missing: no archive can hold one, and nobody listens on a copy.
_SPECIAL: Final = {
    stat.S_IFCHR: tarheader.CHARACTER_DEVICE,
    stat.S_IFBLK: tarheader.BLOCK_DEVICE,
    stat.S_IFIFO: tarheader.PIPE,
}


def _header(
    path: bytes,
    name: bytes,
    kind: bytes,
    info: os.stat_result,
    rules: Rules,
    *,
    size: int = 0,
    link: bytes = b"",
) -> bytes:
    mtime = info.st_mtime_ns // 10**9
    device = (0, 0)
    if kind in (tarheader.CHARACTER_DEVICE, tarheader.BLOCK_DEVICE):
        device = (os.major(info.st_rdev), os.minor(info.st_rdev))
    return tarheader.header(
        name,
        kind,
        mode=_mode(info.st_mode, kind, rules),
        owner=rules.owner or (info.st_uid, info.st_gid),
        size=size,
        mtime=mtime if rules.epoch is None else min(mtime, rules.epoch),
        link=link,
        device=device,
        xattrs=attributes(path) if rules.xattrs and kind != tarheader.HARD_LINK else (),
    )


def _mode(mode: int, kind: bytes, rules: Rules) -> int:
    if kind == tarheader.SYMBOLIC_LINK:
        return 0o777
    if rules.mode is None:
        return stat.S_IMODE(mode)
    runs = kind == tarheader.FOLDER or mode & 0o111
    return rules.mode if runs else rules.mode & ~0o111


def attributes(path: bytes) -> list[tuple[bytes, bytes]]:
    """
    Give the extended attributes of a file, but for those that belong to this machine.

    There are none where the system has none.
    """
    if not HAS_XATTRS:
        return []
    try:
        names = sorted(os.fsencode(n) for n in os.listxattr(path, follow_symlinks=False))
        kept = [name for name in names if not name.startswith(LOCAL_XATTRS)]
        return [(name, os.getxattr(path, name, follow_symlinks=False)) for name in kept]
    except OSError as error:
        raise FileUnreadable(path=os.fsdecode(path), reason=error.strerror or "") from error


def content(path: bytes, listed: os.stat_result) -> Iterator[bytes]:
    """
    Give what is in a file.

    Args:
        path: where it is.
        listed: what it was when its header was made.

    Raises:
        FileChanged: it is another one now, or becomes one meanwhile.
        FileMissing, FileUnreadable: it cannot be read.
    """
    try:
        handle = os.open(path, _OPEN_FLAGS)
    except OSError as error:
        raise fault(path, error) from error
    try:
        _check(path, handle, listed)
        left = listed.st_size
        while left:
            data = os.read(handle, min(left, CHUNK))
            if not data:
                raise FileChanged(path=os.fsdecode(path))
            left -= len(data)
            yield data
        _check(path, handle, listed)
    finally:
        os.close(handle)


def _check(path: bytes, handle: int, listed: os.stat_result) -> None:
    now = os.fstat(handle)
    for fact in ("st_dev", "st_ino", "st_size", "st_mtime_ns"):
        if getattr(now, fact) != getattr(listed, fact):
            raise FileChanged(path=os.fsdecode(path))


def _joined(chunks: Iterator[bytes]) -> Iterator[bytes]:
    # Members are mostly small: what hashes and compresses is better fed by the mebibyte.
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size >= CHUNK:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)
