"""
Archives made by hand, so that tests can make them wrong.
"""

from __future__ import annotations

import io
import struct
import tarfile
from collections.abc import Mapping

from ocikit.tree.entry import Entry
from ocikit.tree.reader import LIMITS, Limits, Reader
from ocikit.tree.sparse import filled
from ocikit.tree.tarheader import END, padding
from ocikit.tree.writer import header


def padded(content: bytes) -> bytes:
    """
    Fill up the last block.
    """
    return content + padding(len(content))


def block(
    name: bytes = b"a",
    flag: bytes = b"0",
    *,
    size: int | bytes = 0,
    link: bytes = b"",
    magic: bytes = b"ustar\x0000",
    prefix: bytes = b"",
    tail: bytes = b"",
    mode: bytes = b"0000644\0",
    mtime: bytes = b"00000000000\0",
    signed: bool = False,
) -> bytes:
    """
    Make a header block with a right checksum, whatever is in it.
    """
    said = b"%011o\0" % size if isinstance(size, int) else size
    rest = struct.pack(
        "100s8s8s8s12s12s8sc100s8s32s32s8s8s155s12s",
        *(name, mode, b"0000000\0", b"0000000\0", said, mtime, b" " * 8, flag, link, magic),
        *(b"", b"", b"0000000\0", b"0000000\0", prefix, tail),
    )
    return summed(rest, signed)


def summed(header: bytes, signed: bool = False) -> bytes:
    """
    Put the right checksum into a header block.
    """
    rest = header[:148] + b" " * 8 + header[156:]
    total = sum(rest) - (256 * sum(byte > 127 for byte in rest) if signed else 0)
    return rest[:148] + b"%06o\0 " % total + rest[156:]


def record(key: bytes, value: bytes) -> bytes:
    """
    Make a pax record.
    """
    length = len(key) + len(value) + 3
    while len(b"%d" % length) + len(key) + len(value) + 3 != length:
        length += 1
    return b"%d %b=%b\n" % (length, key, value)


def pax(records: Mapping[bytes, bytes] | bytes, flag: bytes = b"x") -> bytes:
    """
    Make a pax header, of records or of what ought to be some.
    """
    content = records
    if not isinstance(content, bytes):
        content = b"".join(record(key, value) for key, value in content.items())
    return block(b"PaxHeaders/x", flag, size=len(content)) + padded(content)


def long(name: bytes, flag: bytes = b"L") -> bytes:
    """
    Make one of GNU's headers for long names.
    """
    content = name + b"\0"
    return block(b"././@LongLink", flag, size=len(content), magic=GNU) + padded(content)


GNU = b"ustar  \0"
OLD = bytes(8)


def file(name: str, content: bytes = b"", **facts: object) -> bytes:
    """
    Make a whole member of a file.
    """
    made = Entry(name=name, size=len(content), **facts)  # type: ignore[arg-type]
    return header(made) + padded(content)


def entries(data: bytes, limits: Limits = LIMITS) -> list[Entry]:
    """
    Read the facts of all members.
    """
    return [member.entry for member in Reader(io.BytesIO(data), limits)]


def contents(data: bytes) -> list[tuple[str, bytes]]:
    """
    Read the names of all members, and what is in them, holes filled.
    """
    return [(entry.name, content) for entry, content in by_reader(data)]


def by_reader(data: bytes) -> list[tuple[Entry, bytes]]:
    """
    Read all members, and what is in them, holes filled.
    """
    reader = Reader(io.BytesIO(data))
    return [(each.entry, b"".join(filled(each, reader.content()))) for each in reader]


def named(data: bytes) -> list[str]:
    """
    Read the names of all members.
    """
    return [entry.name for entry in entries(data)]


def by_tarfile(data: bytes) -> list[tuple[str, bytes]]:
    """
    Let Python's tarfile read names and contents.
    """
    found = []
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for info in archive:
            held = archive.extractfile(info) if info.isreg() else None
            found.append((info.name + "/" * info.isdir(), held.read() if held else b""))
    return found


__all__ = [
    "END",
    "GNU",
    "OLD",
    "block",
    "by_reader",
    "by_tarfile",
    "contents",
    "entries",
    "file",
    "long",
    "named",
    "padded",
    "pax",
    "record",
    "summed",
]
