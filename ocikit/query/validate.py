"""
Validation: everything that is wrong with content, not the first thing only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from ocikit import media
from ocikit.content.blob import Blob
from ocikit.content.image import Child, Content, Image, Index
from ocikit.content.layer import Layer
from ocikit.digest import Digest
from ocikit.query.documents import (
    document_findings,
    failed,
    flavour_findings,
    platform_findings,
    read_config,
)
from ocikit.query.finding import FAILURES, Finding, Severity, below
from ocikit.query.layer_bytes import (
    Reading,
    link_findings,
    read_blob,
    read_layer,
    taken_findings,
)
from ocikit.query.walk import MAX_NESTING
from ocikit.spec.attestation import is_attestation
from ocikit.spec.config import ConfigFile
from ocikit.spec.descriptor import Descriptor

#: Tells whether content is there, without opening it.
Exists: TypeAlias = Callable[[Descriptor], bool]

_ABOUT = "vnd.docker.reference.digest"


def validate(
    content: Content, *, deep: bool = True, exists: Exists | None = None
) -> tuple[Finding, ...]:
    """
    Find everything that is wrong with an image, an index or a blob.

    Documents are read and compared with what they refer to; the children of an index
    are loaded. What cannot be opened becomes a finding, so that it hides no other. Each
    blob is read once, however often it is listed.

    Args:
        content: what is looked at.
        deep: whether blobs are opened too: digests, sizes and diff IDs are computed,
            layers decompressed and their tar entries read, configurations parsed.
        exists: without `deep`, tells whether a blob or child is there. Children that are
            not are not loaded.

    Returns:
        The findings in the order of the content; none when all is well. Only those of
        severity "error" mean that the content is not what it says it is.

    >>> from ocikit.content.blob import of_bytes
    >>> validate(of_bytes(b"{}", "application/json"))
    ()
    """
    return tuple(_Validation(deep, exists).content(content, "", MAX_NESTING))


class _Validation:
    """
    One run over content; remembers what was read of each blob.
    """

    def __init__(self, deep: bool, exists: Exists | None) -> None:
        self._deep = deep
        self._exists = exists
        self._files: dict[Digest, ConfigFile] = {}
        self._read: dict[tuple[Digest, int, str, Digest | None], Reading] = {}

    def content(self, content: Content, where: str, nesting: int) -> Iterator[Finding]:
        try:
            if isinstance(content, Image):
                yield from self._image(content, where)
            elif isinstance(content, Index):
                yield from self._index(content, where, nesting)
            else:
                yield from self._blob(content, where)
        except FAILURES as error:
            yield from failed(where, error)

    def _image(self, image: Image, where: str) -> Iterator[Finding]:
        manifest = image.manifest
        yield from document_findings(manifest, image.media_type, where)
        listed = (manifest.config, *manifest.layers)
        parts = (image.config, *(layer.blob for layer in image.layers))
        if [_key(said) for said in listed] != [_key(blob.descriptor) for blob in parts]:
            yield Finding(Severity.ERROR, where, "its blobs are not those that its manifest lists")
        here = below(where, "config")
        if self._deep and media.is_config(image.config.media_type):
            found, file = read_config(image, here)
            if file is not None:
                self._files[image.config.digest] = file
            yield from found
        else:
            yield from self._blob(image.config, here)
        yield from self._layers(image, where)

    def _layers(self, image: Image, where: str) -> Iterator[Finding]:
        file = self._files.get(image.config.digest)
        diff_ids = () if file is None else file.rootfs.diff_ids
        runnable = media.is_config(image.config.media_type)
        readings: list[Reading] = []
        whole = True
        for position, layer in enumerate(image.layers):
            here = below(where, f"layer {position + 1}")
            if runnable:
                yield from flavour_findings(layer.media_type, image.media_type, here)
            known = diff_ids[position] if position < len(diff_ids) else None
            if not media.is_layer(layer.media_type):
                yield from self._blob(layer.blob, here)
                whole = False
                continue
            reading = self._layer(layer, known)
            yield from self._layer_findings(layer, reading, here)
            whole = whole and reading is not None and _is_whole(layer, reading)
            if reading is not None and whole:
                yield from taken_findings([each.names for each in readings], reading.taken, here)
                readings.append(reading)
        if whole and any(reading.loose_links for reading in readings):
            yield from link_findings(image.layers, where)

    def _layer(self, layer: Layer, diff_id: Digest | None) -> Reading | None:
        if not self._deep:
            return None
        key = (layer.digest, layer.size, layer.media_type, diff_id)
        if key not in self._read:
            self._read[key] = read_layer(layer, diff_id)
        return self._read[key]

    def _layer_findings(
        self, layer: Layer, reading: Reading | None, where: str
    ) -> Iterator[Finding]:
        if media.is_foreign(layer.media_type):
            yield Finding(Severity.NOTE, where, f"{layer.media_type} is not to be distributed")
        if reading is None:
            yield from self._existence(layer.descriptor, where)
        else:
            yield from (Finding(p.severity, where, p.message) for p in reading.problems)

    def _blob(self, blob: Blob, where: str) -> Iterator[Finding]:
        if not self._deep:
            yield from self._existence(blob.descriptor, where)
            return
        key = (blob.digest, blob.size, "", None)
        if key not in self._read:
            self._read[key] = Reading(read_blob(blob))
        yield from (Finding(p.severity, where, p.message) for p in self._read[key].problems)

    def _existence(self, descriptor: Descriptor, where: str) -> Iterator[Finding]:
        if self._exists is None or self._exists(descriptor):
            return
        if media.is_foreign(descriptor.media_type):
            yield Finding(Severity.NOTE, where, "it is not here")
        else:
            yield Finding(Severity.ERROR, where, f"{descriptor.digest} is not there")

    def _index(self, index: Index, where: str, nesting: int) -> Iterator[Finding]:
        if nesting < 1:
            yield Finding(Severity.ERROR, where, f"more than {MAX_NESTING} indexes in one another")
            return
        yield from document_findings(index.manifest, index.media_type, where)
        if tuple(child.descriptor for child in index.children) != index.manifest.manifests:
            yield Finding(Severity.ERROR, where, "its children are not those that it lists")
        listed = {str(child.descriptor.digest) for child in index.children}
        for position, child in enumerate(index.children, 1):
            here = below(where, _name(child, position))
            about = child.descriptor.annotations.get(_ABOUT)
            if about is not None and about not in listed:
                yield Finding(Severity.WARNING, here, f"it is about {about}, which is not listed")
            yield from self._child(child, here, nesting - 1)

    def _child(self, child: Child, where: str, nesting: int) -> Iterator[Finding]:
        said = child.descriptor
        if not self._deep and self._exists is not None and not self._exists(said):
            yield Finding(Severity.ERROR, where, f"{said.digest} is not there")
            return
        try:
            content = child.content
        except FAILURES as error:
            yield from failed(where, error)
            return
        if _key(content.descriptor) != _key(said):
            reason = f"{content.media_type} {content.digest} came where {said.digest} is listed"
            yield Finding(Severity.ERROR, where, reason)
        if isinstance(content, Blob):
            yield Finding(Severity.NOTE, where, f"{said.media_type} is no image and no index")
        yield from self.content(content, where, nesting)
        if isinstance(content, Image) and not is_attestation(child.descriptor):
            file = self._files.get(content.config.digest)
            yield from platform_findings(said.platform, file, where)


def _is_whole(layer: Layer, reading: Reading) -> bool:
    # A foreign layer may be elsewhere.
    errors = any(problem.severity == Severity.ERROR for problem in reading.problems)
    return not errors and not media.is_foreign(layer.media_type)


def _key(descriptor: Descriptor) -> tuple[Digest, int, str]:
    return descriptor.digest, descriptor.size, descriptor.media_type


def _name(child: Child, position: int) -> str:
    platform = child.descriptor.platform
    if platform is None or is_attestation(child.descriptor):
        return f"child {position}"
    return str(platform)
