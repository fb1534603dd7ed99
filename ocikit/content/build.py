"""
Layers from tar streams: both sides hashed, compressed and kept in one pass.
"""

from __future__ import annotations

from collections.abc import Iterable

from ocikit import media
from ocikit.content.blob import Blob
from ocikit.content.compression import DEFAULT, Compression, compressor
from ocikit.content.layer import Layer
from ocikit.content.spool import Spool
from ocikit.digest import finish, hasher
from ocikit.spec.descriptor import Descriptor


def build_layer(
    chunks: Iterable[bytes],
    *,
    compression: Compression = DEFAULT,
    media_type: str | None = None,
    docker: bool = False,
) -> Layer:
    """
    Make a layer of an uncompressed tar stream.

    The stream is read once, and not kept: what was compressed is, in memory up to 8 MiB
    and beyond in a temporary file. Equal streams give equal layers, however they are
    cut into chunks.

    Args:
        chunks: the stream in pieces of any size; large ones are quicker.
        compression: how the layer is written.
        media_type: that of the layer; when None, what the compression calls for.
        docker: whether that is one of Docker's own.

    >>> from ocikit.content.compression import Zstd
    >>> layer = build_layer([b"tar", b"stream"], compression=Zstd())
    >>> layer.media_type, layer.uncompressed().read()
    ('application/vnd.oci.image.layer.v1.tar+zstd', b'tarstream')
    """
    if media_type is None:
        media_type = media.layer_type(compression.name, docker=docker)
    inside, outside, spool = hasher(), hasher(), Spool()
    running = compressor(compression)

    def keep(data: bytes) -> None:
        outside.update(data)
        spool.write(data)

    for chunk in chunks:
        inside.update(chunk)
        keep(running.compress(chunk))
    keep(running.flush())
    descriptor = Descriptor(media_type=media_type, digest=finish(outside), size=spool.size)
    blob = Blob(descriptor=descriptor, opener=spool.opener())
    return Layer(blob=blob, diff_id=finish(inside))
