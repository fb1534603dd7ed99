"""
How images, indexes and layers look where code is tried out.

All comes from manifests, which are in memory: nothing is opened for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ocikit._notebook import bars, short, summary
from ocikit.sizes import counted, in_units

if TYPE_CHECKING:
    from ocikit._notebook import Fact
    from ocikit.content.image import Image, Index
    from ocikit.content.layer import Layer
    from ocikit.spec.descriptor import Descriptor


def image_facts(image: Image) -> Iterator[Fact]:
    """
    Tell of an image: what it is, and its layers.
    """
    yield "digest", short(image.digest)
    yield from _document(image)
    yield "layers", image.layers


def index_facts(index: Index) -> Iterator[Fact]:
    """
    Tell of an index: what it is, and what it lists.
    """
    yield "digest", short(index.digest)
    yield from _document(index)
    yield "manifests", index.manifest.manifests


def layer_facts(layer: Layer) -> Iterator[Fact]:
    """
    Tell of a layer: what its descriptor says, and what else is known.
    """
    yield "digest", short(layer.digest)
    yield "media_type", layer.media_type
    yield "size", layer.size
    if layer.known_diff_id is not None:
        yield "diff_id", short(layer.known_diff_id)


def _document(content: Image | Index) -> Iterator[Fact]:
    manifest = content.manifest
    yield "media_type", content.media_type
    if content.artifact_type:
        yield "artifact_type", content.artifact_type
    if manifest.annotations:
        yield "annotations", dict(manifest.annotations)
    if manifest.subject is not None:
        yield "subject", manifest.subject


def image_html(image: Image) -> str:
    """
    Write a table of an image, and its layers as bars.

    >>> from ocikit.content.empty import IMAGE
    >>> "0 layers" in image_html(IMAGE)
    True
    """
    layers = image.layers
    total = image.size + image.config.size + sum(layer.size for layer in layers)
    rows = [*_rows(image), ("size", f"{in_units(total)} in {counted(len(layers), 'layer')}")]
    sizes = [(short(layer.digest), layer.size) for layer in layers]
    return summary("Image", rows, *([bars(sizes)] if sizes else []))


def index_html(index: Index) -> str:
    """
    Write a table of an index: a row for each of its children.
    """
    children = [(_name(each), short(each.digest)) for each in index.manifest.manifests]
    return summary("Index", [*_rows(index), *children])


def layer_html(layer: Layer) -> str:
    """
    Write a table of a layer.
    """
    return summary("Layer", layer_facts(layer))


def _rows(content: Image | Index) -> Iterator[Fact]:
    yield "digest", content.digest
    for name, value in _document(content):
        if name == "annotations":
            yield from value.items()
        elif name == "subject":
            yield "about", short(value.digest)
        else:
            yield name.replace("_", " "), value


def _name(child: Descriptor) -> str:
    return str(child.platform or "") or child.artifact_type or child.media_type
