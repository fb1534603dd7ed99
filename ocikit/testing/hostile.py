"""
Archives that want to leave the folder they are extracted to, or confuse who reads them.

    >>> [entry.name for entry, _ in HOSTILE["path goes up"]]
    ['../../outside']
"""

from __future__ import annotations

from typing import Final

from ocikit._records import FrozenMap
from ocikit.tree.entry import Entry


def _file(name: str, content: bytes = b"x") -> tuple[Entry, bytes]:
    return Entry(name=name, size=len(content)), content


def _link(name: str, target: str) -> tuple[Entry, bytes]:
    return Entry(name=name, kind="symlink", linkname=target), b""


def _hard(name: str, target: str) -> tuple[Entry, bytes]:
    return Entry(name=name, kind="hardlink", linkname=target), b""


def _folder(name: str) -> tuple[Entry, bytes]:
    return Entry(name=name, kind="directory", mode=0o755), b""


#: Members by what is wrong with them.
HOSTILE: Final[dict[str, tuple[tuple[Entry, bytes], ...]]] = {
    "path goes up": (_file("../../outside"),),
    "path goes up from within": (_file("a/../../outside"),),
    "absolute path": (_file("/outside"),),
    "through a symbolic link": (_link("a", "/tmp"), _file("a/outside")),  # noqa: S108
    "through a symbolic link that goes up": (_link("a", ".."), _file("a/outside")),
    "through two symbolic links": (_link("a", "b"), _link("b", "../.."), _file("a/outside")),
    "through a link to itself": (_link("a", "a"), _file("a/b")),
    "hard link to a path that goes up": (_hard("a", "../../etc/passwd"),),
    "hard link to an absolute path": (_hard("a", "/etc/passwd"),),
    "hard link to nothing": (_hard("a", "b"),),
    "hard link to itself": (_hard("a", "a"),),
    "hard link through a symbolic link": (_link("a", "/etc"), _hard("b", "a/passwd")),
    "file over a folder": (_folder("a"), _file("a/b"), _file("a")),
    "file below a file": (_file("a"), _file("a/b")),
    "path that comes twice": (_file("a", b"one"), _file("a", b"two")),
    "path that comes twice, in other words": (_file("a/b", b"one"), _file("./a//b", b"two")),
    "whiteout that goes up": (_file("../.wh.outside", b""),),
    "whiteout of nothing": (_file(".wh.", b""),),
    "whiteout of a dot": (_file("a/.wh..", b""),),
    "whiteout of two dots": (_file("a/.wh...", b""),),
    "whiteout beside what it removes": (_file("a"), _file(".wh.a", b"")),
    "mark that is a folder": (_folder(".wh.a"), _file(".wh.a/b")),
    "set-user-ID of root": ((Entry(name="a", mode=0o4755, size=1), b"x"),),
    "device of the disk": ((Entry(name="a", kind="block", devmajor=8), b""),),
    "very deep path": (_file("a/" * 2000 + "b"),),
    "very long name": (_file("a" * 5000),),
    "name of control characters": (_file("a\n\x1b[2Jb"),),
    "name that is not UTF-8": (_file("a\udcff"),),
    "huge owner": ((Entry(name="a", uid=(1 << 31) - 1, gid=(1 << 31) - 1, size=1), b"x"),),
    "time before all time": ((Entry(name="a", mtime_ns=-(1 << 62), size=1), b"x"),),
    "attribute that is trusted": (
        (
            Entry(name="a", size=1, pax=FrozenMap({"SCHILY.xattr.trusted.overlay.opaque": b"y"})),
            b"x",
        ),
    ),
}
