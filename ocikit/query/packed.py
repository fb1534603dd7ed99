"""
How a compressed blob is made up: its header, and the members or frames that it has.
"""

from __future__ import annotations

import struct
from types import ModuleType
from typing import Any, Final

from ocikit._records import record
from ocikit.content.compression import FREE_SIZE, MAX_RATIO, sniff
from ocikit.content.gzip import Decoder
from ocikit.digest import Digest, finish, hasher

#: How much of a blob is kept for its header, in bytes.
_HEAD: Final = 64 << 10
#: How much is decompressed at a time.
_PIECE: Final = 1 << 20
#: Bits of the flags of a gzip header.
_EXTRA, _NAME, _COMMENT, _CHECKED = 4, 8, 16, 2
_SKIPPABLE: Final = b"\x2a\x4d\x18"


@record
class Field:
    """
    A field of a header.
    """

    name: str
    #: Where it lies, in bytes from the beginning.
    begin: int
    end: int
    value: Any


class Packed:
    """
    Takes a compressed blob piece by piece, and sees what it is made of.
    """

    def __init__(self) -> None:
        self.head = b""
        #: How many members (gzip) or frames (zstd) begin in it.
        self.count = 0
        #: The one that a byte is in, counted from 1, and where that begins.
        self.spot = (0, 0)
        self._at = self._written = 0
        self._hash = hasher()
        self._codec: ModuleType | None = None
        self._decoder: Decoder | None = None
        self._open = True

    @property
    def name(self) -> str:
        """
        What it is compressed with.
        """
        return sniff(self.head)

    @property
    def holds(self) -> Digest | None:
        """
        The digest of what it holds; None where that is not known.
        """
        return finish(self._hash) if self._open else None

    def feed(self, data: bytes, wanted: int | None) -> None:
        """
        Take the next piece.

        Args:
            data: the piece.
            wanted: the byte whose member is wanted; None as long as nobody knows.
        """
        if len(self.head) < _HEAD:
            self.head += data[: _HEAD - len(self.head)]
        if self._codec is None:
            self._codec = _codec(self.name)
        rest = memoryview(data)
        if self._codec is None:
            self._hash.update(data)
        while self._open and self._codec is not None and rest:
            rest = self._member(rest, wanted, self._codec)

    def _member(self, data: memoryview, wanted: int | None, codec: ModuleType) -> memoryview:
        if self._decoder is None:
            if self.name == "gzip" and not data[0]:
                # The last block is filled up with zeros.
                left = bytes(data).lstrip(b"\0")
                self._at += len(data) - len(left)
                return memoryview(left)
            self._decoder = decoder = codec.decoder()
            self.count += 1
            if wanted is None or self._at <= wanted:
                self.spot = (self.count, self._at)
        else:
            decoder = self._decoder
        try:
            used = self._decompress(decoder, data)
        except codec.errors():
            self._open = False
            return data[:0]
        self._at += used
        return data[used:]

    def _decompress(self, decoder: Decoder, data: memoryview) -> int:
        feed: bytes | memoryview = data
        while not decoder.eof:
            piece = decoder.decompress(feed, _PIECE)
            self._hash.update(piece)
            self._written += len(piece)
            if self._written > max(FREE_SIZE, MAX_RATIO * (self._at + len(data))):
                # A bomb need not be looked at any further.
                self._open = False
                break
            feed = b""
            if decoder.needs_input:
                break
        if not decoder.eof:
            return len(data)
        self._decoder = None
        return len(data) - len(decoder.unused_data)


def _codec(name: str) -> ModuleType | None:
    if name == "gzip":
        from ocikit.content import gzip

        return gzip
    if name == "zstd":
        from ocikit.content import zstd

        return zstd
    return None


def fields(head: bytes) -> tuple[Field, ...]:
    """
    Give the fields of the header that a blob begins with; of one that is cut short, none.

    >>> from ocikit.content.compression import Gzip, compressor
    >>> [field.value for field in fields(compressor(Gzip()).flush()) if field.name == "OS"]
    [255]
    """
    try:
        return tuple(_gzip(head) if sniff(head) == "gzip" else _zstd(head))
    except (IndexError, ValueError, struct.error):
        return ()


def _gzip(head: bytes) -> list[Field]:
    # RFC 1952, 2.3.1: method, flags, time, extra flags, system.
    method, flags, time, extra, system = struct.unpack_from("<BBIBB", head, 2)
    found = [
        Field("method", 2, 3, method),
        Field("flags", 3, 4, flags),
        Field("time", 4, 8, time),
        Field("XFL", 8, 9, extra),
        Field("OS", 9, 10, system),
    ]
    at = 10
    if flags & _EXTRA:
        end = at + 2 + struct.unpack_from("<H", head, at)[0]
        found.append(Field("extra field", at, end, head[at + 2 : end].hex()))
        at = end
    for flag, name in ((_NAME, "name"), (_COMMENT, "comment")):
        if flags & flag:
            end = head.index(b"\0", at) + 1
            found.append(Field(name, at, end, head[at : end - 1].decode("latin-1")))
            at = end
    if flags & _CHECKED:
        found.append(Field("header checksum", at, at + 2, head[at : at + 2].hex()))
    return found


def _zstd(head: bytes) -> list[Field]:
    if head[1:4] == _SKIPPABLE:
        return [Field("skippable frame", 0, 8, struct.unpack_from("<I", head, 4)[0])]
    # RFC 8878, 3.1.1.1: descriptor, window, dictionary, size of the content.
    descriptor, at = head[4], 5
    single = bool(descriptor & 0x20)
    found = [
        Field("size of content", 4, 5, _bytes_of_size(descriptor)),
        Field("checksum", 4, 5, bool(descriptor & 4)),
        Field("dictionary", 4, 5, (0, 1, 2, 4)[descriptor & 3]),
    ]
    if not single:
        exponent, mantissa = divmod(head[at], 8)
        found.append(Field("window", at, at + 1, (1 << 10 + exponent) * (8 + mantissa) // 8))
        at += 1
    at += (0, 1, 2, 4)[descriptor & 3]
    size = _bytes_of_size(descriptor)
    if size:
        value = int.from_bytes(head[at : at + size], "little") + (256 if size == 2 else 0)
        found.append(Field("content", at, at + size, value))
    return found


def _bytes_of_size(descriptor: int) -> int:
    return (1 if descriptor & 0x20 else 0, 2, 4, 8)[descriptor >> 6]
