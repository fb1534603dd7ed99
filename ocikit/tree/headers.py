"""
Header blocks (POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar, "Basic Tar Format").

What cannot be read raises ValueError with a reason: who calls knows which member it was.
"""

from __future__ import annotations

import functools
import struct
from typing import Final, TypeAlias
from zlib import adler32

from ocikit.tree.entry import KINDS, LINKS, Kind
from ocikit.tree.fields import number

#: What a header says of a member: its path, kind, size and link.
Facts: TypeAlias = tuple[bytes, Kind, int, bytes]

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


def plain(block: bytes) -> Facts | None:
    """
    Read a header as nearly all are: of text only, numbers in octal, nothing extends it.

    None is given where a closer look is needed.
    """
    name, size_field, sum_field, flag, link, magic, prefix = _FIELDS.unpack(block)
    kind = _PLAIN.get(flag)
    if kind is None or not block.isascii() or adler32(block) & 0xFFFF != _adler(sum_field):
        return None
    size = _octal(size_field) if kind == "file" else 0
    if size is None:
        return None
    name = name.partition(b"\0")[0]
    if prefix[0]:
        name = _with_prefix(name, prefix, magic, block)
    return name, kind, size, link.partition(b"\0")[0] if kind in LINKS else b""


def plain_pax(block: bytes) -> int | None:
    """
    Give the size of the records behind a pax header; None where a closer look is needed.
    """
    if not block.isascii() or adler32(block) & 0xFFFF != _adler(block[148:156]):
        return None
    return _octal(block[124:136])


def _octal(field: bytes) -> int | None:
    # A twelfth digit would make it eight times as much.
    digits = field[:11]
    if field[11] not in b"\0 " or not digits.isdigit():
        return None
    try:
        return int(digits, 8)
    except ValueError:
        return None


@functools.lru_cache(1 << 13)
def _adler(field: bytes) -> int | None:
    """
    Give what Adler's first sum is of a header of text that has this field for its checksum.

    It begins with 1, and is of all bytes, while the field itself counts as blanks. Headers of
    text have a few thousand sums between them, so that most were seen before.
    """
    try:
        return number(field) + sum(field) - 8 * 32 + 1
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
