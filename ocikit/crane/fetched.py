"""
Layers of registries that can be read again without being downloaded again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ocikit._records import evolve
from ocikit.content.blob import Blob
from ocikit.content.layer import Layer
from ocikit.content.spool import Spool
from ocikit.crane.flow import flow
from ocikit.crane.options import Options
from ocikit.files.copy import send
from ocikit.progress import Event, Report, Update

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
