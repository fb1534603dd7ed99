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
        return FrozenMap({key.removeprefix(fields.XATTR): self.pax[key] for key in found})

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
        try:
            return _entry(self)
        except ValueError as error:
            reason = f"{_text(self.name)!r}: {error}"
            raise TarInvalid(number=self.number, offset=self.offset, reason=reason) from None


#: Records that are fields of an entry.
_FIELDS: Final = frozenset(
    ["path", "linkpath", "size", "uid", "gid", "uname", "gname", "mtime", "hdrcharset"]
) | {fields.SPARSE_NAME}


def _entry(member: Member) -> Entry:
    pax = member.pax
    block, number = member.block, fields.number
    ustar = block[257:262] == b"ustar"
    uid, gid, mtime = number(block[108:116]), number(block[116:124]), number(block[136:148])
    mtime *= 10**9
    uname, gname = (block[265:297], block[297:329]) if ustar else (b"", b"")
    rest = EMPTY
    if pax:
        uid = fields.decimal(pax["uid"], "uid") if pax.get("uid") else uid
        gid = fields.decimal(pax["gid"], "gid") if pax.get("gid") else gid
        mtime = fields.nanoseconds(pax["mtime"], "mtime") if pax.get("mtime") else mtime
        uname, gname = pax.get("uname") or uname, pax.get("gname") or gname
        rest = pax.without(*_FIELDS)
    device = member.kind in ("char", "block")
    return Entry(
        name=_text(member.name),
        kind=member.kind,
        size=member.size,
        mode=number(block[100:108]),
        uid=uid,
        gid=gid,
        uname=_text(uname.split(b"\0", 1)[0]),
        gname=_text(gname.split(b"\0", 1)[0]),
        mtime_ns=mtime,
        linkname=_text(member.linkname),
        devmajor=number(block[329:337]) if device else 0,
        devminor=number(block[337:345]) if device else 0,
        pax=rest,
    )


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
