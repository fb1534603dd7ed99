"""
The root filesystem of an image as one tar: export.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from ocikit import media
from ocikit.content.image import Content, Image
from ocikit.content.layer import Layer
from ocikit.content.streams import chunks
from ocikit.crane.fetched import fetched
from ocikit.crane.options import Options
from ocikit.crane.places import load, one_image
from ocikit.files.atomic import replacing, write_all
from ocikit.mutate.remade import NotALayer

if TYPE_CHECKING:
    from io import FileIO


def export(source: str | Content, options: Options) -> Iterator[bytes]:
    """
    Give the tar of what a container of an image would see, in pieces of about 1 MiB.

    Nothing is marked as gone in it, nothing is there twice. Of an artifact that has one
    blob, and that no layer of files, it is the blob itself, byte for byte.

    Layers of a registry are downloaded to temporary files first: a stream cannot be taken
    back, so that they have to be read twice. `export_to` reads them once.

    Args:
        source: any place, or content.
        options: how to reach it, and which of its platforms is wanted.

    Raises:
        NotALayer: there are several blobs, and not all are layers of files.
        PlatformMissing, PlaceUnsupported: there is no image.
        Corrupt, Missing, Unreachable: a layer is not what it should be, or not there;
            also while the pieces are taken.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> len(b"".join(export(image(random.Random(1), size=100), Options())))
    2048
    """
    image = _image(source, options)
    if alone := _alone(image):
        return _verbatim(alone)
    from ocikit.tree.checked import checked
    from ocikit.tree.overlay import merge

    return merge(checked(fetched(_files(image), options)))


def export_to(source: str | Content, path: str, options: Options) -> Image:
    """
    Write the tar of what a container of an image would see; see `export`.

    Args:
        source: any place, or content.
        path: a file, which is made or replaced once all of it is there.
        options: how to reach the source, and which of its platforms is wanted.

    Returns:
        The image.

    Raises:
        NotALayer, PlatformMissing, PlaceUnsupported, Corrupt, Missing, Unreachable: as
            `export` does; then the file is as it was.

    >>> from ocikit.content.synthetic import image
    >>> import random, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export_to(image(random.Random(1)), f"{folder}/root.tar", Options()).size
    402
    """
    image = _image(source, options)
    alone = _alone(image)
    layers = () if alone else _files(image)
    with replacing(path) as file:
        if alone:
            _write(file, _verbatim(alone))
        else:
            from ocikit.tree.checked import checked
            from ocikit.tree.overlay import merge_into

            merge_into(checked(layers), partial(_write, file))
    return image


def _write(file: FileIO, pieces: Iterable[bytes]) -> None:
    # Where layers hold surprises, what was written before was in vain.
    file.seek(0)
    file.truncate()
    for piece in pieces:
        write_all(file, piece)


def _image(source: str | Content, options: Options) -> Image:
    if isinstance(source, str):
        return one_image(load(source, options), source, options)
    return one_image(source, str(source.digest), options)


def _alone(image: Image) -> Layer | None:
    # As crane has it: of whatever is packed alone in an artifact, the thing itself.
    one = image.layers[0] if len(image.layers) == 1 else None
    return None if one is None or media.is_layer(one.media_type) else one


def _verbatim(layer: Layer) -> Iterator[bytes]:
    with layer.blob.open() as stream:
        yield from chunks(stream)


def _files(image: Image) -> tuple[Layer, ...]:
    for layer in image.layers:
        if not media.is_layer(layer.media_type):
            raise NotALayer(digest=layer.digest, media_type=layer.media_type)
    return image.layers
