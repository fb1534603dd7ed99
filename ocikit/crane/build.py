"""
Verbs that make new images of old ones: append, mutate.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence

from ocikit import media
from ocikit.content.empty import IMAGE
from ocikit.content.image import Content, Image, Index
from ocikit.content.layer import Layer
from ocikit.crane.bases import BASE_DIGEST, BASE_NAME
from ocikit.crane.changed import changed
from ocikit.crane.located import locate
from ocikit.crane.options import Options
from ocikit.crane.places import load
from ocikit.mutate.attestations import Attestations
from ocikit.mutate.flavours import oci as to_oci
from ocikit.mutate.layers import append as put
from ocikit.mutate.members import annotations as annotate
from ocikit.name.locator import RegistryPlace
from ocikit.name.records import Tag


def append(
    base: str | None,
    layers: Sequence[Layer],
    options: Options,
    *,
    base_annotations: bool = False,
    oci: bool = False,
    created: str | None = None,
    created_by: str = "",
    attestations: Attestations | None = None,
) -> Image | Index:
    """
    Put layers on top of an image, or of every image of an index.

    On an image for Windows the layers' files are first moved to where Windows wants them.

    Args:
        base: what to build on, any place; None for the empty image.
        layers: lowest first.
        options: how to reach the base, and which of its platforms are wanted.
        base_annotations: record on each image which image it is built on.
        oci: make the empty base an OCI image rather than a Docker one.
        created: when the layers were made (RFC 3339), for the history.
        created_by: by what, likewise.
        attestations: what becomes of those of an index's images; None is "relink", and
            says so.

    Raises:
        PlaceUnsupported: the base is neither image nor index.

    >>> from ocikit.content.blob import of_bytes
    >>> layer = Layer(blob=of_bytes(bytes(1024), media.OCI_LAYER))
    >>> len(append(None, [layer], Options()).layers)
    1
    """
    content = _base(base, options, oci=oci)
    name = _name(base, options)

    @functools.cache
    def moved(layer: Layer, docker: bool) -> Layer:
        from ocikit.content.windows import for_windows

        return for_windows(layer, docker=docker)

    def appended(image: Image) -> Image:
        fitting: Iterable[Layer] = layers
        if _is_for_windows(image):
            docker = media.is_docker(image.media_type)
            fitting = [moved(layer, docker) for layer in layers]
        built = put(image, *fitting, created=created, created_by=created_by)
        if base is None or not base_annotations:
            return built
        return annotate(built, {BASE_DIGEST: str(image.digest), **name})

    return changed(content, [appended], base or "empty image", options, attestations)


def mutate(
    place: str,
    changes: Sequence[Callable[[Image], Image]],
    options: Options,
    *,
    attestations: Attestations | None = None,
) -> Image | Index:
    """
    Apply changes to an image, or to every image of an index.

    Args:
        place: any place.
        changes: the records of `ocikit.mutate.steps`, or functions, in order.
        options: how to reach it, and which of its platforms are wanted.
        attestations: what becomes of those of an index's images; None is "relink", and
            says so.

    Raises:
        PlaceUnsupported: it is neither image nor index.

    >>> from ocikit.mutate.steps import SetEnv
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> mutate(name, [SetEnv({"MODE": "prod"})], options).config_file.config.env
    ('MODE=prod',)
    """
    return changed(load(place, options), changes, place, options, attestations)


def _base(base: str | None, options: Options, *, oci: bool) -> Content:
    if base is not None:
        return load(base, options)
    options.notice("base unspecified, using empty image")
    return to_oci(IMAGE) if oci else IMAGE


def _is_for_windows(image: Image) -> bool:
    return media.is_config(image.config.media_type) and image.config_file.os == "windows"


def _name(base: str | None, options: Options) -> dict[str, str]:
    locator = locate(base, options) if base is not None else None
    if isinstance(locator, RegistryPlace) and isinstance(locator.reference, Tag):
        return {BASE_NAME: str(locator.reference)}
    return {}
