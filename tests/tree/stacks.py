"""
Stacks of layers that get in each other's way as much as layers can.

The kit's stacks are as builders write them, and its hostile layers are known by name. These
are neither: paths in any spelling that come twice, files over folders, marks of nothing.
"""

from __future__ import annotations

import io
from typing import Final

from hypothesis import strategies as st

from ocikit._records import evolve, record
from ocikit.content.streams import Stream
from ocikit.testing.files import Written, archive_of
from ocikit.tree.entry import Entry, Kind


@record
class Plain:
    """
    An archive in memory, as overlays take it.
    """

    data: bytes

    def uncompressed(self) -> Stream:
        """
        Open it.
        """
        return io.BytesIO(self.data)


names = st.sampled_from(["a", "b", "c"])
paths = st.lists(names, min_size=1, max_size=3).map("/".join)
#: However a path is written, it is the same path.
spelt = st.one_of(
    paths,
    paths,
    st.tuples(st.sampled_from(["./", "/", "x/../", "../", ".//"]), paths).map("".join),
)
targets = st.one_of(
    paths,
    st.tuples(st.sampled_from(["/", "../", "../../", "./"]), paths).map("".join),
    st.sampled_from(["/", "..", ".", "a/.."]),
)
marks = st.one_of(
    st.tuples(st.sampled_from(["", "a/", "b/", "a/b/"]), names).map(lambda n: f"{n[0]}.wh.{n[1]}"),
    st.sampled_from([".wh..wh..opq", "a/.wh..wh..opq", "a/b/.wh..wh..opq", "b/.wh..wh..opq"]),
    st.sampled_from([".wh..wh.aufs", "a/.wh..wh.plnk/b", ".wh.a/b"]),
)
facts = st.builds(
    Entry,
    name=spelt,
    mode=st.sampled_from([0o600, 0o755]),
    mtime_ns=st.sampled_from([0, 10**9, 10**9 + 5]),
)
KINDS: Final[list[Kind]] = [
    *("file", "file", "file", "file", "directory", "directory", "directory", "directory"),
    *("symlink", "hardlink", "hardlink", "char", "fifo"),
]
kinds = st.sampled_from(KINDS)
_contents = st.sampled_from([b"", b"1", b"2" * 600])


@st.composite
def members(draw: st.DrawFn) -> tuple[Entry, bytes]:
    """
    Draw any member.
    """
    entry = evolve(draw(facts), kind=draw(kinds))
    if entry.kind == "file":
        content = draw(_contents)
        return evolve(entry, size=len(content)), content
    if entry.kind == "directory":
        return evolve(entry, name=draw(st.sampled_from([entry.name] * 9 + ["./"]))), b""
    if entry.kind in ("symlink", "hardlink"):
        return evolve(entry, linkname=draw(targets)), b""
    return evolve(entry, devminor=3 if entry.kind == "char" else 0), b""


marked = marks.map(lambda name: (Entry(name=name), b""))


def archive(drawn: list[tuple[Entry, bytes]]) -> bytes:
    """
    Write members.
    """
    return archive_of(Written(*member) for member in drawn)


drawn_layers = st.lists(st.one_of(members(), members(), members(), marked), max_size=7).map(archive)
stacks = st.lists(drawn_layers, min_size=1, max_size=4)


_member = members()
_some_paths = st.sets(paths, max_size=6)
_some_marks = st.lists(marked, max_size=2)


@st.composite
def tame_layers(draw: st.DrawFn) -> bytes:
    """
    Draw a layer as engines write them: each path once, parents before what is in them.
    """
    wanted = draw(_some_paths)
    parents = {path.rpartition("/")[0] for path in wanted}
    parents |= {path.rpartition("/")[0] for path in parents}
    drawn: list[tuple[Entry, bytes]] = []
    files: list[str] = []
    for path in sorted((wanted | parents) - {""}):
        entry, content = draw(_member)
        if path in parents:
            entry, content = Entry(name=path, kind="directory", mode=entry.mode), b""
        elif entry.kind == "hardlink":
            linked = draw(st.sampled_from(files)) if files else ""
            entry = evolve(entry, kind="hardlink" if linked else "fifo", linkname=linked)
        elif entry.kind == "file":
            files.append(path)
        drawn.append((evolve(entry, name=path), content))
    drawn += draw(_some_marks)
    return archive(drawn)


tame_stacks = st.lists(tame_layers(), min_size=1, max_size=4)
