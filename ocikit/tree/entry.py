"""
What a member of an archive is: as it lies there, and as facts.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from ocikit._records import EMPTY, FrozenMap, record
from ocikit.tree import fields
from ocikit.tree.faults import TarInvalid

Kind: TypeAlias = Literal["file", "hardlink", "symlink", "char", "block", "directory", "fifo"]

#: The kinds by their type flags; old headers, contiguous and sparse files are files too.
KINDS: Final[dict[bytes, Kind]] = {
    b"0": "file",
    b"\0": "file",
    b"7": "file",
    b"S": "file",
    b"1": "hardlink",
    b"2": "symlink",
    b"3": "char",
    b"4": "block",
    b"5": "directory",
    b"6": "fifo",
}
#: The kinds that refer to another path.
LINKS: Final = frozenset(["hardlink", "symlink"])


@record(kw_only=True)
class Entry:
    """
    The facts of one member.

    Text is UTF-8; bytes that are not are surrogates, as file names are in Python.
    """

    #: The path as the archive has it; `ocikit.tree.paths` makes it the one that is meant.
    name: str
    kind: Kind = "file"
    #: Bytes of content in the archive: holes of sparse files do not count.
    size: int = 0
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    uname: str = ""
    gname: str = ""
    #: When the content was changed, in nanoseconds since 1970.
    mtime_ns: int = 0
    #: What a link refers to.
    linkname: str = ""
    devmajor: int = 0
    devminor: int = 0
    #: Further pax records, those of extended attributes and sparse files among them.
    pax: FrozenMap[str, bytes] = EMPTY

    @property
    def xattrs(self) -> FrozenMap[str, bytes]:
        """
        The extended attributes, by name.

        >>> Entry(name="ping", pax=FrozenMap({"SCHILY.xattr.user.a": b"1"})).xattrs
        FrozenMap({'user.a': b'1'})
        """
        found = (key for key in self.pax if key.startswith(fields.XATTR))
        return FrozenMap({fields.xattr_name(key): self.pax[key] for key in found})

    @property
    def sparse(self) -> bool:
        """
        Whether the archive leaves out what is zero in this file.
        """
        return any(key.startswith(fields.SPARSE) for key in self.pax)

    @property
    def real_size(self) -> int:
        """
        The size of the file in bytes, holes included.
        """
        for key in fields.SPARSE_SIZES:
            if key in self.pax:
                return fields.decimal(self.pax[key], key)
        return self.size


@record
class Member:
    """
    A member as it lies in an archive; what most passes need is read, and no more.
    """

    #: Which member it is, counted from 0.
    number: int
    #: Where its headers begin, in bytes from the beginning of the archive.
    offset: int
    #: The path as it is written, in whichever of the headers it is.
    name: bytes
    kind: Kind
    #: Bytes of content that follow the headers.
    size: int
    #: What a link refers to.
    linkname: bytes
    #: All header blocks, those that only extend the next among them.
    header: bytes
    #: The one that is its own.
    block: bytes
    #: All pax records that apply to it.
    pax: FrozenMap[str, bytes] = EMPTY

    @property
    def entry(self) -> Entry:
        """
        What the headers say.

        Raises:
            TarInvalid: a number in them is none.
        """
        return entry_of(self, _text(self.name))


_SECOND: Final = 10**9
#: Records that are fields of an entry.
_FIELDS: Final = frozenset(
    ["path", "linkpath", "size", "uid", "gid", "uname", "gname", "mtime", "hdrcharset"]
) | {fields.SPARSE_NAME}


#: Mode, owners and their names: the same few in all headers of most archives.
Owned: TypeAlias = tuple[int, int, int, str, str]


def entry_of(member: Member, name: str, known: dict[bytes, Owned] | None = None) -> Entry:
    """
    Give what the headers of a member say, under a name of choice.

    Args:
        member: where the headers are.
        name: the entry's.
        known: what parts of other headers say, for who reads many; it grows.

    Raises:
        TarInvalid: a number in the headers is none.
    """
    try:
        return _entry(member, name, known)
    except ValueError as error:
        reason = f"{_text(member.name)!r}: {error}"
        raise TarInvalid(number=member.number, offset=member.offset, reason=reason) from None


def _entry(member: Member, name: str, known: dict[bytes, Owned] | None) -> Entry:
    block, kind, pax = member.block, member.kind, member.pax
    key = block[100:124] + block[257:329]
    owned = None if known is None else known.get(key)
    if owned is None:
        owned = _owned(block)
        if known is not None:
            known[key] = owned
    mode, uid, gid, uname, gname = owned
    mtime = fields.number(block[136:148]) * _SECOND
    rest = EMPTY
    if pax:
        uid = fields.decimal(pax["uid"], "uid") if pax.get("uid") else uid
        gid = fields.decimal(pax["gid"], "gid") if pax.get("gid") else gid
        mtime = fields.nanoseconds(pax["mtime"], "mtime") if pax.get("mtime") else mtime
        uname = _text(pax["uname"]) if pax.get("uname") else uname
        gname = _text(pax["gname"]) if pax.get("gname") else gname
        rest = EMPTY if pax.keys() <= _FIELDS else pax.without(*_FIELDS)
    device = kind == "char" or kind == "block"
    return Entry(
        name=name,
        kind=kind,
        size=member.size,
        mode=mode,
        uid=uid,
        gid=gid,
        uname=uname,
        gname=gname,
        mtime_ns=mtime,
        linkname=_text(member.linkname),
        devmajor=fields.number(block[329:337]) if device else 0,
        devminor=fields.number(block[337:345]) if device else 0,
        pax=rest,
    )


def _owned(block: bytes) -> Owned:
    names = (b"", b"")
    if block[257:262] == b"ustar":
        names = (block[265:297].split(b"\0", 1)[0], block[297:329].split(b"\0", 1)[0])
    mode, uid, gid = (fields.number(block[at : at + 8]) for at in (100, 108, 116))
    return mode, uid, gid, _text(names[0]), _text(names[1])


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
