"""
Strategies of files: entries of every kind, trees, stacks of layers, and hostile layers.

    @given(layers=oci.layer_stacks())
    def test_my_extractor(layers):
        assert mine(layers) == tree.load(layers)

    @given(hostile=oci.hostile_layers())
    def test_my_extractor_stays_inside(hostile):
        layer, label = hostile
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ocikit._records import FrozenMap, evolve, record
from ocikit.content.build import build_layer
from ocikit.content.compression import Compression, Gzip, Plain, Zstd
from ocikit.content.layer import Layer
from ocikit.testing.documents import Given, given
from ocikit.testing.hostile import HOSTILE
from ocikit.tree.entry import Entry, Kind
from ocikit.tree.fields import xattr_key
from ocikit.tree.tarheader import END, padding
from ocikit.tree.writer import header

#: Every kind of entry, the simplest first; those of marks are files of reserved names.
KINDS: Final[tuple[str, ...]] = (
    *("file", "directory", "symlink", "hardlink", "char", "block", "fifo"),
    *("whiteout", "opaque"),
)
#: Few, so that layers meet.
_NAMES: Final = ("a", "b", "c")
_CONTENTS: Final = (b"", b"1", b"2" * 600)
_MODES: Final = (0o644, 0o755, 0o600, 0o4755, 0o1777)
_TIMES: Final = (0, 10**9, 10**9 + 5, -(10**9))
_TARGETS: Final = ("a", "../b", "/c", "a/../..", "/nowhere")
_PAX: Final[tuple[Mapping[str, bytes], ...]] = (
    {},
    {xattr_key("user.mime_type"): b"text/plain"},
    {xattr_key("security.capability"): b"\x01\x00\x00\x02\x00\x04\x00\x00" + bytes(12)},
    {"comment": "é\n=".encode()},
)


def _said(entry: Entry) -> str:
    # What goes without saying would hide the rest of a failing example.
    said = (
        f"{field.name}={getattr(entry, field.name)!r}"
        for field in attrs.fields(Entry)
        if field.name == "name" or getattr(entry, field.name) != field.default
    )
    return f"Entry({', '.join(said)})"


@record
class Written:
    """
    A member of an archive: what its headers say, and its content.

    >>> Written(Entry(name="a", mode=0o644))
    Written(entry=Entry(name='a'), content=b'')
    """

    entry: Entry = attrs.field(repr=_said)
    content: bytes = b""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


def archive_of(members: Iterable[Written]) -> bytes:
    """
    Write members as a tar archive.

    >>> len(archive_of([Written(Entry(name="a", size=1), b"x")]))
    2048
    """
    parts = [header(each.entry) + each.content + padding(len(each.content)) for each in members]
    return b"".join(parts) + END


def compressions() -> SearchStrategy[Compression]:
    """
    Ways to compress a layer; they shrink to none.

    >>> from hypothesis import find
    >>> find(compressions(), lambda compression: True)
    Plain()
    """
    return st.sampled_from([Plain(), Gzip(), Gzip(9), Zstd()])


def file_paths(*, max_parts: int = 3) -> SearchStrategy[str]:
    """
    Paths of few names, so that they meet; some are long, or of other scripts.

    >>> from hypothesis import find
    >>> find(file_paths(max_parts=2), lambda path: path.startswith("a/"))
    'a/a'
    """
    few = st.lists(st.sampled_from(_NAMES), min_size=1, max_size=max_parts).map("/".join)
    return few | st.sampled_from(["é", "a b", "x" * 120, "d/" * 5 + "e"])


@functools.cache
def _facts() -> SearchStrategy[Entry]:
    # Facts are drawn in one go: entries are many, and each draw has its price.
    made = [
        Entry(name="", mode=mode, uid=uid, gid=uid, mtime_ns=time, pax=FrozenMap(pax))
        for uid, mode, time, pax in [
            *((0, mode, 0, {}) for mode in _MODES),
            *((1000, 0o644, time, {}) for time in _TIMES),
            *((1 << 22, 0o644, 0, pax) for pax in _PAX),
        ]
    ]
    return st.sampled_from(made)


def file_entries(
    *,
    path: Given[str] | None = None,
    kinds: Iterable[str] = KINDS,
    content: Given[bytes] = st.sampled_from(_CONTENTS),
) -> SearchStrategy[Written]:
    """
    Entries of any kind, alone: what a link refers to need not be there.

    Args:
        path: where; any when None.
        kinds: some of `KINDS`.
        content: of files.

    >>> from hypothesis import find
    >>> find(file_entries(path="etc/passwd", kinds=["whiteout"]), lambda entry: True)
    Written(entry=Entry(name='etc/.wh.passwd'), content=b'')
    """
    places = file_paths() if path is None else given(path)
    return st.builds(_entry, _facts(), places, st.sampled_from([*kinds]), given(content), _targets)


_targets: Final = st.sampled_from(_TARGETS)


def _entry(facts: Entry, path: str, kind: str, content: bytes, target: str) -> Written:
    if kind in ("whiteout", "opaque"):
        return _mark(path, opaque=kind == "opaque")
    if kind == "file":
        return Written(evolve(facts, name=path, size=len(content)), content)
    known: Kind = next(each for each in _KINDS if each == kind)
    linked = target if known in ("symlink", "hardlink") else ""
    device = 1 if known in ("char", "block") else 0
    return Written(evolve(facts, name=path, kind=known, linkname=linked, devmajor=device))


def _mark(path: str, *, opaque: bool) -> Written:
    folder, slash, name = path.rpartition("/")
    return Written(Entry(name=f"{path}/.wh..wh..opq" if opaque else f"{folder}{slash}.wh.{name}"))


_KINDS: Final[tuple[Kind, ...]] = (
    *("file", "hardlink", "symlink", "char", "block", "directory", "fifo"),
)


def trees(*, max_files: int = 5) -> SearchStrategy[tuple[Written, ...]]:
    """
    Members of a good archive: each path once, folders before what is in them, hard links
    after the files that they are of. They shrink to none.

    >>> from hypothesis import find
    >>> find(trees(), lambda members: True)
    ()
    >>> [each.entry.name for each in find(trees(max_files=1), lambda members: len(members) == 2)]
    ['a', 'a/a']
    """

    entries = st.lists(file_entries(kinds=KINDS[:7]), max_size=max_files)

    @st.composite
    def tree(draw: DrawFn) -> tuple[Written, ...]:
        return _layer(draw(entries), {})

    return tree()


def layer_stacks(
    *,
    max_layers: int = 3,
    max_files: int = 4,
    compression: Given[Compression] = Plain(),
    docker: bool = False,
) -> SearchStrategy[tuple[Layer, ...]]:
    """
    Layers as builders write them: marks are of what is below, and nothing else is odd.

    Args:
        max_layers: how many at most.
        max_files: how many entries of each at most, without the folders they need.
        compression: of the layers.
        docker: whether they are of Docker's media types.

    >>> from hypothesis import find
    >>> found = find(layer_stacks(docker=True), lambda layers: len(layers) == 2)
    >>> [layer.media_type for layer in found]
    ['application/vnd.docker.image.rootfs.diff.tar', 'application/vnd.docker.image.rootfs.diff.tar']
    """
    # Made once: making a strategy costs more than drawing from it.
    heights, compressed = st.integers(0, max_layers), given(compression)
    entries = st.lists(file_entries(), max_size=max_files)

    @st.composite
    def stack(draw: DrawFn) -> tuple[Layer, ...]:
        there: dict[str, str] = {}
        made = []
        for _ in range(draw(heights)):
            members = _layer(draw(entries), there)
            # Built by a strategy, a layer is shown by its members, not by its bytes.
            made.append(draw(st.builds(built, st.just(members), compressed, st.just(docker))))
        return tuple(made)

    return stack()


# The same layers come again and again while an example shrinks.
@functools.lru_cache(maxsize=4096)
def built(members: tuple[Written, ...], compression: Compression, docker: bool = False) -> Layer:
    """
    Make a layer of members.
    """
    return build_layer([archive_of(members)], compression=compression, docker=docker)


def _layer(drawn: Iterable[Written], there: dict[str, str]) -> tuple[Written, ...]:
    # `there` has the kind of each path that containers see, and is changed.
    below, made, gone = dict(there), dict[str, Written](), dict[str, Written]()
    for each in drawn:
        path, mark = _marked(each.entry.name)
        if mark and below:
            if path not in below:
                # What is not there is no use: another path is meant, the same each time.
                path = sorted(below)[len(path) % len(below)]
                each = _mark(path, opaque=each.entry.name.endswith("opq"))
            if not any(_inside(other, path) for other in (*made, *gone)):
                gone[path] = each
        elif not mark and path not in made and not any(_inside(path, other) for other in gone):
            _add(each, path, there, made)
    for path, each in gone.items():
        opaque = each.entry.name.endswith("/.wh..wh..opq")
        if opaque and below[path] != "directory":
            continue
        made = {each.entry.name: each, **made}
        for other in [other for other in there if _inside(other, path)]:
            if other != path or not opaque:
                del there[other]
    return tuple(made.values())


def _add(each: Written, path: str, there: dict[str, str], made: dict[str, Written]) -> None:
    parents = ["/".join(path.split("/")[:end]) for end in range(1, path.count("/") + 1)]
    if any(there.get(parent, "directory") != "directory" for parent in parents):
        return
    kinds = {there.get(path, each.entry.kind), each.entry.kind}
    # A folder is not replaced by what is none, unless a mark removes it before.
    if len(kinds) > 1 and "directory" in kinds:
        return
    if each.entry.kind == "hardlink":
        files = [name for name, other in made.items() if other.entry.kind == "file"]
        if not files:
            return
        each = Written(evolve(each.entry, linkname=files[-1]))
    for parent in parents:
        if parent not in there:
            made[parent] = Written(Entry(name=parent, kind="directory", mode=0o755))
            there[parent] = "directory"
    there[path], made[path] = each.entry.kind, each


def _marked(name: str) -> tuple[str, bool]:
    folder, slash, last = name.rpartition("/")
    if last == ".wh..wh..opq":
        return folder, True
    if last.startswith(".wh."):
        return f"{folder}{slash}{last[4:]}", True
    return name, False


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def hostile_layers(
    *, compression: Given[Compression] = Plain()
) -> SearchStrategy[tuple[Layer, str]]:
    """
    Layers that no honest builder writes, each with what is wrong with it.

    Whoever extracts them has to stay where it is; whoever reads them must not hang, nor
    take much memory.

    >>> from hypothesis import find
    >>> layer, label = find(hostile_layers(), lambda hostile: "hard link" in hostile[1])
    >>> label
    'hard link to a path that goes up'
    """
    made = [(label, members) for label, members in HOSTILE.items()]
    return st.builds(_hostile, st.sampled_from(made), given(compression))


def _hostile(
    drawn: tuple[str, tuple[tuple[Entry, bytes], ...]], compression: Compression
) -> tuple[Layer, str]:
    label, members = drawn
    return built(tuple(Written(*each) for each in members), compression), label
