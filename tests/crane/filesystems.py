"""
Images of files that are known, to see what verbs make of them.
"""

from __future__ import annotations

from ocikit._records import evolve
from ocikit.content.build import build_layer
from ocikit.content.compression import DEFAULT, Compression
from ocikit.content.image import Content, Image, Index
from ocikit.content.partial import image_of
from ocikit.platforms import parse
from ocikit.spec.config import ConfigFile, History
from ocikit.tree.entry import Entry
from ocikit.tree.overlay import merge
from tests.tree.archives import by_reader
from tests.tree.stacks import layer


def image(
    *layers: bytes,
    platform: str = "linux/amd64",
    compression: Compression = DEFAULT,
    docker: bool = False,
) -> Image:
    """
    Make an image of layers, each of an uncompressed archive.
    """
    named = parse(platform)
    file = ConfigFile(
        architecture=named.architecture,
        os=named.os,
        variant=named.variant,
        history=tuple(History(created_by=f"step {number}") for number, _ in enumerate(layers)),
    )
    made = [build_layer([data], compression=compression, docker=docker) for data in layers]
    return image_of(file, made, docker=docker)


def files(image: Image) -> dict[str, bytes]:
    """
    Give what a container would see: the content of each path.
    """
    return {entry.name: content for entry, content in members(image)}


def members(image: Image) -> list[tuple[Entry, bytes]]:
    """
    Give all members of the merged archive.
    """
    return by_reader(b"".join(merge(image.layers)))


def images(content: Content) -> list[Image]:
    """
    Give the images of an index.
    """
    assert isinstance(content, Index)
    return [each.content for each in content.children if isinstance(each.content, Image)]


def broken(image: Image) -> Image:
    """
    Give an image whose top layer does not have the bytes of its digest.
    """
    *lower, top = image.layers
    bad = build_layer([layer(("other", b"bytes"))])
    blob = evolve(top.blob, opener=bad.blob.opener)
    return evolve(image, layers=(*lower, evolve(top, blob=blob)))
