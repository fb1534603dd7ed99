"""
Layers and images of files that are given as they are, by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ocikit.content.build import build_layer
from ocikit.content.compression import DEFAULT, Compression
from ocikit.content.empty import IMAGE
from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.mutate.layers import append
from ocikit.tree.entry import Entry
from ocikit.tree.tarheader import BLOCK
from ocikit.tree.writer import header

#: Two blocks of zeros end an archive (POSIX, pax Interchange Format).
_END = bytes(2 * BLOCK)


def layer(
    files: Mapping[str, bytes], *, compression: Compression = DEFAULT, mode: int = 0o644
) -> Layer:
    """
    Make a layer of files by their names; the same layer for the same files.

    Members are sorted by name, of 1970, and owned by root.

    Args:
        files: what is in each.
        compression: how the layer is written.
        mode: the permissions of all; crane gives them none, which is 0.

    >>> layer({"b": b"2", "a": b"1"}) == layer({"a": b"1", "b": b"2"})
    True
    """
    return build_layer(_members(files, mode), compression=compression)


def image(
    files: Mapping[str, bytes], *, compression: Compression = DEFAULT, mode: int = 0o644
) -> Image:
    """
    Make an image of one layer of files, for any platform; arguments are those of `layer`.

    >>> len(image({"hello": b"world"}).layers)
    1
    """
    return append(IMAGE, layer(files, compression=compression, mode=mode))


def _members(files: Mapping[str, bytes], mode: int) -> Iterator[bytes]:
    for name, data in sorted(files.items()):
        yield header(Entry(name=name, size=len(data), mode=mode))
        yield data + bytes(-len(data) % BLOCK)
    yield _END
