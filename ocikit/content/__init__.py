"""
Blobs, layers, images and indexes: descriptors, and how to open what they name.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

if TYPE_CHECKING:
    from ocikit.content.blob import Blob
    from ocikit.content.image import Child, Content, Image, Index
    from ocikit.content.layer import Layer

__all__ = ["Blob", "Child", "Content", "Image", "Index", "Layer"]

door(
    __name__,
    {
        "ocikit.content.blob": "Blob",
        "ocikit.content.image": "Child Content Image Index",
        "ocikit.content.layer": "Layer",
    },
)
