"""
Where the parts of a layout are: in a folder here, in an archive elsewhere.
"""

from __future__ import annotations

import os
import shlex
from typing import Final, Protocol

import attrs

from ocikit import media
from ocikit._records import record
from ocikit.content.assemble import Source, assemble
from ocikit.content.blob import Blob
from ocikit.content.image import Child, Content, Index
from ocikit.content.streams import Opener, Stream
from ocikit.digest import Digest
from ocikit.errors import Corrupt, Missing, Unsupported
from ocikit.files.opener import FileOpener
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import MAX_MANIFEST, Document, DocumentTooLarge, read
from ocikit.spec.layout import INDEX_FILE, MARKER_FILE, LayoutMarker
from ocikit.spec.manifest import IndexManifest

BLOBS: Final = "blobs"
#: The largest `index.json` that is read, in bytes: some 200,000 entries.
MAX_INDEX: Final = 64 << 20
_MAX_MARKER: Final = 64 << 10


@attrs.frozen(kw_only=True)
class NotALayout(Missing):
    """
    What should be an OCI layout has no `index.json`.
    """

    where: str

    def __str__(self) -> str:
        return f"{self.where}: not an OCI layout: there is no {INDEX_FILE}"


@attrs.frozen(kw_only=True)
class IndexDamaged(Corrupt):
    """
    The index of a layout cannot be read; nobody writes over it, for it may be mended.
    """

    where: str
    reason: str

    def __str__(self) -> str:
        return (
            f"{self.where}/{INDEX_FILE} is damaged, and left as it is: {self.reason}; list again "
            f"what the layout holds with `ocikit layout fsck --rebuild {shlex.quote(self.where)}`"
        )


@attrs.frozen(kw_only=True)
class LayoutVersionUnknown(Unsupported):
    """
    A layout is of a version that did not exist when this was written.
    """

    where: str
    version: str

    def __str__(self) -> str:
        return f"{self.where}: OCI layout of version {self.version!r}; only 1.x is known"


class Store(Protocol):
    """
    A layout's parts, each opened as often as anyone likes.
    """

    @property
    def where(self) -> str:
        """
        What a person calls it.
        """
        ...

    def part(self, name: str) -> Opener | None:
        """
        Give the opener of a file at the top of the layout; None when there is none.
        """
        ...

    def blob(self, digest: Digest) -> Opener:
        """
        Give the opener of a blob, which may be missing.
        """
        ...


def _absolute(path: str | os.PathLike[str]) -> str:
    # Openers outlive a change of the working folder.
    return os.path.abspath(path)


@record
class FolderStore:
    """
    A layout in a folder. Links in it are not followed: they could lead anywhere.
    """

    path: str = attrs.field(converter=_absolute)

    @property
    def where(self) -> str:
        """
        The absolute path of the folder.
        """
        return self.path

    def part(self, name: str) -> Opener | None:
        """
        Give the opener of a file at the top of the layout; None when there is none.
        """
        path = os.path.join(self.path, name)
        return FileOpener(path, follow=False) if os.path.lexists(path) else None

    def blob(self, digest: Digest) -> FileOpener:
        """
        Give the opener of a blob, which may be missing.
        """
        return FileOpener(blob_path(self.path, digest), follow=False)


def blob_path(root: str, digest: Digest) -> str:
    """
    Give the path of a blob in a layout's folder (image-layout.md, "Blobs").

    >>> blob_path("out", Digest("sha256", "0" * 64))[:17]
    'out/blobs/sha256/'
    """
    return os.path.join(root, BLOBS, digest.algorithm, digest.hex)


def read_index(store: Store) -> Document[IndexManifest]:
    """
    Read the root index of a layout, and see that its version is one that we know.

    Raises:
        NotALayout: there is none.
        LayoutVersionUnknown: the layout is of another version.
        IndexDamaged: it cannot be read.
        JSONInvalid: the marker is damaged.
    """
    index = store.part(INDEX_FILE)
    if index is None:
        raise NotALayout(where=store.where)
    check_marker(store)
    with index.open() as stream:
        raw = bounded(stream, f"{store.where}/{INDEX_FILE}", MAX_INDEX)
    document = read(raw, IndexManifest, media.OCI_INDEX)
    try:
        document.value  # noqa: B018
    except Corrupt as error:
        raise IndexDamaged(where=store.where, reason=str(error)) from error
    return document


def check_marker(store: Store) -> bool:
    """
    Tell whether the layout is marked as one, of a version that we know.

    Raises:
        LayoutVersionUnknown: it is of another.
    """
    marker = store.part(MARKER_FILE)
    if marker is None:
        return False
    with marker.open() as stream:
        raw = bounded(stream, f"{store.where}/{MARKER_FILE}", _MAX_MARKER)
    version = read(raw, LayoutMarker).value.version
    if version.split(".")[0] != "1":
        raise LayoutVersionUnknown(where=store.where, version=version)
    return True


def bounded(stream: Stream, what: str, limit: int) -> bytes:
    """
    Read a document whole.

    Raises:
        DocumentTooLarge: it is larger than `limit` bytes.
    """
    chunks: list[bytes] = []
    size = 0
    while chunk := stream.read(1 << 16):
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            raise DocumentTooLarge(what=what, size=size, limit=limit)
    return b"".join(chunks)


@record
class StoredContent:
    """
    A child of an index, in a layout.
    """

    store: Store
    descriptor: Descriptor

    def open(self) -> Content:
        """
        Load it; its own content stays unopened.
        """
        return load_content(self.store, self.descriptor)


def load_content(store: Store, descriptor: Descriptor) -> Content:
    """
    Load what a descriptor names; only its document is read, and verified.

    Raises:
        FileMissing: the layout does not hold it.
        DigestMismatch, SizeMismatch, JSONInvalid, ManifestAmbiguous: it is damaged.
    """
    blob = Blob(descriptor=descriptor, opener=store.blob(descriptor.digest))
    if not media.is_manifest(descriptor.media_type):
        return blob
    if descriptor.size > MAX_MANIFEST:
        what = f"manifest {descriptor.digest}"
        raise DocumentTooLarge(what=what, size=descriptor.size, limit=MAX_MANIFEST)
    source = Source(
        blob=lambda inner: store.blob(inner.digest),
        child=lambda child: StoredContent(store, child),
    )
    return assemble(blob.content, descriptor, source)


def root_index(store: Store) -> Index:
    """
    Give a layout's root index as content; its children are loaded one at a time.
    """
    document = read_index(store)
    children = tuple(
        Child(descriptor=descriptor, opener=StoredContent(store, descriptor))
        for descriptor in document.value.manifests
    )
    return Index(document=document, children=children)
