"""
Layers of registries that can be read again without being downloaded again.

They are downloaded at once, several of them beside each other; or as they are read, where
nobody knows yet which will be.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from ocikit._records import evolve, record
from ocikit.content.blob import Blob
from ocikit.content.layer import Layer
from ocikit.content.spool import Spool
from ocikit.content.streams import Opener, Stream
from ocikit.crane.flow import flow
from ocikit.crane.options import Options
from ocikit.digest import Digest
from ocikit.files.copy import send
from ocikit.progress import Event, Report, Update

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer

#: How much of each waits in memory, in bytes: there may be a hundred of them.
_MEMORY: Final = 1 << 20


def fetched(layers: Sequence[Layer], options: Options) -> tuple[Layer, ...]:
    """
    Give layers that lie on this machine: what a registry has is downloaded now.

    Several are downloaded at once, each once, into temporary files without a name.

    Raises:
        Missing, Refused, Unreachable, Corrupt: a layer could not be had.

    >>> from ocikit.content.synthetic import layer
    >>> import random
    >>> fetched([layer(random.Random(1))], Options())[0] == layer(random.Random(1))
    True
    """
    far = {layer.digest: layer.blob for layer in layers if layer.blob.origin is not None}
    options.report(Update(event=Event.PLANNED, bytes=sum(blob.size for blob in far.values())))
    flowing = flow(options)
    near = {
        blob.digest: blob for blob in flowing.map(lambda b: _kept(b, flowing.report), far.values())
    }
    return tuple(
        evolve(layer, blob=evolve(layer.blob, opener=near[layer.digest].opener))
        if layer.digest in near
        else layer
        for layer in layers
    )


def _kept(blob: Blob, report: Report) -> Blob:
    spool = Spool(_MEMORY)
    send(blob, spool, report=report)
    report(Update(event=Event.DONE, digest=blob.digest))
    return evolve(blob, opener=spool.opener())


def kept(layers: Iterable[Layer], there: dict[Digest, Opener] | None = None) -> tuple[Layer, ...]:
    """
    Give layers that are downloaded when they are read, and the next time read from a
    temporary file without a name.

    Args:
        layers: those of places other than registries stay as they are.
        there: how to open what was kept before, by digest; new ones are put there, so
            that a layer of several images is downloaded once.

    >>> from ocikit.content.synthetic import layer
    >>> import random
    >>> kept([layer(random.Random(1))])[0] == layer(random.Random(1))
    True
    """
    known = {} if there is None else there
    return tuple(
        layer
        if layer.blob.origin is None
        else evolve(layer, blob=evolve(layer.blob, opener=_keeping(layer.blob, known)))
        for layer in layers
    )


def _keeping(blob: Blob, known: dict[Digest, Opener]) -> Opener:
    return known.setdefault(blob.digest, _KeepingOpener(blob.opener))


@attrs.define
class _Once:
    kept: Opener | None = None


@record
class _KeepingOpener:
    """
    What another opener gives, from a temporary file when it was read to its end before.
    """

    inner: Opener
    once: _Once = attrs.field(factory=_Once, eq=False, repr=False)

    def open(self) -> Stream:
        """
        Read the bytes from their beginning.
        """
        kept = self.once.kept
        return _Keeping(self.inner.open(), self.once) if kept is None else kept.open()


class _Keeping(io.RawIOBase):
    def __init__(self, stream: Stream, once: _Once) -> None:
        self._stream = stream
        self._once = once
        self._spool = Spool(_MEMORY)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        count = self._stream.readinto(view)
        self._spool.write(view[:count])
        if not count and len(view):
            self._once.kept = self._spool.opener()
        return count

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()
