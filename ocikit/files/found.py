"""
The files of a folder as records, as those of layers are.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

import attrs

from ocikit._records import EMPTY, FrozenMap, evolve, record
from ocikit.errors import Invalid
from ocikit.files.folder import attributes, walk
from ocikit.files.opener import FileUnreadable, fault
from ocikit.tree import fields
from ocikit.tree.entry import Entry, Kind
from ocikit.tree.filetree import File
from ocikit.tree.whiteouts import PREFIX

#: Sockets are missing: no archive can hold one.
_KINDS: Final[dict[int, Kind]] = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "symlink",
    stat.S_IFCHR: "char",
    stat.S_IFBLK: "block",
    stat.S_IFIFO: "fifo",
}
DEVICES: Final[tuple[Kind, ...]] = ("char", "block")


@attrs.frozen(kw_only=True)
class NameReserved(Invalid):
    """
    A file has a name that layers keep for marks.
    """

    path: str

    def __str__(self) -> str:
        mark = PREFIX.decode()
        return (
            f"{self.path!r}: in a layer a name that begins with {mark!r} marks another file as"
            " gone; rename or exclude it"
        )


@record
class Found:
    """
    A file, and where it is on disk.
    """

    file: File
    place: bytes
    info: os.stat_result


def found_in(
    root: bytes, exclude: Callable[[str], bool], *, links: bool = True
) -> dict[str, Found]:
    """
    Take down all that is in a folder, and the folder itself: parents first.

    Args:
        root: the folder.
        exclude: tells by its path what is left out, with all that is below it.
        links: note which names are of one file.

    Raises:
        NameReserved: a file cannot be in a layer under its name.
        FileMissing, FileUnreadable: something cannot be read.
    """
    if os.path.lexists(root) and not os.path.isdir(root):
        raise FileUnreadable(path=os.fsdecode(root), reason="it is no folder")
    found = {each.file.path: each for each in _all(root, exclude)}
    names: dict[tuple[int, int], list[str]] = {}
    for path, each in found.items():
        if links and each.info.st_nlink > 1 and each.file.kind != "directory":
            names.setdefault((each.info.st_dev, each.info.st_ino), []).append(path)
    for same in names.values():
        if len(same) > 1:
            for path in same:
                file = evolve(found[path].file, links=tuple(sorted(same)))
                found[path] = evolve(found[path], file=file)
    return found


def _all(root: bytes, exclude: Callable[[str], bool]) -> Iterator[Found]:
    for place, name in chain([(root, b"")], walk(root, exclude)):
        if name.rpartition(b"/")[2].startswith(PREFIX):
            raise NameReserved(path=_text(name))
        try:
            info = os.stat(place) if not name else os.lstat(place)
            kind = _KINDS.get(stat.S_IFMT(info.st_mode))
            link = os.readlink(place) if kind == "symlink" else b""
        except OSError as error:
            raise fault(place, error) from error
        if kind is not None:
            path = _text(name)
            entry = _entry(path, kind, info, _text(link), place)
            yield Found(File(path=path, entry=entry, layer=None), place, info)


def _entry(path: str, kind: Kind, info: os.stat_result, link: str, place: bytes) -> Entry:
    device = info.st_rdev if kind in DEVICES else 0
    xattrs = {fields.xattr_key(_text(key)): value for key, value in attributes(place)}
    return Entry(
        name=path,
        kind=kind,
        size=info.st_size if kind == "file" else 0,
        mode=stat.S_IMODE(info.st_mode),
        uid=info.st_uid,
        gid=info.st_gid,
        mtime_ns=info.st_mtime_ns,
        linkname=link,
        devmajor=os.major(device),
        devminor=os.minor(device),
        pax=FrozenMap(xattrs) if xattrs else EMPTY,
    )


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
