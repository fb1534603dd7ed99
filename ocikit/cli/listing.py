"""
Files of images as lines, and as JSON.
"""

from __future__ import annotations

import base64
import stat
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ocikit.tree.entry import Kind
    from ocikit.tree.filetree import File

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS: Final[dict[Kind, int]] = {
    "file": stat.S_IFREG,
    "symlink": stat.S_IFLNK,
    "char": stat.S_IFCHR,
    "block": stat.S_IFBLK,
    "directory": stat.S_IFDIR,
    "fifo": stat.S_IFIFO,
}


def long_line(file: File) -> str:
    """
    Give a line as `ls -l` has it, in numbers, with the layer before the path.

    >>> from ocikit.tree.entry import Entry
    >>> from ocikit.tree.filetree import File
    >>> long_line(File(path="a", entry=Entry(name="a", size=5), layer=0))
    '-rw-r--r-- 0/0              5 1970-01-01T00:00:00Z 1 a'
    """
    entry = file.entry
    mode = stat.filemode(_KINDS.get(file.kind, 0) | entry.mode & 0o7777)
    owner = f"{entry.uid}/{entry.gid}"
    size = f"{entry.devmajor},{entry.devminor}" if file.kind in ("char", "block") else file.size
    layer = "-" if file.layer is None else file.layer + 1
    link = f" -> {entry.linkname}" if file.kind == "symlink" else ""
    whole = time_text(entry.mtime_ns // 10**9 * 10**9)
    return f"{mode} {owner:7} {size:>10} {whole} {layer} {_shown(file.path)}{_shown(link)}"


def as_json(file: File) -> dict[str, Any]:
    """
    Give all facts of a file under names for programs; what it has none of is left out.

    Layers count from 1. Bytes that are no text come as base64.
    """
    entry = file.entry
    return {
        "path": file.path or "/",
        "kind": file.kind,
        "mode": f"{entry.mode & 0o7777:04o}",
        "uid": entry.uid,
        "gid": entry.gid,
        **({"user": entry.uname} if entry.uname else {}),
        **({"group": entry.gname} if entry.gname else {}),
        "size": file.size,
        "modified": time_text(entry.mtime_ns),
        **({"target": entry.linkname} if file.kind == "symlink" else {}),
        **(
            {"device": f"{entry.devmajor},{entry.devminor}"}
            if file.kind in ("char", "block")
            else {}
        ),
        **(
            {"xattrs": {name: _text(value) for name, value in entry.xattrs.items()}}
            if entry.xattrs
            else {}
        ),
        **({"links": list(file.links)} if file.links else {}),
        "layer": None if file.layer is None else file.layer + 1,
    }


def time_text(nanoseconds: int) -> str:
    """
    Give a time as RFC 3339 has it, with as many digits as it needs.

    >>> time_text(1_500_000_000)
    '1970-01-01T00:00:01.5Z'
    """
    seconds, finer = divmod(nanoseconds, 10**9)
    try:
        text = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    except OverflowError:
        return f"{seconds} s"
    return text + (f".{finer:09}".rstrip("0") if finer else "") + "Z"


def _text(value: bytes) -> str:
    text = value.decode(errors="replace")
    return text if text.isprintable() else "base64:" + base64.b64encode(value).decode()


def _shown(path: str) -> str:
    # A name must not move the cursor, nor end the line.
    return path if path.isprintable() else path.encode("unicode_escape", "surrogateescape").decode()
