"""
Images and indexes anew, of documents in which only what was changed is changed.

Every mutation of this room goes through here, so that one place keeps the parts in
step: the manifest with its configuration and layers, the index with its children,
inline `data` with the content it repeats.
"""

from __future__ import annotations

from collections.abc import Callable

from ocikit import media
from ocikit._records import evolve
from ocikit.content.blob import Blob
from ocikit.content.image import Child, Content, Image, Index
from ocikit.content.layer import DiffIDs, Layer
from ocikit.content.streams import BytesOpener
from ocikit.spec.config import ConfigFile
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import edit
from ocikit.spec.manifest import Manifest


def rebuild(
    image: Image,
    manifest: Callable[[Manifest], Manifest] | None = None,
    *,
    config: Blob | None = None,
    layers: tuple[Layer, ...] | None = None,
    media_type: str | None = None,
) -> Image:
    """
    Give the image with another configuration, other layers, or a changed manifest.

    Args:
        image: what is changed; members that nobody touches stay as they were read.
        manifest: changes further members of the manifest.
        config: the new configuration, with its descriptor.
        layers: all layers of the result, lowest first.
        media_type: the new media type of the manifest.

    Nothing is opened. Where nothing changes the image itself is returned.
    """

    def change(old: Manifest) -> Manifest:
        new = old if manifest is None else manifest(old)
        if config is not None and config is not image.config:
            new = evolve(new, config=config.descriptor)
        if layers is not None:
            new = evolve(new, layers=tuple(layer.descriptor for layer in layers))
        return new if media_type is None else evolve(new, media_type=media_type)

    said = {} if media_type is None else {"media_type": media_type}
    document = edit(image.document, change, **said)
    if document == image.document and document.media_type == image.document.media_type:
        return image
    made = image.config if config is None else config
    kept = image.layers if layers is None else layers
    if made.digest != image.config.digest:
        kept = _listed_by(made, kept)
    return Image(document=document, config=made, layers=kept)


def reconfigure(image: Image, change: Callable[[ConfigFile], ConfigFile]) -> Blob:
    """
    Change what the configuration of an image says; hand the result to `rebuild`.

    The configuration is opened. Without a change it is given as it was.

    Raises:
        NotAnImage: this is an artifact.
    """
    old = image.config_document
    new = edit(old, change, algorithm=image.config.digest.algorithm)
    if new == old:
        return image.config
    said = image.manifest.config
    data = None if said.data is None else new.raw
    descriptor = evolve(said, digest=new.digest, size=new.size, data=data)
    return Blob(descriptor=descriptor, opener=BytesOpener(new.raw))


def retyped(blob: Blob, media_type: str) -> Blob:
    """
    Give the blob under another media type.
    """
    if blob.media_type == media_type:
        return blob
    return evolve(blob, descriptor=evolve(blob.descriptor, media_type=media_type))


def reassemble(index: Index, children: tuple[Child, ...]) -> Index:
    """
    Give the index with these children; the index itself when they are the same.
    """
    listed = tuple(child.descriptor for child in children)
    document = edit(index.document, lambda old: evolve(old, manifests=listed))
    same = all(new is old for new, old in zip(children, index.children, strict=False))
    if same and len(children) == len(index.children):
        return index
    return Index(document=document, children=children)


def redescribe(descriptor: Descriptor, content: Content) -> Descriptor:
    """
    Let a descriptor name other content; its further members stay.

    Inline `data` is renewed, or left out where the new content is not in memory.
    """
    raw = None if isinstance(content, Blob) else content.document.raw
    kind = "" if isinstance(content, Blob) else content.artifact_type
    return evolve(
        descriptor,
        media_type=content.media_type,
        digest=content.digest,
        size=content.size,
        data=None if descriptor.data is None else raw,
        artifact_type=descriptor.artifact_type and (kind or descriptor.artifact_type),
    )


def _listed_by(config: Blob, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    # The new configuration is at hand; the old one may have to be fetched again.
    if not media.is_config(config.media_type):
        return layers
    listed = DiffIDs(config, len(layers))
    return tuple(
        layer if layer.listed is None else evolve(layer, listed=listed, position=position)
        for position, layer in enumerate(layers)
    )
