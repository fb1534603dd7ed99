"""
Compression of layers: told by first bytes, read within bounds, written the same again.

What a layer is compressed with is told by sniffing, never by its media type alone.
The bytes that compression gives are a function of the content, the level and the
engine: however the content was cut into chunks on its way. They are not the bytes that
Go gives, so that ocikit and crane agree on a layer's diff ID and not on its digest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeAlias

import attrs

from ocikit._records import record
from ocikit._regex import regex
from ocikit.content.streams import CHUNK, Stream
from ocikit.errors import Corrupt, Invalid

if TYPE_CHECKING:
    from ocikit.content.decompress import DecompressedStream

Name: TypeAlias = Literal["gzip", "zstd", "none"]

#: Content that grows more than this many times is a bomb ...
MAX_RATIO: Final = 1000
#: ... once it is larger than this, in bytes.
FREE_SIZE: Final = 64 << 20

_LEVEL = regex(r"[0-9]{1,2}")
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
#: The last three bytes of the magic number of skippable frames; the first is 0x50-0x5f.
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"


@attrs.frozen(kw_only=True)
class CompressionInvalid(Corrupt):
    """
    Compressed content cannot be decompressed: cut short, altered or not what it seems.
    """

    compression: str
    reason: str
    #: Compressed bytes that were read until then.
    read: int

    def __str__(self) -> str:
        return f"{self.compression} content: {self.reason}, after {self.read} compressed bytes"


@attrs.frozen(kw_only=True)
class DecompressionBomb(Corrupt):
    """
    Compressed content grows out of all proportion.
    """

    compression: str
    read: int
    written: int

    def __str__(self) -> str:
        return (
            f"{self.compression} content grew from {self.read} to over {self.written} bytes;"
            " refused as a decompression bomb (if it is none, open it with ratio=None)"
        )


@attrs.frozen(kw_only=True)
class CompressionUnknown(Invalid):
    """
    There is no such level or backend.
    """

    compression: str
    reason: str

    def __str__(self) -> str:
        return f"{self.compression}: {self.reason}"


@record
class Gzip:
    """
    Gzip at a level from 0 to 9.

    The default is quick: by ISA-L, level 2 compresses about five times as fast as
    `gzip -1` to the same size (within 1 %), and to 14 % more than `gzip -6`.

    With backend "auto", ISA-L writes levels 0 to 3 where it is installed and zlib the
    others, in blocks of 1 MiB of which several are worked on at once; zlib-ng does so in
    its place, two to three times as fast, where it is installed (`ocikit[fast]`). Name a
    backend ("isal", "zlib-ng" or "zlib") where digests must be the same elsewhere: bytes
    are those of one engine and its version. Level 0 stores with zlib, and compresses
    lightly with ISA-L.

    Raises:
        CompressionUnknown: there is no such level or backend.

    >>> Gzip(9).name, str(Gzip(9, "zlib"))
    ('gzip', 'gzip:9:zlib')
    """

    level: int = 2
    backend: str = "auto"

    def __attrs_post_init__(self) -> None:
        if self.backend not in ("auto", "isal", "zlib-ng", "zlib"):
            reason = f"backend {self.backend!r} is not 'auto', 'isal', 'zlib-ng' or 'zlib'"
            raise CompressionUnknown(compression="gzip", reason=reason)
        highest = 3 if self.backend == "isal" else 9
        if not 0 <= self.level <= highest:
            reason = f"level {self.level} is not one of 0 to {highest}"
            raise CompressionUnknown(compression="gzip", reason=reason)

    @property
    def name(self) -> Name:
        """
        What media types call it.
        """
        return "gzip"

    def __str__(self) -> str:
        level = "" if self.level == DEFAULT.level else f":{self.level}"
        backend = "" if self.backend == DEFAULT.backend else f":{self.backend}"
        return f"gzip{level}{backend}"


@record
class Zstd:
    """
    Zstandard at a level from 1 to 22; 0 is the library's default.

    Raises:
        CompressionUnknown: there is no such level.
    """

    level: int = 3

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.level <= 22:
            reason = f"level {self.level} is not one of 0 to 22"
            raise CompressionUnknown(compression="zstd", reason=reason)

    @property
    def name(self) -> Name:
        """
        What media types call it.
        """
        return "zstd"

    def __str__(self) -> str:
        return "zstd" if self == Zstd() else f"zstd:{self.level}"


@record
class Plain:
    """
    No compression.
    """

    @property
    def name(self) -> Name:
        """
        What media types call it.
        """
        return "none"

    def __str__(self) -> str:
        return "none"


Compression: TypeAlias = Gzip | Zstd | Plain

#: How layers are written when nobody says how.
DEFAULT: Final = Gzip()


def parse(text: str) -> Compression:
    """
    Read `none`, `gzip[:level][:backend]` or `zstd[:level]`, as compressions print.

    Raises:
        CompressionUnknown: the text is none of these, or there is no such level.

    >>> parse("zstd:19"), parse("gzip:isal")
    (Zstd(level=19), Gzip(level=2, backend='isal'))
    """
    name, *words = text.split(":")
    match [name, *(int(word) if _LEVEL.fullmatch(word) else word for word in words)]:
        case ["none"]:
            return Plain()
        case ["gzip"]:
            return DEFAULT
        case ["gzip", int(level)]:
            return Gzip(level)
        case ["gzip", str(backend)]:
            return Gzip(backend=backend)
        case ["gzip", int(level), str(backend)]:
            return Gzip(level, backend)
        case ["zstd"]:
            return Zstd()
        case ["zstd", int(level)]:
            return Zstd(level)
        case _:
            reason = "write none, gzip[:level][:backend] or zstd[:level]"
            raise CompressionUnknown(compression=text, reason=reason)


class Compressor(Protocol):
    """
    An incremental compression.
    """

    def compress(self, data: bytes | bytearray | memoryview, /) -> bytes:
        """
        Take more content; give what is ready.
        """
        ...

    def flush(self) -> bytes:
        """
        End the content; give what is left of it.
        """
        ...


class _Blocks:
    # ISA-L and stored deflate give other bytes when the same content is fed in other
    # pieces, so that it is always fed in pieces of one size.
    def __init__(self, inner: Compressor) -> None:
        self._inner = inner
        self._held = bytearray()

    def compress(self, data: bytes | bytearray | memoryview, /) -> bytes:
        view = memoryview(data).cast("B")
        out: list[bytes] = []
        if self._held:
            missing = CHUNK - len(self._held)
            self._held += view[:missing]
            view = view[missing:]
            if len(self._held) < CHUNK:
                return b""
            out.append(self._inner.compress(self._held))
            self._held = bytearray()
        whole = len(view) - len(view) % CHUNK
        out += [self._inner.compress(view[at : at + CHUNK]) for at in range(0, whole, CHUNK)]
        self._held += view[whole:]
        return b"".join(out)

    def flush(self) -> bytes:
        last = self._inner.compress(self._held)
        return last + self._inner.flush()


class _Unchanged:
    def compress(self, data: bytes | bytearray | memoryview, /) -> bytes:
        return bytes(data)

    def flush(self) -> bytes:
        return b""


def compressor(compression: Compression) -> Compressor:
    """
    Begin to compress.

    Raises:
        BackendMissing: the engine that was asked for is not installed.

    >>> gzip = compressor(Gzip(6, "zlib"))
    >>> (gzip.compress(b"hello") + gzip.flush())[:10].hex()
    '1f8b08000000000000ff'
    """
    match compression:
        case Gzip(level, backend):
            from ocikit.content.gzip import GzipCompressor

            return _Blocks(GzipCompressor(level, backend))
        case Zstd(level):
            from ocikit.content.zstd import ZstdCompressor

            return _Blocks(ZstdCompressor(level))
        case Plain():
            return _Unchanged()


def sniff(head: bytes) -> Name:
    """
    Tell the compression by the first four bytes, or more.

    >>> sniff(bytes.fromhex("28b52ffd"))
    'zstd'
    """
    if head.startswith(_GZIP):
        return "gzip"
    skippable = head[1:4] == _ZSTD_SKIPPABLE and head[0] & 0xF0 == 0x50
    return "zstd" if head.startswith(_ZSTD) or skippable else "none"


def decompress(stream: Stream, *, ratio: int | None = MAX_RATIO) -> DecompressedStream:
    """
    Read what is compressed in a stream; as it is when it is not compressed.

    Closing closes `stream`; when that is verified it is read to its end before, so that
    who stops early has read no lie. After an exception in a `with` it is only closed.

    Args:
        stream: compressed or not; all members or frames of it are read.
        ratio: how many times content over 64 MiB may grow; None for any number.

    Raises:
        CompressionInvalid: while reading; the content cannot be decompressed.
        DecompressionBomb: while reading; it grew too much.

    >>> import gzip, io
    >>> decompress(io.BytesIO(gzip.compress(b"hello"))).read()
    b'hello'
    """
    from ocikit.content.decompress import DecompressedStream

    return DecompressedStream(stream, ratio)
