"""
Manifests are read strictly before they are kept: one digest has one meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ocikit import media
from ocikit._records import FrozenMap, record
from ocikit.digest import Digest
from ocikit.server.answers import RequestRefused
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.gojson import JSONInvalid, loads
from ocikit.spec.manifest import IndexManifest, Manifest


@record(kw_only=True)
class Checked:
    """
    What a registry has to know of a manifest.
    """

    #: Blobs that have to be there, and manifests.
    blobs: tuple[Descriptor, ...] = ()
    children: tuple[Descriptor, ...] = ()
    subject: Digest | None = None
    #: What it is listed as among the referrers of its subject.
    artifact_type: str = ""
    annotations: FrozenMap[str, str] = FrozenMap()


def check(data: bytes, media_type: str) -> Checked:
    """
    Read a manifest or index that was pushed as `media_type`.

    Raises:
        RequestRefused: it is none, it is of another type, or it can be read as both.
    """
    if not (media.is_image(media_type) or media.is_index(media_type)):
        raise _invalid(f"Content-Type {media_type[:80]!r} is not of a manifest or an index")
    try:
        value = loads(data, "manifest")
        wrong = next(_wrong(value, media_type), None)
        if wrong is not None:
            raise _invalid(wrong)
        return _index(value) if media.is_index(media_type) else _image(value)
    except JSONInvalid as error:
        raise _invalid(str(error)) from None


def _invalid(message: str) -> RequestRefused:
    return RequestRefused(status=400, code="MANIFEST_INVALID", message=message)


def _wrong(value: Any, media_type: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield "manifest: $: expected object"
        return
    if value.get("schemaVersion") != 2 or isinstance(value["schemaVersion"], bool):
        yield "manifest: $.schemaVersion: expected 2"
    told = value.get("mediaType")
    if told not in (None, "", media_type):
        yield f"manifest: $.mediaType: {told!r}, but it was pushed as {media_type}"
    # image-spec, manifest.md and image-index.md: an image has no `manifests`, an index
    # neither `config` nor `layers`; what has both means two things.
    foreign = ("config", "layers") if media.is_index(media_type) else ("manifests",)
    for name in (*foreign, "fsLayers"):
        if name in value:
            yield f"manifest: $.{name}: not in what is pushed as {media_type}"
    # Go writes an empty list as null.
    needed = ("manifests",) if media.is_index(media_type) else ("config", "layers")
    for name in needed:
        if name not in value:
            yield f"manifest: $.{name}: required member is missing"


def _image(value: Any) -> Checked:
    from ocikit.spec.converter import structure

    read = structure(value, Manifest, "manifest")
    layers = (layer for layer in read.layers if not media.is_foreign(layer.media_type))
    return Checked(
        blobs=(read.config, *layers),
        subject=None if read.subject is None else read.subject.digest,
        artifact_type=read.artifact_type or read.config.media_type,
        annotations=read.annotations,
    )


def _index(value: Any) -> Checked:
    from ocikit.spec.converter import structure

    read = structure(value, IndexManifest, "index")
    return Checked(
        children=read.manifests,
        subject=None if read.subject is None else read.subject.digest,
        artifact_type=read.artifact_type,
        annotations=read.annotations,
    )
