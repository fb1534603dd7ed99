"""
What places do not keep of an image, so that it can be told.
"""

from __future__ import annotations

from ocikit import media
from ocikit.content.image import Image
from ocikit.crane.options import Options


def lost_in_engines(image: Image) -> tuple[str, ...]:
    """
    Name what a container engine need not give back of an image that it is given.

    Engines file images by configuration, and layers as files: they make a manifest anew,
    of types of their own, when they save or push an image.

    >>> from ocikit.content.empty import IMAGE
    >>> lost_in_engines(IMAGE)
    ('media types',)
    """
    manifest = image.manifest
    packed = [media.compression_of(layer.media_type) for layer in image.layers]
    said = manifest.annotations or any(each.descriptor.annotations for each in image.layers)
    found = {
        "media types": True,
        "compression": any(each in ("gzip", "zstd") for each in packed),
        "annotations": bool(said),
        "subject": manifest.subject is not None,
    }
    return tuple(what for what, is_lost in found.items() if is_lost)


def tell_of_loss(image: Image, place: str, options: Options) -> None:
    """
    Say what becomes of an image whose digest an engine does not keep.
    """
    options.notice(
        f"{place}: engines keep an image's configuration and files, and need not keep its "
        f"{', '.join(lost_in_engines(image))}; then its digest is no longer {image.digest}"
    )
