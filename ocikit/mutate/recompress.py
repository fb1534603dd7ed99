"""
Layers compressed otherwise.
"""

from __future__ import annotations

from ocikit import media
from ocikit._records import evolve
from ocikit.content.build import build_layer
from ocikit.content.compression import Compression
from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.content.streams import chunks
from ocikit.mutate.rebuild import rebuild
from ocikit.mutate.remade import described, type_of


def recompress(image: Image, compression: Compression, *, force: bool = False) -> Image:
    """
    Compress the layers of an image in another way.

    What is in them stays the same, and with it the configuration. Blobs that are no
    layers of files stay as they are, and so do foreign layers, which are not ours.

    Args:
        image: layers that are compressed otherwise are read once.
        compression: `Gzip`, `Zstd` or `Plain`, and at which level.
        force: compress again also what is compressed in that way, at whatever level.

    Raises:
        DiffIDMismatch: a layer is not the one that the configuration speaks of.
        CompressionInvalid: a layer cannot be decompressed.

    >>> from ocikit.content.compression import Zstd
    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> recompress(image(random.Random(1)), Zstd()).layers[0].media_type
    'application/vnd.oci.image.layer.v1.tar+zstd'
    """
    layers = tuple(_layer(image, layer, compression, force) for layer in image.layers)
    return rebuild(image, layers=layers)


def _layer(image: Image, layer: Layer, compression: Compression, force: bool) -> Layer:
    kind = layer.media_type
    if not media.is_layer(kind) or media.is_foreign(kind):
        return layer
    if media.compression_of(kind) == compression.name and not force:
        return layer
    from ocikit.tree.checked import checked

    is_known = layer.known_diff_id is not None or layer.listed is not None
    with checked([layer])[0].uncompressed() as stream:
        made = build_layer(
            chunks(stream),
            compression=compression,
            media_type=type_of(image, kind, compression),
            diff_id=layer.diff_id if is_known else None,
        )
    if made.digest == layer.digest and made.media_type == kind:
        return layer
    diff_id = layer.diff_id if is_known else made.diff_id
    return described(layer.descriptor, evolve(made, diff_id=diff_id))
