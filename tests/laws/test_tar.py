"""
Archives are read as others read them, and written so that others read them.
"""

from __future__ import annotations

import io
import tarfile

from hypothesis import given
from hypothesis import strategies as st

from ocikit._records import FrozenMap
from ocikit.errors import Corrupt
from ocikit.tree.entry import Entry, Kind
from ocikit.tree.reader import Reader
from ocikit.tree.sparse import filled
from ocikit.tree.tarheader import END, padding
from ocikit.tree.writer import header
from tests.tree.archives import by_reader, long, pax

TYPES = {
    "file": tarfile.REGTYPE,
    "hardlink": tarfile.LNKTYPE,
    "symlink": tarfile.SYMTYPE,
    "char": tarfile.CHRTYPE,
    "block": tarfile.BLKTYPE,
    "directory": tarfile.DIRTYPE,
    "fifo": tarfile.FIFOTYPE,
}
texts = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=260
).filter(lambda text: not text.endswith("/"))
#: What ustar has room for, and what it has not.
ids = st.integers(0, 2**21 - 1) | st.integers(2**21, 2**31)


@st.composite
def entries(draw: st.DrawFn) -> tuple[Entry, bytes]:
    """
    Draw a member with facts of every size.
    """
    kind: Kind = draw(st.sampled_from(sorted(TYPES)))
    content = draw(st.binary(max_size=1100)) if kind == "file" else b""
    device = kind in ("char", "block")
    entry = Entry(
        name=draw(texts) + "/" * (kind == "directory"),
        kind=kind,
        size=len(content),
        mode=draw(st.integers(0, 0o7777)),
        uid=draw(ids),
        gid=draw(ids),
        uname=draw(texts | st.just("")),
        gname=draw(texts | st.just("")),
        mtime_ns=draw(st.integers(0, 2**40)) * 10**9,
        linkname=draw(texts) if kind in ("symlink", "hardlink") else "",
        devmajor=draw(st.integers(0, 2**12)) if device else 0,
        devminor=draw(st.integers(0, 2**20)) if device else 0,
    )
    return entry, content


def _info(entry: Entry) -> tarfile.TarInfo:
    info = tarfile.TarInfo(entry.name.rstrip("/"))
    info.type, info.size, info.mode = TYPES[entry.kind], entry.size, entry.mode
    info.uid, info.gid = entry.uid, entry.gid
    info.uname, info.gname = entry.uname, entry.gname
    info.mtime, info.linkname = entry.mtime_ns // 10**9, entry.linkname
    info.devmajor, info.devminor = entry.devmajor, entry.devminor
    return info


@given(
    drawn=st.lists(entries(), max_size=5),
    form=st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
)
def test_what_python_writes_is_read(drawn: list[tuple[Entry, bytes]], form: int) -> None:
    """
    Every fact of every member, whichever of its forms Python writes it in.
    """
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=form) as archive:
        for entry, content in drawn:
            archive.addfile(_info(entry), io.BytesIO(content))
    found = by_reader(held.getvalue())
    # GNU's form has no room for long names of owners.
    if form == tarfile.PAX_FORMAT:
        assert found == drawn
    assert [(each.name, each.linkname, got) for each, got in found] == [
        (each.name, each.linkname, content) for each, content in drawn
    ]


@given(
    drawn=st.lists(entries(), max_size=5),
    nanoseconds=st.integers(-(2**60), 2**60),
    xattrs=st.dictionaries(texts.filter(lambda key: "=" not in key), st.binary(max_size=40)),
)
def test_what_is_written_is_read(
    drawn: list[tuple[Entry, bytes]], nanoseconds: int, xattrs: dict[str, bytes]
) -> None:
    """
    Writing and reading is the identity; Python reads the same.
    """
    import attrs

    records = FrozenMap({f"SCHILY.xattr.{key}": value for key, value in xattrs.items()})
    drawn = [
        (attrs.evolve(entry, mtime_ns=nanoseconds, pax=records), content)
        for entry, content in drawn
    ]
    parts = [header(entry) + content + padding(len(content)) for entry, content in drawn]
    data = b"".join(parts) + END
    assert by_reader(data) == drawn
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        found = [(info.name, info.linkname, info.size, info.uid) for info in archive]
    assert found == [
        (entry.name.rstrip("/"), entry.linkname, entry.size, entry.uid) for entry, _ in drawn
    ]


@st.composite
def confused(draw: st.DrawFn) -> bytes:
    """
    Draw archives within archives, with sizes that are said twice.
    """
    parts: list[bytes] = []
    for number in range(draw(st.integers(0, 5))):
        inner = header(Entry(name=f"inner{number}", size=3)) + b"abc" + bytes(509)
        size = draw(st.sampled_from([0, 3, 512, len(inner)]))
        said = draw(st.sampled_from([None, 0, 512, len(inner)]))
        records = {b"size": b"%d" % said} if said is not None else {b"comment": b"c"}
        parts += [pax(records)] if draw(st.booleans()) else []
        parts += [long(b"n" * 150 + b"%d" % number)] if draw(st.booleans()) else []
        parts += [header(Entry(name=f"outer{number}", size=size))]
        parts += [inner] if draw(st.booleans()) else []
    return b"".join(parts) + END


@given(confused())
def test_nobody_sees_other_members(data: bytes) -> None:
    """
    Trap (CVE-2025-62518): what Python reads to the end, we read the same, or refuse.
    """
    try:
        ours = [(entry.name.rstrip("/"), content) for entry, content in by_reader(data)]
    except Corrupt:
        return
    theirs = []
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for info in archive:
            held = archive.extractfile(info)
            theirs.append((info.name, held.read() if held else b""))
    assert ours == theirs


@given(st.lists(entries(), min_size=1, max_size=4), st.data())
def test_damage_is_told_as_such(drawn: list[tuple[Entry, bytes]], data: st.DataObject) -> None:
    """
    Whatever bytes are altered: what is read is read, or `Corrupt` is raised.
    """
    parts = [header(entry) + content + padding(len(content)) for entry, content in drawn]
    whole = bytearray(b"".join(parts) + END)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        # With a right checksum the rest of the header is looked at too.
        from tests.tree.archives import summed

        whole[:512] = summed(bytes(whole[:512]))
    reader = Reader(io.BytesIO(bytes(whole)))
    try:
        for member in reader:
            assert member.entry.size == sum(map(len, filled(member, reader.content())))
    except Corrupt:
        pass
