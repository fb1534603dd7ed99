"""
What unpacking layers one upon the other gives: slow, obvious, all in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import attrs

from ocikit.tree.entry import Entry
from tests.tree.archives import by_reader

#: Of every path what is there: facts, content, and all paths of the same file.
Found: TypeAlias = dict[str, tuple[Any, ...]]


class Dangling(Exception):
    """
    A hard link to nothing.
    """


@attrs.define(eq=False)
class Inode:
    """
    What a path is a name of.
    """

    kind: str
    entry: Entry | None = None
    content: bytes = b""


def unpack(layers: Iterable[bytes]) -> Found:
    """
    Unpack archives, lowest first.
    """
    disk = Disk()
    for layer in layers:
        disk.unpack(by_reader(layer))
    return disk.found()


def _parts(path: str) -> list[str]:
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return parts


def _clean(path: str) -> str:
    return "/".join(_parts(path))


def _split(path: str) -> tuple[str, str]:
    parent, _, name = path.rpartition("/")
    return parent, name


def _join(parent: str, name: str) -> str:
    return f"{parent}/{name}" if parent else name


class Disk:
    """
    Every path that there is.
    """

    def __init__(self) -> None:
        self.paths: dict[str, Inode] = {"": Inode("directory")}

    def unpack(self, members: Sequence[tuple[Entry, bytes]]) -> None:
        """
        Unpack one layer.
        """
        names = [(_clean(entry.name), entry, content) for entry, content in members]
        own = {path for path, entry, _ in names if entry.kind == "directory"}
        for path, _, _ in names:
            self.mark(path, own)
        for path, entry, content in names:
            if not any(part.startswith(".wh.") for part in path.split("/")):
                self.put(path, entry, content)

    def mark(self, path: str, own: set[str]) -> None:
        """
        Take away what a mark says.
        """
        parent, name = _split(path)
        if any(part.startswith(".wh.") for part in parent.split("/")):
            return
        if name == ".wh..wh..opq":
            real = self.real(parent, own=own)
            if real is not None:
                self.empty(real)
        elif name.startswith(".wh.") and not name.startswith(".wh..wh."):
            real = self.real(parent, own=own)
            if real is not None:
                self.remove(_join(real, name.removeprefix(".wh.")))

    def put(self, path: str, entry: Entry, content: bytes) -> None:
        """
        Write one member.
        """
        if not path:
            self.paths[""].entry = entry
            return
        parent, name = _split(path)
        real = self.real(parent, make=True)
        assert real is not None
        here = _join(real, name)
        there = self.paths.get(here)
        if entry.kind == "directory" and there is not None and there.kind == "directory":
            there.entry = entry
            return
        inode = Inode(entry.kind, entry, content)
        if entry.kind == "hardlink":
            inode = self.target(entry)
            if inode is there:
                return
        self.remove(here)
        self.paths[here] = inode

    def target(self, entry: Entry) -> Inode:
        """
        Find what a hard link is another name of.
        """
        parent, name = _split(_clean(entry.linkname))
        real = self.real(parent)
        inode = None if real is None else self.paths.get(_join(real, name))
        if inode is None or inode.kind == "directory":
            raise Dangling
        return inode

    def real(self, path: str, *, make: bool = False, own: Iterable[str] = ()) -> str | None:
        """
        Follow links, within the root, to the directory that a path leads to.
        """
        todo, here, asked, links = path.split("/"), "", "", 0
        while todo:
            name, *todo = todo
            if name in ("", "."):
                continue
            if name == "..":
                here = _split(here)[0]
                continue
            asked = _join(asked, name)
            inode = self.paths.get(_join(here, name))
            if inode is not None and inode.kind == "symlink" and links < 40:
                if not links and asked in own:
                    return None
                links += 1
                assert inode.entry is not None
                if inode.entry.linkname.startswith("/"):
                    here = ""
                todo = inode.entry.linkname.split("/") + todo
                continue
            here = _join(here, name)
            if inode is None or inode.kind != "directory":
                if not make:
                    return None
                self.paths[here] = Inode("directory")
        return here

    def remove(self, path: str) -> None:
        """
        Remove a path, and all below it.
        """
        self.paths.pop(path, None)
        self.empty(path)

    def empty(self, path: str) -> None:
        """
        Remove all that is below a path.
        """
        prefix = path + "/" if path else ""
        for each in list(self.paths):
            if each and each.startswith(prefix):
                del self.paths[each]

    def found(self) -> Found:
        """
        Describe everything: equal trees are described equally.
        """
        names: dict[int, list[str]] = {}
        for path, inode in self.paths.items():
            names.setdefault(id(inode), []).append(path)
        return {
            path: (_facts(inode), inode.content, sorted(names[id(inode)]))
            for path, inode in self.paths.items()
        }


def _facts(inode: Inode) -> Any:
    # Of a directory that no member speaks of, the usual is assumed.
    entry = inode.entry or Entry(name="", kind="directory", mode=0o755)
    return attrs.evolve(entry, name="")
