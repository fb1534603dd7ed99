"""
Gzip by the quickest engine that is here (RFC 1952).

ISA-L serves levels 0 to 3 and all reading; zlib serves the other levels, and everything
where ISA-L has no wheel. Headers say nothing of when and where they were written, so
that equal content gives equal bytes as long as the engine is the same.
"""

from __future__ import annotations

import functools
import struct
import zlib
from typing import Any, Final, Protocol

import attrs

from ocikit.content.deflate import BlockDeflate
from ocikit.errors import Unsupported

#: No time, no name, no flags, written on an unknown system: as Go writes it.
HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
#: The highest level that ISA-L has.
ISAL_LEVELS: Final = 3

_RAW, _GZIP = -15, 31


@attrs.frozen(kw_only=True)
class BackendMissing(Unsupported):
    """
    A compression engine was asked for by name and is not installed.
    """

    backend: str

    def __str__(self) -> str:
        return f"compression backend {self.backend!r} is not installed; use 'auto' or 'zlib'"


class Decoder(Protocol):
    """
    Decompression of one gzip member or zstd frame.
    """

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes | memoryview, max_length: int) -> bytes: ...


@functools.cache
def _isal() -> tuple[Any, Any] | None:
    try:
        from isal import igzip_lib, isal_zlib
    except ImportError:
        return None
    return isal_zlib, igzip_lib


def choose(level: int, backend: str = "auto") -> str:
    """
    Name the engine that compresses: "isal" or "zlib".

    Raises:
        BackendMissing: ISA-L was asked for and is not installed.
    """
    here = _isal() is not None
    if backend == "isal" and not here:
        raise BackendMissing(backend=backend)
    if backend != "auto":
        return backend
    return "isal" if here and level <= ISAL_LEVELS else "zlib"


class GzipCompressor:
    """
    Writes one gzip member; zlib makes a block of each piece that it is given.
    """

    def __init__(self, level: int, backend: str = "auto") -> None:
        found = _isal() if choose(level, backend) == "isal" else None
        engine: Any = zlib if found is None else found[0]
        self._deflate: Any = (
            BlockDeflate(level) if found is None else engine.compressobj(level, zlib.DEFLATED, _RAW)
        )
        self._crc32 = engine.crc32
        self._crc = self._size = 0
        self._header = HEADER

    def compress(self, data: bytes | bytearray | memoryview) -> bytes:
        """
        Take more content; give what is ready.
        """
        self._crc = self._crc32(data, self._crc)
        self._size += len(data)
        header, self._header = self._header, b""
        compressed: bytes = self._deflate.compress(data)
        return header + compressed if header else compressed

    def flush(self) -> bytes:
        """
        End the member; give what is left of it.
        """
        trailer = struct.pack("<II", self._crc, self._size & 0xFFFFFFFF)
        rest: bytes = self._deflate.flush()
        return self._header + rest + trailer


class ZlibDecoder:
    """
    Zlib's decompression of one gzip member, in the terms of the other engines.
    """

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_GZIP)
        self._full = False

    @property
    def eof(self) -> bool:
        """
        Whether the member has ended.
        """
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        """
        Whether nothing more comes without more input.
        """
        return not self._full and not self._inflate.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        """
        What was fed from beyond the end of the member.
        """
        return self._inflate.unused_data

    def decompress(self, data: bytes | memoryview, max_length: int) -> bytes:
        """
        Give up to `max_length` bytes.
        """
        tail = self._inflate.unconsumed_tail
        out = self._inflate.decompress(tail + data if tail else data, max_length)
        # Zlib may hold output back when it filled the limit and took all its input.
        self._full = len(out) == max_length
        return out


def decoder() -> Decoder:
    """
    Begin to decompress one gzip member.
    """
    found = _isal()
    if found is None:
        return ZlibDecoder()
    made: Decoder = found[1].IgzipDecompressor(found[1].DECOMP_GZIP)
    return made


def errors() -> tuple[type[Exception], ...]:
    """
    List what decoders raise when content is not gzip.
    """
    found = _isal()
    return (zlib.error,) if found is None else (zlib.error, found[1].error, EOFError)
