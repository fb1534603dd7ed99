"""
One pass over the layers of an image: how many files, how large, what of them is seen.

Content passes by unread. What is kept is a name and a number for each file.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from ocikit import media
from ocikit._records import record
from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.digest import Digest
from ocikit.errors import Unsupported
from ocikit.picture.directories import directories
from ocikit.picture.spaces import Space, spaces
from ocikit.picture.waste import Waste, wasted
from ocikit.tree.checked import checked
from ocikit.tree.named import Archive, Named, marked
from ocikit.tree.paths import clean
from ocikit.tree.reader import LIMITS, Limits, Reader
from ocikit.tree.resolve import Tree
from ocikit.tree.whiteouts import Mark

#: How many paths, or boxes, a picture has unless one says otherwise.
MOST_PATHS: Final = 50
MOST_BOXES: Final = 300


@attrs.frozen(kw_only=True)
class NoFiles(Unsupported):
    """
    An image, or artifact, has something that is no archive of files.
    """

    digest: Digest
    media_type: str

    def __str__(self) -> str:
        return (
            f"{self.digest} is {self.media_type!r}, and no layer of files: only what manifests"
            " say can be drawn"
        )


@record(kw_only=True)
class Unpacked:
    """
    What is in one layer.
    """

    #: Bytes of the content of its files.
    size: int
    #: How many members it has; marks of what is taken away do not count.
    files: int


@record(kw_only=True)
class Scan:
    """
    What one pass over all layers found.
    """

    #: For each layer, lowest first.
    layers: tuple[Unpacked, ...]
    waste: Waste
    #: The files that containers see, by directory.
    space: Space


@attrs.define
class Noted:
    """
    What is kept of a layer that was read.
    """

    #: Bytes of content by number of the member.
    sizes: array[int]
    #: The paths of those members that have content.
    paths: dict[int, bytes]
    marks: list[Mark]
    files: int = 0


def scan(
    image: Image,
    *,
    most_paths: int = MOST_PATHS,
    most_boxes: int = MOST_BOXES,
    limits: Limits = LIMITS,
) -> Scan:
    """
    Read all layers of an image once.

    Args:
        image: an image of files.
        most_paths: how many wasted paths are named; of others the sum is.
        most_boxes: into how many directories and files the space is divided.
        limits: what is taken for a bomb, in each of the layers.

    Raises:
        NoFiles: a blob of it is no layer, as in an artifact.
        DiffIDMismatch: a layer is not the one that the configuration speaks of.
        LinkTargetMissing: a hard link refers to what is not there.
        TarInvalid, TarTruncated, TarTooLarge: a layer is not a good archive.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> found = scan(image(random.Random(1), layers=2, size=100))
    >>> [layer.size for layer in found.layers], found.waste.efficiency, found.space.size
    ([100, 100], 1.0, 200)
    """
    tree, noted = Tree(), list[Noted]()
    for layer in checked(layers_of(image)):
        noted.append(Noted(array("q"), {}, []))
        tree.add(_members(layer, noted[-1], limits))
    root, seen = directories(tree.root, [each.sizes for each in noted])
    return Scan(
        layers=tuple(Unpacked(size=sum(each.sizes), files=each.files) for each in noted),
        waste=wasted(tree, noted, seen, most_paths),
        space=spaces(root, most_boxes),
    )


def waste(image: Image, *, most: int = MOST_PATHS) -> Waste:
    """
    Find the bytes that travel with an image and that no container sees; see `scan`.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> waste(image(random.Random(1))).wasted
    0
    """
    return scan(image, most_paths=most).waste


def space(image: Image, *, most: int = MOST_BOXES) -> Space:
    """
    Find where the space goes that an image takes when it is unpacked; see `scan`.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> [inside.name for inside in space(image(random.Random(1))).inside]
    ['random']
    """
    return scan(image, most_boxes=most).space


def layers_of(image: Image) -> Sequence[Layer]:
    """
    Give the layers of an image of files.

    Raises:
        NoFiles: something of it is no archive of files.
    """
    blobs = [image.config.descriptor, *(layer.descriptor for layer in image.layers)]
    for position, blob in enumerate(blobs):
        known = media.is_layer if position else media.is_config
        if not known(blob.media_type):
            raise NoFiles(digest=image.digest, media_type=blob.media_type)
    return image.layers


def _members(layer: Archive, noted: Noted, limits: Limits) -> Iterator[Named]:
    with layer.uncompressed() as stream:
        for member in Reader(stream, limits):
            path = clean(member.name)
            mark = marked(member, path)
            size = member.size if member.kind == "file" and mark is None else 0
            noted.sizes.append(size)
            if size:
                noted.paths[member.number] = path
            if mark is None:
                noted.files += 1
            else:
                noted.marks.append(mark)
            yield Named(member.number, path, member.kind, member.linkname, mark)
