"""
Docker's media types and OCI's: the same images under two families of names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from ocikit import media
from ocikit._records import evolve
from ocikit.content.image import Image, Index
from ocikit.content.layer import Layer
from ocikit.mutate.children import map_tree
from ocikit.mutate.members import retyped_index
from ocikit.mutate.rebuild import rebuild, retyped

C = TypeVar("C", bound=Image | Index)


def docker(content: C) -> C:
    """
    Give an image Docker's media types: its manifest, its configuration, its layers.

    Every image of an index is converted, and the index itself. No byte of a
    configuration or layer changes, and none is opened. Annotations and subject stay,
    though Docker's own manifests have none. What has no counterpart stays OCI's.
    """
    return _converted(content, media.to_docker)


def oci(content: C) -> C:
    """
    Give an image OCI's media types: its manifest, its configuration, its layers.

    Every image of an index is converted, and the index itself. No byte of a
    configuration or layer changes, and none is opened.

    >>> from ocikit.content.blob import of_bytes
    >>> from ocikit.spec.document import make
    >>> from ocikit.spec.manifest import Manifest
    >>> config = of_bytes(b"{}", media.DOCKER_CONFIG)
    >>> manifest = Manifest(media_type=media.DOCKER_MANIFEST, config=config.descriptor)
    >>> oci(Image(document=make(manifest), config=config, layers=())).config.media_type
    'application/vnd.oci.image.config.v1+json'
    """
    return _converted(content, media.to_oci)


def _converted(content: C, named: Callable[[str], str]) -> C:
    if isinstance(content, Image):
        return cast("C", _image(content, named))

    def image(each: Image) -> Image:
        return _image(each, named)

    def index(each: Index) -> Index:
        new = named(each.media_type)
        return each if new == each.media_type else retyped_index(each, new)

    return cast("C", map_tree(content, image, index, None, "relink", {}))


def _image(image: Image, named: Callable[[str], str]) -> Image:
    new = named(image.media_type)
    return rebuild(
        image,
        config=retyped(image.config, named(image.config.media_type)),
        layers=tuple(_layer(layer, named) for layer in image.layers),
        # A manifest that does not say what it is need not begin to.
        media_type=None if new == image.media_type else new,
    )


def _layer(layer: Layer, named: Callable[[str], str]) -> Layer:
    if not media.is_layer(layer.media_type):
        return layer
    return evolve(layer, blob=retyped(layer.blob, named(layer.media_type)))
