"""
The OCI layout that an archive may hold: exact manifests, whatever else it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from ocikit._records import record
from ocikit.content.assemble import Source, assemble
from ocikit.content.image import Content, Image, Index
from ocikit.content.streams import Opener
from ocikit.digest import Digest
from ocikit.errors import OciError
from ocikit.query.entries import FULL_NAME, pick
from ocikit.query.walk import MAX_NESTING
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import MAX_MANIFEST, Document
from ocikit.spec.layout import INDEX_FILE
from ocikit.spec.manifest import IndexManifest
from ocikit.tarball.archive import AbsentOpener, Archive, Member, MemberMissing


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

    Blobs need not be there: who opens one is told.

    Raises:
        MemberMissing: its document is not there.
        DigestMismatch, SizeMismatch: it is another.
    """

    def blob(wanted: Descriptor) -> Opener:
        name = blob_name(wanted.digest)
        return archive.open(name) if name in archive else AbsentOpener(archive.path, name)

    def child(wanted: Descriptor) -> ArchiveChild:
        return ArchiveChild(archive, wanted)

    name = blob_name(descriptor.digest)
    if name not in archive:
        raise MemberMissing(path=archive.path, name=name)
    raw = archive.read(name, MAX_MANIFEST)
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


Key: TypeAlias = tuple[Digest, tuple[Member, ...]]


@record
class Exact:
    """
    The whole images of the layout inside an archive, by what they are made of.
    """

    #: Images of one configuration and the same layers, each with its name in the index.
    images: dict[Key, list[tuple[str, Image]]]

    def find(self, key: Key, tags: tuple[str, ...]) -> Image | None:
        """
        Give the image that is made of this; of several the one that has one of the tags.
        """
        found = self.images.get(key)
        if found is None:
            return None
        return next((image for name, image in found if name in tags), found[-1][1])


def exact_images(archive: Archive) -> Exact:
    """
    Index the whole images of the layout inside.

    Images of which something is missing (another platform's, say) are left out.
    """
    images: dict[Key, list[tuple[str, Image]]] = {}
    listed = index_of(archive).value.manifests if INDEX_FILE in archive else ()
    for descriptor in listed:
        name = descriptor.annotations.get(FULL_NAME, "")
        for image in _images(archive, descriptor, 0):
            layers = tuple(archive.member(blob_name(layer.digest)) for layer in image.layers)
            images.setdefault((image.config.digest, layers), []).append((name, image))
    return Exact(images)


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
