"""
The files of a layout by name.
"""

from __future__ import annotations

from pathlib import Path

from ocikit.content.image import Image
from ocikit.digest import Digest

#: What is at the top of every layout.
TOP = {"oci-layout", "index.json"}


def names(folder: Path) -> set[str]:
    """
    List every file below a folder.
    """
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def blob_names(*blobs: Digest) -> set[str]:
    """
    Give the paths of blobs in a layout.
    """
    return {f"blobs/{digest.algorithm}/{digest.hex}" for digest in blobs}


def all_of(image: Image) -> set[str]:
    """
    Give the paths of all files that an image needs.
    """
    layers = [layer.digest for layer in image.layers]
    return blob_names(image.digest, image.config.digest, *layers)
