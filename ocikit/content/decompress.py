"""
The stream that decompresses, within bounds of memory and of growth.
"""

from __future__ import annotations

import io
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Final

from ocikit.content.compression import FREE_SIZE, CompressionInvalid, DecompressionBomb, sniff
from ocikit.content.gzip import Decoder
from ocikit.content.streams import CHUNK, Stream
from ocikit.content.verify import VerifiedStream

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer

#: How much compressed content is read at a time, in bytes.
_READ: Final = 256 << 10
#: How much of it is fed to a new decoder, which copies what it does not use.
_FIRST_FEED: Final = 4 << 10
#: How much is decompressed at a time for readers that take less: what caches hold.
_BUFFER: Final = 256 << 10


class DecompressedStream(io.BufferedReader):
    """
    A buffered stream of what is compressed in another; see `compression.decompress`.
    """

    def __init__(self, stream: Stream, ratio: int | None) -> None:
        self._decompressing = _Decompressing(stream, ratio)
        super().__init__(self._decompressing, _BUFFER)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._decompressing.give_up()
        self.close()

    def __del__(self) -> None:
        # Reading on for a reader that is gone would hang or fail where nobody sees it.
        self._decompressing.give_up()


def _codec(name: str) -> ModuleType:
    if name == "gzip":
        from ocikit.content import gzip

        return gzip
    from ocikit.content import zstd

    return zstd


class _Decompressing(io.RawIOBase):
    def __init__(self, stream: Stream, ratio: int | None) -> None:
        self._stream = stream
        self._ratio = ratio
        self._kind = ""
        self._codec: ModuleType | None = None
        self._decoder: Decoder | None = None
        self._errors: tuple[type[Exception], ...] = ()
        #: Compressed content that was read and not fed yet.
        self._input = memoryview(b"")
        self._feed = _FIRST_FEED
        self._read = self._written = 0
        self._drains = isinstance(stream, VerifiedStream)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        try:
            return self._fill(memoryview(buffer).cast("B"))
        except BaseException:
            # It was told; closing need not find it again.
            self._drains = False
            raise

    def readall(self) -> bytes:
        parts: list[bytes] = []
        while part := self.read(CHUNK):
            parts.append(part)
        return b"".join(parts)

    def give_up(self) -> None:
        """
        Close without reading on.
        """
        self._drains = False
        self.close()

    def close(self) -> None:
        if self.closed:
            return
        super().close()
        try:
            if self._drains and isinstance(self._stream, VerifiedStream):
                self._stream.drain()
        finally:
            self._stream.close()

    def _fill(self, view: memoryview) -> int:
        if not self._kind:
            self._recognise()
        if self._codec is None:
            return self._pass_on(view)
        out = self._decompress(len(view))
        view[: len(out)] = out
        return len(out)

    def _recognise(self) -> None:
        head = b""
        while len(head) < 4 and (more := self._stream.read(_READ)):
            head += more
        self._read = len(head)
        self._input = memoryview(head)
        self._kind = sniff(head)
        if self._kind == "none":
            return
        self._codec = codec = _codec(self._kind)
        self._errors = codec.errors()
        self._decoder = codec.decoder()

    def _pass_on(self, view: memoryview) -> int:
        if not self._input:
            return self._stream.readinto(view)
        count = min(len(view), len(self._input))
        view[:count] = self._input[:count]
        self._input = self._input[count:]
        return count

    def _decompress(self, limit: int) -> bytes:
        while (decoder := self._member()) is not None:
            feed = self._input[: self._feed] if decoder.needs_input else b""
            if decoder.needs_input and not feed:
                raise self._invalid("it ends too early")
            try:
                out = decoder.decompress(feed, limit)
            except self._errors as error:
                raise self._invalid(str(error)) from None
            self._advance(decoder, len(feed))
            if out:
                self._weigh(len(out))
                return out
        return b""

    def _member(self) -> Decoder | None:
        if not self._input:
            self._refill()
        if self._decoder is not None and not self._decoder.eof:
            return self._decoder
        self._decoder = None
        if self._kind == "gzip":
            self._skip_padding()
        if self._input and self._codec is not None:
            self._decoder = self._codec.decoder()
            self._feed = _FIRST_FEED
        return self._decoder

    def _refill(self) -> None:
        more = self._stream.read(_READ)
        self._read += len(more)
        self._input = memoryview(more)

    def _skip_padding(self) -> None:
        # Tapes and some writers fill up the last block with zeros (as gzip reads it).
        while self._input and self._input[0] == 0:
            rest = bytes(self._input).lstrip(b"\0")
            self._input = memoryview(rest)
            if not rest:
                self._refill()

    def _advance(self, decoder: Decoder, fed: int) -> None:
        unused = len(decoder.unused_data) if decoder.eof else 0
        self._input = self._input[fed - unused :]
        self._feed = min(2 * self._feed, _READ)

    def _weigh(self, count: int) -> None:
        self._written += count
        if self._ratio is None or self._written <= FREE_SIZE:
            return
        if self._written > self._ratio * self._read:
            written = self._written
            raise DecompressionBomb(compression=self._kind, read=self._read, written=written)

    def _invalid(self, reason: str) -> CompressionInvalid:
        # Content that was altered on the way is told as that: another try may help.
        if isinstance(self._stream, VerifiedStream):
            self._stream.drain()
        return CompressionInvalid(compression=self._kind, reason=reason, read=self._read)
