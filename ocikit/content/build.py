"""
Layers from tar streams: both sides hashed, compressed and kept in one pass.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable, Iterator

from ocikit import media
from ocikit.content.ahead import ahead
from ocikit.content.blob import Blob
from ocikit.content.compression import DEFAULT, Compression, Plain, compressor
from ocikit.content.layer import Layer
from ocikit.content.spool import Spool
from ocikit.digest import Buffer, Digest, Hashing, finish, hasher
from ocikit.spec.descriptor import Descriptor


def build_layer(
    chunks: Iterable[bytes],
    *,
    compression: Compression = DEFAULT,
    media_type: str | None = None,
    docker: bool = False,
    diff_id: Digest | None = None,
) -> Layer:
    """
    Make a layer of an uncompressed tar stream.

    The stream is read once, and hashed, in another thread while what was read is compressed,
    and not kept: what was compressed is, in memory up to 8 MiB and beyond in a temporary file.
    Equal streams give equal layers, however they are cut into chunks.

    Args:
        chunks: the stream in pieces of any size; large ones are quicker.
        compression: how the layer is written.
        media_type: that of the layer; when None, what the compression calls for.
        docker: whether that is one of Docker's own.
        diff_id: of a stream that is held to it while it is read, and so not hashed again;
            another hash than SHA-256 is none that layers are named by here.

    >>> from ocikit.content.compression import Zstd
    >>> layer = build_layer([b"tar", b"stream"], compression=Zstd())
    >>> layer.media_type, layer.uncompressed().read()
    ('application/vnd.oci.image.layer.v1.tar+zstd', b'tarstream')
    """
    if media_type is None:
        media_type = media.layer_type(compression.name, docker=docker)
    inside, spool = _inside(diff_id), Spool()
    # What is not compressed is the same on both sides.
    outside = inside if isinstance(compression, Plain) else hasher()
    running = compressor(compression)

    def keep(data: bytes) -> None:
        if outside is not inside:
            outside.update(data)
        spool.write(data)

    with contextlib.closing(ahead(_hashed(chunks, inside))) as pieces:
        for piece in pieces:
            keep(running.compress(piece))
    keep(running.flush())
    descriptor = Descriptor(media_type=media_type, digest=finish(outside), size=spool.size)
    blob = Blob(descriptor=descriptor, opener=spool.opener())
    return Layer(blob=blob, diff_id=finish(inside))


def _inside(diff_id: Digest | None) -> Hashing:
    fresh = hasher()
    return _Known(diff_id) if diff_id and diff_id.algorithm == fresh.name else fresh


class _Known:
    """
    Stands for the hash of a stream of which it is known.
    """

    def __init__(self, digest: Digest) -> None:
        self.name, self._hex = digest.algorithm, digest.hex

    def update(self, data: Buffer, /) -> None:
        """
        Let the bytes pass.
        """

    def hexdigest(self) -> str:
        return self._hex


def _hashed(chunks: Iterable[bytes], hash: Hashing) -> Iterator[bytes]:
    try:
        for piece in chunks:
            hash.update(piece)
            yield piece
    finally:
        # What a generator has open is ended with it; a file that is read by lines is another's.
        if isinstance(chunks, Generator):
            chunks.close()
