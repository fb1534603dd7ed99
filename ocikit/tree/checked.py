"""
Layers whose tar stream is held to the diff ID that the configuration lists.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

import attrs

from ocikit._records import record
from ocikit.content.ahead import AheadStream
from ocikit.content.layer import Layer
from ocikit.content.streams import CHUNK, Stream
from ocikit.digest import Digest, finish, hasher
from ocikit.errors import Corrupt

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer


@attrs.frozen(kw_only=True)
class DiffIDMismatch(Corrupt):
    """
    A layer is not the one that the image's configuration speaks of.
    """

    layer: Digest
    expected: Digest
    actual: Digest

    def __str__(self) -> str:
        return (
            f"layer {self.layer} uncompresses to {self.actual}, but the config lists diff ID"
            f" {self.expected}; the image is put together wrongly"
        )


def _promised(layer: Layer) -> tuple[Layer, Digest | None]:
    told = layer.known_diff_id is not None or layer.listed is not None
    return layer, layer.diff_id if told else None


@record
class Checked:
    """
    A layer that raises when its tar stream is not the right one.
    """

    # The same blob under another diff ID has still to be held to that.
    layer: Layer = attrs.field(eq=_promised)

    def uncompressed(self) -> Stream:
        """
        Open the tar stream; use `with`, whose end reads the rest and compares.

        It is decompressed in another thread, some way ahead of what is read.

        Raises:
            DiffIDMismatch: at the end of `with`; it was another one.
        """
        layer = self.layer
        stream = AheadStream(layer.uncompressed())
        if layer.known_diff_id is None and layer.listed is None:
            # It would be computed from this very stream.
            return stream
        return _HashedStream(stream, layer)


def checked(layers: Sequence[Layer]) -> tuple[Checked, ...]:
    """
    Hold layers to their diff IDs.
    """
    return tuple(Checked(layer) for layer in layers)


class _HashedStream(io.RawIOBase):
    def __init__(self, stream: Stream, layer: Layer) -> None:
        self._stream = stream
        self._layer = layer
        self._hash = hasher(layer.diff_id.algorithm)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        count = self._stream.readinto(memoryview(buffer))
        self._hash.update(memoryview(buffer).cast("B")[:count])
        return count

    def read(self, size: int | None = -1, /) -> bytes:
        data = self._stream.read(-1 if size is None else size)
        self._hash.update(data)
        return data

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._check()
        self._stream.__exit__(kind, error, trace)
        self.close()

    def _check(self) -> None:
        while self.read(CHUNK):
            pass
        actual = finish(self._hash)
        if actual != self._layer.diff_id:
            raise DiffIDMismatch(
                layer=self._layer.digest, expected=self._layer.diff_id, actual=actual
            )

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()
