"""
Whole content of half-known: documents are made for layers, children and files.
"""

from __future__ import annotations

from collections.abc import Iterable

from ocikit import media
from ocikit._records import EMPTY, FrozenMap, evolve
from ocikit.content import empty
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.image import Child, Content, Image, Index, Loaded
from ocikit.content.layer import Layer
from ocikit.spec.config import ConfigFile
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import make
from ocikit.spec.manifest import IndexManifest, Manifest


def describe(content: Content) -> Descriptor:
    """
    Describe content as an index lists it: with its platform, or the artifact it is.

    The configuration of an image is read for its platform.
    """
    described = content.descriptor
    if isinstance(content, Blob):
        return described
    if isinstance(content, Image) and media.is_config(content.config.media_type):
        return evolve(
            described, platform=content.platform, artifact_type=content.manifest.artifact_type
        )
    return evolve(described, artifact_type=content.artifact_type)


def image_of(
    config: ConfigFile,
    layers: Iterable[Layer] = (),
    *,
    docker: bool = False,
    annotations: FrozenMap[str, str] = EMPTY,
    subject: Descriptor | None = None,
) -> Image:
    """
    Make an image of a configuration and layers.

    The diff IDs of the configuration become those of the layers; its history is left as
    it is. Layers keep their media types.

    Args:
        config: what the image is run with; `ConfigFile()` where nothing is known.
        layers: lowest first.
        docker: whether manifest and configuration have Docker's media types.
        annotations: of the manifest.
        subject: the manifest that this image is about.

    >>> str(image_of(ConfigFile(os="linux", architecture="arm64")).platform)
    'linux/arm64'
    """
    listed = tuple(layers)
    rootfs = evolve(config.rootfs, diff_ids=tuple(layer.diff_id for layer in listed))
    config_type = media.DOCKER_CONFIG if docker else media.OCI_CONFIG
    blob = of_bytes(make(evolve(config, rootfs=rootfs)).raw, config_type)
    manifest_type = media.DOCKER_MANIFEST if docker else media.OCI_MANIFEST
    manifest = Manifest(
        media_type=manifest_type,
        config=blob.descriptor,
        layers=tuple(layer.descriptor for layer in listed),
        annotations=annotations,
        subject=subject,
    )
    return Image(document=make(manifest, manifest_type), config=blob, layers=listed)


def artifact(
    artifact_type: str,
    files: Iterable[Blob] = (),
    *,
    config: Blob = empty.BLOB,
    annotations: FrozenMap[str, str] = EMPTY,
    subject: Descriptor | None = None,
) -> Image:
    """
    Make an artifact of files (manifest.md, "Guidelines for Artifact Usage").

    One without files lists the empty blob, since a manifest should have a layer.

    Args:
        artifact_type: the media type that says what this is.
        files: any blobs, in order.
        config: anything that is not an image configuration.
        annotations: of the manifest.
        subject: the manifest that this artifact is about.

    >>> artifact("text/plain", [of_bytes(b"hello", "text/plain")]).artifact_type
    'text/plain'
    """
    listed = tuple(files) or (empty.BLOB,)
    manifest = Manifest(
        media_type=media.OCI_MANIFEST,
        config=_inline(config),
        layers=tuple(_inline(blob) for blob in listed),
        annotations=annotations,
        subject=subject,
        artifact_type=artifact_type,
    )
    return Image(
        document=make(manifest, media.OCI_MANIFEST),
        config=config,
        layers=tuple(Layer(blob=blob) for blob in listed),
    )


def _inline(blob: Blob) -> Descriptor:
    # So that readers need not ask for two bytes that everybody knows.
    known = blob.descriptor == empty.BLOB.descriptor
    return evolve(blob.descriptor, data=empty.BLOB.content) if known else blob.descriptor


def index_of(
    children: Iterable[Child | Content],
    *,
    docker: bool = False,
    annotations: FrozenMap[str, str] = EMPTY,
    subject: Descriptor | None = None,
    artifact_type: str = "",
) -> Index:
    """
    Make an index of children.

    Args:
        children: content, described by `describe`, or a `Child` whose descriptor is
            listed as it is.
        docker: whether this is a Docker manifest list.
        annotations: of the index.
        subject: the manifest that this index is about.
        artifact_type: what this is if not an ordinary index.

    >>> index = index_of([image_of(ConfigFile(os="linux", architecture="arm64"))])
    >>> str(index.manifest.manifests[0].platform)
    'linux/arm64'
    """
    listed = tuple(
        each
        if isinstance(each, Child)
        else Child(descriptor=describe(each), opener=Loaded(content=each))
        for each in children
    )
    media_type = media.DOCKER_MANIFEST_LIST if docker else media.OCI_INDEX
    manifest = IndexManifest(
        media_type=media_type,
        manifests=tuple(child.descriptor for child in listed),
        annotations=annotations,
        subject=subject,
        artifact_type=artifact_type,
    )
    return Index(document=make(manifest, media_type), children=listed)
