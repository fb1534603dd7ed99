"""
Headers of tar archives, written the same for the same facts (POSIX.1-2017, pax).

A header is plain ustar where ustar can say it, and else is preceded by a pax header
with just what ustar cannot.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final

BLOCK: Final = 512
#: Two empty blocks: nothing follows.
END: Final = bytes(2 * BLOCK)

FILE: Final = b"0"
HARD_LINK: Final = b"1"
SYMBOLIC_LINK: Final = b"2"
CHARACTER_DEVICE: Final = b"3"
BLOCK_DEVICE: Final = b"4"
FOLDER: Final = b"5"
PIPE: Final = b"6"
_PAX: Final = b"x"

#: name mode uid gid size mtime checksum kind link magic version user group major minor prefix
_USTAR: Final = struct.Struct("100s8s8s8s12s12s8sc100s6s2s32s32s8s8s155s12x")
_BLANK_SUM: Final = b" " * 8
_MOST_ID: Final = 0o7777777
_MOST_SIZE: Final = 0o77777777777


def header(
    name: bytes,
    kind: bytes = FILE,
    *,
    mode: int = 0o644,
    owner: tuple[int, int] = (0, 0),
    size: int = 0,
    mtime: int = 0,
    link: bytes = b"",
    device: tuple[int, int] = (0, 0),
    xattrs: Iterable[tuple[bytes, bytes]] = (),
    owner_names: tuple[bytes, bytes] = (b"", b""),
    records: Iterable[tuple[bytes, bytes]] = (),
) -> bytes:
    """
    Give the header blocks of one member.

    Args:
        name: its path, without a leading slash; a folder's is given its trailing one.
        kind: its type flag, one of this module's.
        mode: permission bits.
        owner: numeric user and group.
        size: how many bytes of content follow the header.
        mtime: when it was changed, in whole seconds since 1970.
        link: what a link refers to.
        device: major and minor number.
        xattrs: extended attributes, as pairs of name and value.
        owner_names: names of user and group.
        records: further pax records, as pairs of key and value.

    >>> len(header(b"etc/passwd", size=100))
    512
    """
    if kind == FOLDER and not name.endswith(b"/"):
        name += b"/"
    prefix, base = _split(name)
    pax: list[tuple[bytes, bytes]] = []
    if base is None:
        pax.append((b"path", name))
        prefix, base = b"", _ascii(name)
    if len(link) > 100 or not link.isascii():
        pax.append((b"linkpath", link))
        link = _ascii(link)
    uid, gid = owner
    numbers = [(b"uid", uid, _MOST_ID), (b"gid", gid, _MOST_ID)]
    numbers += [(b"size", size, _MOST_SIZE), (b"mtime", mtime, _MOST_SIZE)]
    pax += [(key, b"%d" % value) for key, value, most in numbers if not 0 <= value <= most]
    for key, text in ((b"uname", owner_names[0]), (b"gname", owner_names[1])):
        if len(text) > 31 or not text.isascii():
            pax.append((key, text))
    # A key ends at the first equals sign; GNU tar writes it so as well.
    pax += [(b"SCHILY.xattr." + key.replace(b"=", b"%3D"), value) for key, value in xattrs]
    pax += records
    names = (_ascii(owner_names[0])[:31], _ascii(owner_names[1])[:31])
    block = _block(base, kind, mode, (uid, gid), size, mtime, link, device, prefix, names)
    return _pax(name, pax) + block if pax else block


def padding(size: int) -> bytes:
    """
    Give the zeros that fill up the last block of content of that size.
    """
    return bytes(-size % BLOCK)


def _block(
    name: bytes,
    kind: bytes,
    mode: int,
    owner: tuple[int, int],
    size: int,
    mtime: int,
    link: bytes,
    device: tuple[int, int],
    prefix: bytes,
    owner_names: tuple[bytes, bytes] = (b"", b""),
) -> bytes:
    uid, gid = owner
    fields = (
        *(name, _octal(mode), _octal(uid), _octal(gid), _octal(size, 11), _octal(mtime, 11)),
        *(_BLANK_SUM, kind, link, b"ustar", b"00", *owner_names),
        *(_number(device[0]), _number(device[1]), prefix),
    )
    blank = _USTAR.pack(*fields)
    return b"%b%06o\0 %b" % (blank[:148], sum(blank), blank[156:])


def _octal(value: int, digits: int = 7) -> bytes:
    # What does not fit is said by the pax header before.
    fits = 0 <= value < 8**digits
    return b"%0*o\0" % (digits, value if fits else 0)


def _number(value: int) -> bytes:
    # Pax has no words for devices, but every reader of today reads binary numbers.
    return _octal(value) if value < 8**7 else b"\x80" + value.to_bytes(7, "big")


def _split(name: bytes) -> tuple[bytes, bytes | None]:
    if not name.isascii():
        return b"", None
    if len(name) <= 100:
        return b"", name
    # The prefix is all before some slash: the last one that leaves it short enough.
    cut = name.rfind(b"/", 0, min(156, len(name) - 1))
    if cut > 0 and len(name) - cut - 1 <= 100:
        return name[:cut], name[cut + 1 :]
    return b"", None


def _ascii(text: bytes) -> bytes:
    return bytes(byte for byte in text if byte < 128)[:100]


def _pax(name: bytes, records: list[tuple[bytes, bytes]]) -> bytes:
    if any(_is_binary(value) for key, value in records if key in (b"path", b"linkpath")):
        records = [(b"hdrcharset", b"BINARY"), *records]
    content = b"".join(_record(key, value) for key, value in records)
    base = _ascii(b"PaxHeaders.0/" + name.rstrip(b"/").rpartition(b"/")[2])
    block = _block(base, _PAX, 0o644, (0, 0), len(content), 0, b"", (0, 0), b"")
    return block + content + padding(len(content))


def _is_binary(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _record(key: bytes, value: bytes) -> bytes:
    # The length counts its own digits.
    rest = len(key) + len(value) + 3
    length = rest + len(str(rest))
    length = rest + len(str(length))
    return b"%d %b=%b\n" % (length, key, value)
