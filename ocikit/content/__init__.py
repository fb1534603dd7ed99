"""
Blobs, layers, images and indexes: descriptors, and how to open what they name.
"""

from ocikit.content.blob import Blob
from ocikit.content.image import Child, Content, Image, Index
from ocikit.content.layer import Layer

__all__ = ["Blob", "Child", "Content", "Image", "Index", "Layer"]
