"""
Header blocks (POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar, "Basic Tar Format").

What cannot be read raises ValueError with a reason: who calls knows which member it was.
"""

from __future__ import annotations

import struct
from typing import Final
from zlib import adler32

from ocikit.tree.entry import KINDS, Kind, Member
from ocikit.tree.fields import number

#: name, size, checksum, type flag, link, magic, prefix
_FIELDS: Final = struct.Struct("100s24x12s12x8sc100s6s82x155s12x")
#: Kinds that need no closer look.
_PLAIN: Final[dict[bytes, Kind]] = {
    flag: kind for flag, kind in KINDS.items() if flag not in (b"\0", b"S")
}
_MAGIC: Final = b"ustar\0"
#: The prefix of star is shorter, and two times follow it.
_STAR: Final = b"tar\0"
_STAR_PREFIX: Final = 131


def plain(block: bytes, position: int, offset: int) -> Member | None:
    """
    Read a header as nearly all are: of text only, numbers in octal, nothing extends it.

    None is given where `own` has to look closer.
    """
    name, size_field, sum_field, flag, link, magic, prefix = _FIELDS.unpack(block)
    kind = _PLAIN.get(flag)
    if kind is None or not block.isascii():
        return None
    try:
        # Of text, Adler's first sum is that of the bytes, but for the 1 that it begins
        # with; the field itself counts as blanks.
        if (adler32(block) & 0xFFFF) - sum(sum_field) + 255 != int(sum_field[:6], 8):
            return None
        size = 0
        if kind == "file":
            if size_field[11] > 32 or not size_field[:11].isdigit():
                return None
            size = int(size_field[:11], 8)
    except ValueError:
        return None
    name = name.split(b"\0", 1)[0]
    if prefix[0]:
        name = _with_prefix(name, prefix, magic, block)
    target = link.split(b"\0", 1)[0] if kind == "symlink" or kind == "hardlink" else b""
    return Member(position, offset, name, kind, size, target, block, block)


def plain_pax(block: bytes) -> int | None:
    """
    Give the size of the records behind the header of a pax header, as nearly all are.

    None is given where it is something else, or where a closer look is needed.
    """
    digits, said = block[124:135], block[148:154]
    if block[156:157] != b"x" or not (block.isascii() and digits.isdigit() and said.isdigit()):
        return None
    total = (adler32(block) & 0xFFFF) - sum(block[148:156]) + 255
    try:
        return int(digits, 8) if int(said, 8) == total else None
    except ValueError:
        return None


def flag_of(block: bytes) -> bytes:
    """
    Give the type flag of a header, once it is known to be one.

    Raises:
        ValueError: its checksum is not that of its bytes.
    """
    try:
        said = number(block[148:156])
    except ValueError:
        said = -1
    # The field itself counts as blanks.
    total = sum(block) - sum(block[148:156]) + 8 * 32
    right = said == total or said == _signed(block)
    if not right:
        raise ValueError("there is no header: its checksum is not that of its bytes")
    return block[156:157]


def _signed(block: bytes) -> int:
    # Some old writers added up signed bytes.
    rest = block[:148] + b" " * 8 + block[156:]
    return sum(rest) - 256 * sum(byte > 127 for byte in rest)


def size_of(block: bytes) -> int:
    """
    Give the size that a header has.
    """
    size = number(block[124:136])
    if not 0 <= size < 1 << 63:
        raise ValueError(f"content cannot have a size of {size} bytes")
    return size


def names_of(block: bytes) -> tuple[bytes, bytes]:
    """
    Give the path and the link that a header has.
    """
    name, _, _, _, link, magic, prefix = _FIELDS.unpack(block)
    name, link = name.split(b"\0", 1)[0], link.split(b"\0", 1)[0]
    return _with_prefix(name, prefix, magic, block) if prefix[0] else name, link


def kind_of(flag: bytes, name: bytes) -> Kind:
    """
    Give the kind that a type flag stands for.
    """
    if flag not in KINDS:
        raise ValueError(f"layers have no members of type {flag!r}")
    # Before there were flags, a slash told a directory.
    old_directory = flag == b"\0" and name.endswith(b"/")
    return "directory" if old_directory else KINDS[flag]


def _with_prefix(name: bytes, prefix: bytes, magic: bytes, block: bytes) -> bytes:
    # GNU tar has times there.
    if magic != _MAGIC:
        return name
    if block.endswith(_STAR):
        prefix = prefix[:_STAR_PREFIX]
    prefix = prefix.split(b"\0", 1)[0]
    return prefix + b"/" + name if prefix else name
