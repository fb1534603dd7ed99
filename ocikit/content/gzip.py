"""
Gzip by the quickest engine that is here (RFC 1952).

ISA-L serves levels 0 to 3 and all reading; zlib-ng, where it is installed, or else zlib
serves the other levels, and everything where ISA-L has no wheel. Headers say nothing of
when and where they were written, so that equal content gives equal bytes as long as the
engine is the same.
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
#: What installs an engine that does not come with us.
_INSTALLED: Final = {"zlib-ng": ', or pip install "ocikit[fast]"'}


@attrs.frozen(kw_only=True)
class BackendMissing(Unsupported):
    """
    A compression engine was asked for by name and is not installed.
    """

    backend: str

    def __str__(self) -> str:
        told = f"compression backend {self.backend!r} is not installed; use 'auto' or 'zlib'"
        return told + _INSTALLED.get(self.backend, "")


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


@functools.cache
def _zlib_ng() -> Any:
    try:
        from zlib_ng import zlib_ng
    except ImportError:
        return None
    return zlib_ng


def choose(level: int, backend: str = "auto") -> str:
    """
    Name the engine that compresses: "isal", "zlib-ng" or "zlib".

    Raises:
        BackendMissing: one was asked for that is not installed.
    """
    missing = {"isal": _isal() is None, "zlib-ng": _zlib_ng() is None}
    if missing.get(backend):
        raise BackendMissing(backend=backend)
    if backend != "auto":
        return backend
    if level <= ISAL_LEVELS and not missing["isal"]:
        return "isal"
    return "zlib" if missing["zlib-ng"] else "zlib-ng"


class GzipCompressor:
    """
    Writes one gzip member; but for ISA-L, of each piece that it is given a block is made.
    """

    def __init__(self, level: int, backend: str = "auto") -> None:
        chosen = choose(level, backend)
        isal = _isal() if chosen == "isal" else None
        if isal is not None:
            self._deflate: Any = isal[0].compressobj(level, zlib.DEFLATED, _RAW)
        else:
            self._deflate = BlockDeflate(level, _zlib_ng() if chosen == "zlib-ng" else zlib)
        self._crc32 = zlib.crc32 if isal is None else isal[0].crc32
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
