"""
Images of archives made by hand, and what is in their layers.
"""

from __future__ import annotations

from typing import Any

from ocikit.content.build import build_layer
from ocikit.content.compression import DEFAULT, Compression
from ocikit.content.image import Image
from tests.query.builders import image
from tests.tree.archives import by_reader


def stacked(
    *archives: bytes,
    platform: str = "linux/amd64",
    compression: Compression = DEFAULT,
    docker: bool = False,
    **members: Any,
) -> Image:
    """
    Make an image of archives, lowest first.
    """
    layers = [build_layer([each], compression=compression, docker=docker) for each in archives]
    return image(platform, *layers, docker=docker, **members)


def uncompressed(made: Image) -> list[bytes]:
    """
    Give the archives of an image.
    """
    found = []
    for layer in made.layers:
        with layer.uncompressed() as stream:
            found.append(stream.read())
    return found


def files(made: Image) -> list[list[tuple[str, bytes]]]:
    """
    List what is in each layer: names, and content or what a link refers to.
    """
    return [
        [(entry.name, content or entry.linkname.encode()) for entry, content in by_reader(each)]
        for each in uncompressed(made)
    ]
