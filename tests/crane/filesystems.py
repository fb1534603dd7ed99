"""
Images of files that are known, to see what verbs make of them.
"""

from __future__ import annotations

from ocikit.content.image import Content, Image, Index
from ocikit.tree.entry import Entry
from ocikit.tree.overlay import merge
from tests.tree.archives import by_reader


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
