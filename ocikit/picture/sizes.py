"""
How large images are, and what they have in common.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from ocikit._records import record
from ocikit.content.image import Image
from ocikit.digest import Digest
from ocikit.picture.overview import pulled
from ocikit.picture.scan import Scan
from ocikit.picture.waterfall import Waterfall, waterfall


@record(kw_only=True)
class Sized:
    """
    One image.
    """

    name: str
    platform: str
    digest: Digest
    #: Bytes that a pull brings.
    size: int
    #: How many of them are in layers that another of the images has too.
    shared: int
    #: Bytes of files in all layers; None when they were not read.
    unpacked: int | None
    layers: Waterfall
    #: For each layer, how many of the images have it, this one among them.
    holders: tuple[int, ...]


@record(kw_only=True)
class Sizes:
    """
    Images beside each other.
    """

    images: tuple[Sized, ...]
    #: Bytes of all of them together, what is shared counted once.
    size: int


def sizes(
    images: Iterable[tuple[str, Image]], *, scans: Mapping[Digest, Scan] | None = None
) -> Sizes:
    """
    Tell how large images are, and which layers they share; no layer is opened.

    Args:
        images: with the names that they go by.
        scans: what was found in the layers of those that were read, by digest.

    Raises:
        Missing, Unreachable, Corrupt: a configuration could not be had.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> one = image(random.Random(1))
    >>> found = sizes([("app:1", one), ("app:2", one)])
    >>> found.images[0].shared == one.layers[0].size, found.size == found.images[0].size
    (True, True)
    """
    listed = [*images]
    # The same image under two names is there once, and shares all with itself.
    holders = Counter(digest for _, image in listed for digest in _layers(image))
    blobs: dict[Digest, int] = {}
    for _, image in listed:
        blobs[image.digest] = image.size
        blobs[image.config.digest] = image.config.size
        blobs.update((layer.digest, layer.size) for layer in image.layers)
    found = (_sized(name, image, holders, scans or {}) for name, image in listed)
    return Sizes(images=tuple(found), size=sum(blobs.values()))


def _layers(image: Image) -> set[Digest]:
    return {layer.digest for layer in image.layers}


def _sized(
    name: str, image: Image, holders: Counter[Digest], scans: Mapping[Digest, Scan]
) -> Sized:
    scan = scans.get(image.digest)
    own = {layer.digest: layer.size for layer in image.layers}
    return Sized(
        name=name,
        platform="" if image.artifact_type else str(image.platform or ""),
        digest=image.digest,
        size=pulled(image),
        shared=sum(size for digest, size in own.items() if holders[digest] > 1),
        unpacked=None if scan is None else scan.waste.held,
        layers=waterfall(image, scan=scan),
        holders=tuple(holders[layer.digest] for layer in image.layers),
    )
