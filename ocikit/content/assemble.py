"""
Content from a document's bytes and a way to open what it refers to.

Every place that loads does it through here, so that one reading of a document holds
everywhere: what is ambiguous is refused (image-spec, manifest.md; CVE-2021-41190).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import attrs

from ocikit import media
from ocikit._records import record
from ocikit.content.blob import Blob
from ocikit.content.image import Child, Content, ContentOpener, Image, Index
from ocikit.content.layer import DiffIDs, Layer
from ocikit.content.streams import BytesOpener, Opener
from ocikit.content.verify import check
from ocikit.digest import Digest
from ocikit.errors import Corrupt
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import MAX_MANIFEST, Document, DocumentTooLarge
from ocikit.spec.manifest import IndexManifest, Manifest

if TYPE_CHECKING:
    from ocikit.name.records import Repository

#: How many layers, or children, a document may refer to.
MAX_PARTS: Final = 10_000


@attrs.frozen(kw_only=True)
class ManifestAmbiguous(Corrupt):
    """
    A document can be read as two different things.
    """

    digest: Digest
    reason: str

    def __str__(self) -> str:
        return f"manifest {self.digest}: {self.reason}; refused, for two readers may differ"


@attrs.frozen(kw_only=True)
class TooManyParts(Corrupt):
    """
    A manifest or index refers to more than any honest one does.
    """

    digest: Digest
    count: int
    limit: int

    def __str__(self) -> str:
        return f"manifest {self.digest} refers to {self.count} parts, more than {self.limit}"


@record(kw_only=True)
class Source:
    """
    Where the content that documents refer to is opened.
    """

    blob: Callable[[Descriptor], Opener]
    child: Callable[[Descriptor], ContentOpener]
    origin: Repository | None = None


def assemble(raw: bytes, descriptor: Descriptor, source: Source) -> Content:
    """
    Make an image, an index or a blob of a document's bytes.

    Args:
        raw: the bytes; checked against the descriptor.
        descriptor: what they are; its media type decides what they become.
        source: opens blobs and children by descriptor.

    Raises:
        DigestMismatch, SizeMismatch: the bytes are others.
        DocumentTooLarge: more than 4 MiB.
        TooManyParts: they refer to more than 10,000 others.
        ManifestAmbiguous: the bytes can be read as something else too.
        JSONInvalid: they are not such a document.
    """
    if len(raw) > MAX_MANIFEST:
        what = f"manifest {descriptor.digest}"
        raise DocumentTooLarge(what=what, size=len(raw), limit=MAX_MANIFEST)
    check(raw, descriptor)
    kind = descriptor.media_type
    if media.is_image(kind):
        return _image(_document(raw, descriptor, Manifest), source)
    if media.is_index(kind):
        return _index(_document(raw, descriptor, IndexManifest), source)
    return Blob(descriptor=descriptor, opener=BytesOpener(raw), origin=source.origin)


def _document(raw: bytes, descriptor: Descriptor, kind: type[Any]) -> Document[Any]:
    document = Document(
        raw=raw,
        kind=kind,
        media_type=descriptor.media_type,
        algorithm=descriptor.digest.algorithm,
    )
    value = document.value
    parts = value.layers if kind is Manifest else value.manifests
    if len(parts) > MAX_PARTS:
        raise TooManyParts(digest=descriptor.digest, count=len(parts), limit=MAX_PARTS)
    said = value.media_type
    if said and said != descriptor.media_type:
        reason = f"says it is {said!r} but was served as {descriptor.media_type!r}"
        raise ManifestAmbiguous(digest=descriptor.digest, reason=reason)
    # In any case: Go takes "Layers" for "layers".
    foreign = {"fslayers"} | ({"manifests"} if kind is Manifest else {"config", "layers"})
    both = [name for name in value.extra if name.casefold() in foreign]
    if both:
        reason = f"has {both[0]!r} beside the members of {descriptor.media_type!r}"
        raise ManifestAmbiguous(digest=descriptor.digest, reason=reason)
    return document


def _image(document: Document[Manifest], source: Source) -> Image:
    manifest = document.value

    def blob(descriptor: Descriptor) -> Blob:
        return Blob(descriptor=descriptor, opener=source.blob(descriptor), origin=source.origin)

    config = blob(manifest.config)
    listed = None
    if media.is_config(manifest.config.media_type):
        listed = DiffIDs(config, len(manifest.layers))
    layers = tuple(
        Layer(blob=blob(descriptor), listed=listed, position=position)
        for position, descriptor in enumerate(manifest.layers)
    )
    return Image(document=document, config=config, layers=layers)


def _index(document: Document[IndexManifest], source: Source) -> Index:
    children = tuple(
        Child(descriptor=descriptor, opener=source.child(descriptor))
        for descriptor in document.value.manifests
    )
    return Index(document=document, children=children)
