"""
Several layers as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ocikit.content.build import build_layer
from ocikit.content.compression import Compression
from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.mutate.remade import all_layers, compression_like, new_type, with_layers
from ocikit.spec.config import History
from ocikit.spec.histories import bounded, emptied, full


def flatten(image: Image, *, compression: Compression | None = None) -> Image:
    """
    Make all layers of an image one, which has what a container of it would see.

    Nothing that a layer took away is in it, and no byte of it is left. All entries of
    the history stay; but for the last one of a layer they are those of empty layers.
    An image that is flat already stays as it is.

    Args:
        image: its layers are read once, as long as their names hold no surprises.
        compression: of the one layer; that of all others when None, gzip if they differ.

    Raises:
        NotAnImage, NotALayer: there are no layers of files.
        DiffIDMismatch: a layer is not the one that the configuration speaks of.
        LinkTargetMissing: a hard link refers to what is not there.
        TarInvalid, TarTruncated, TarTooLarge: a layer is not a good archive.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> len(flatten(image(random.Random(1), layers=3)).layers)
    1
    """
    layers = all_layers(image)
    if not layers:
        return image
    made = _one(image, (), layers, compression)
    flat = len(layers) == 1 and made.diff_id == layers[0].diff_id
    if flat and (compression is None or made.digest == layers[0].digest):
        return image
    return with_layers(image, (made,), _history(image, 0, len(layers)))


def squash(
    image: Image, start: int, stop: int | None = None, *, compression: Compression | None = None
) -> Image:
    """
    Make some layers of an image one; those below and above stay as they are.

    The new layer does to those below what the others did. The history stays, as it does
    when all are flattened.

    Args:
        image: the layers in question are read, and the names of those below.
        start: the first of them, lowest is 0; as in slices, negative from the top.
        stop: the one after the last; None for all from `start` on.
        compression: of the new layer; that of the others when None, gzip if they differ.

    Raises:
        NotAnImage, NotALayer: there are no layers of files.
        DiffIDMismatch: a layer is not the one that the configuration speaks of.
        LinkTargetMissing: a hard link refers to what is not there.
        TarInvalid, TarTruncated, TarTooLarge: a layer is not a good archive.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> len(squash(image(random.Random(1), layers=4), -2).layers)
    3
    """
    layers = all_layers(image)
    first, last, _ = slice(start, stop).indices(len(layers))
    if last - first < 2:
        return image
    made = _one(image, layers[:first], layers[first:last], compression)
    kept = (*layers[:first], made, *layers[last:])
    return with_layers(image, kept, _history(image, first, last))


def _one(
    image: Image,
    lower: Sequence[Layer],
    upper: Sequence[Layer],
    compression: Compression | None,
) -> Layer:
    from ocikit.tree import overlay
    from ocikit.tree.checked import checked

    chosen = compression or compression_like(upper)

    def build(chunks: Iterable[bytes]) -> Layer:
        return build_layer(chunks, compression=chosen, media_type=new_type(image, chosen))

    if not lower:
        return overlay.merge_into(checked(upper), build)
    return build(overlay.squash(checked(lower), checked(upper)))


def _history(image: Image, start: int, stop: int) -> tuple[History, ...]:
    """
    Let the last entry of a range stand for one layer, and the others for none.
    """
    entries = image.config_file.history
    made = full(entries)
    if len(made) == len(image.layers):
        return emptied(entries, made[start : stop - 1])
    # Nobody knows which entry made which layer.
    return bounded(entries, len(image.layers) - (stop - start) + 1)
