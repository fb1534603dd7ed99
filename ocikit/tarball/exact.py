"""
The OCI layout that an archive may hold: exact manifests, whatever else it says.
"""

from __future__ import annotations

from collections.abc import Iterator

from ocikit._records import record
from ocikit.content.assemble import Source, assemble
from ocikit.content.image import Content, Image, Index
from ocikit.content.streams import Opener
from ocikit.digest import Digest
from ocikit.errors import OciError
from ocikit.query.entries import pick
from ocikit.query.walk import MAX_NESTING
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import MAX_MANIFEST, Document
from ocikit.spec.layout import INDEX_FILE
from ocikit.spec.manifest import IndexManifest
from ocikit.tarball.archive import Archive


def blob_name(digest: Digest) -> str:
    """
    Give the path of a blob in a layout (image-layout.md, "Blobs").
    """
    return f"blobs/{digest.algorithm}/{digest.hex}"


@record
class ArchiveChild:
    """
    A child of an index whose blob lies in an archive.
    """

    archive: Archive
    descriptor: Descriptor

    def open(self) -> Content:
        """
        Load the child.
        """
        return content_of(self.archive, self.descriptor)


def content_of(archive: Archive, descriptor: Descriptor) -> Content:
    """
    Load what a descriptor names from the layout inside an archive.

    Raises:
        ArchiveInvalid: its blob is not there.
        DigestMismatch, SizeMismatch: it is another.
    """

    def blob(wanted: Descriptor) -> Opener:
        return archive.open(blob_name(wanted.digest))

    def child(wanted: Descriptor) -> ArchiveChild:
        return ArchiveChild(archive, wanted)

    raw = archive.read(blob_name(descriptor.digest), MAX_MANIFEST)
    return assemble(raw, descriptor, Source(blob=blob, child=child))


def index_of(archive: Archive) -> Document[IndexManifest]:
    """
    Read the index of the layout inside an archive.
    """
    return Document(raw=archive.read(INDEX_FILE, MAX_MANIFEST), kind=IndexManifest)


def load_oci_entry(archive: Archive, name: str | None, position: int | None) -> Content:
    """
    Load one entry of the layout inside an archive.

    Raises:
        EntryMissing: there is no such entry.
        ArchiveInvalid: the archive holds no layout.
    """
    entries = index_of(archive).value.manifests
    return content_of(archive, pick(entries, archive.path, name, position))


def exact_images(archive: Archive) -> dict[tuple[Digest, int], Image]:
    """
    Index the whole images of the layout inside, by configuration and count of layers.

    Images of which something is missing (another platform's, say) are left out.
    """
    if INDEX_FILE not in archive:
        return {}
    listed = index_of(archive).value.manifests
    found = (image for descriptor in listed for image in _images(archive, descriptor, 0))
    return {(image.config.digest, len(image.layers)): image for image in found}


def _images(archive: Archive, descriptor: Descriptor, depth: int) -> Iterator[Image]:
    try:
        content = content_of(archive, descriptor)
    except OciError:
        # The archive is read by its manifest.json; this is only a better copy.
        return
    if isinstance(content, Image) and _whole(content, archive):
        yield content
    elif isinstance(content, Index) and depth < MAX_NESTING:
        for child in content.children:
            yield from _images(archive, child.descriptor, depth + 1)


def _whole(image: Image, archive: Archive) -> bool:
    blobs = [image.config, *(layer.blob for layer in image.layers)]
    return all(blob_name(blob.digest) in archive for blob in blobs)
