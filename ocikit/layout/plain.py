"""
Plain directories of one image or index, as skopeo's `dir:` has them.

`manifest.json` is the document, `HEX` a blob, `HEX.manifest.json` the document of a
child; `version` says what this is. Nothing says what `manifest.json` is, nor what its
digest should be: the former is told from what it has in it, as others do.
"""

from __future__ import annotations

import os
from typing import Any, Final

import attrs

from ocikit import media, platforms
from ocikit._records import record
from ocikit._regex import regex
from ocikit.content.assemble import Source, assemble
from ocikit.content.blob import Blob
from ocikit.content.image import Content
from ocikit.digest import Digest
from ocikit.errors import Missing, Unsupported
from ocikit.files.opener import FileMissing, FileOpener
from ocikit.layout.store import bounded
from ocikit.platforms import Platform
from ocikit.query.select import resolve
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import MAX_MANIFEST, DocumentTooLarge

VERSION_FILE: Final = "version"
MANIFEST_FILE: Final = "manifest.json"
#: As skopeo writes it, to the byte.
VERSION: Final = b"Directory Transport Version: 1.1\n"
_KNOWN: Final = regex(rb"Directory Transport Version: 1\.[0-9]+\s*")
_MAX_VERSION: Final = 4 << 10


@attrs.frozen(kw_only=True)
class NotADirectory(Missing):
    """
    What should be a plain directory of an image has no `manifest.json`.
    """

    path: str

    def __str__(self) -> str:
        return f"{self.path}: not a directory of an image: there is no {MANIFEST_FILE}"


@attrs.frozen(kw_only=True)
class DirectoryVersionUnknown(Unsupported):
    """
    A plain directory is of a version that did not exist when this was written.
    """

    path: str
    version: str

    def __str__(self) -> str:
        return f"{self.path}: says {self.version!r}; only version 1.x is known"


def blob_in(root: str, digest: Digest) -> str:
    """
    Give the path of a blob in a plain directory.

    >>> blob_in("d", Digest("sha256", "0" * 64))[:5]
    'd/000'
    """
    return os.path.join(root, digest.hex)


def child_in(root: str, digest: Digest) -> str:
    """
    Give the path of the document of an index's child in a plain directory.

    >>> child_in("d", Digest("sha256", "0" * 64))[-17:]
    '000.manifest.json'
    """
    return os.path.join(root, f"{digest.hex}.{MANIFEST_FILE}")


def load_plain(path: str | os.PathLike[str], *, platform: str | Platform | None = None) -> Content:
    """
    Load the image or index of a plain directory.

    Manifests are read now, blobs when they are opened, and verified. Signatures are left
    aside.

    Args:
        path: the directory.
        platform: of an index, the image for this platform; without it an index stays
            an index.

    Raises:
        NotADirectory: it is none.
        DirectoryVersionUnknown: it is of another time.
        PlatformMissing: an index has no image for the platform.
        JSONInvalid, ManifestAmbiguous: it is damaged.

    >>> import tempfile
    >>> from ocikit.content import empty
    >>> from ocikit.layout.plain_flush import flush_plain
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     flush_plain(folder, empty.IMAGE)
    ...     load_plain(folder) == empty.IMAGE
    True
    """
    wanted = platforms.parse(platform) if isinstance(platform, str) else platform
    root = os.path.abspath(path)
    check_version(root)
    try:
        raw = read_in(root, MANIFEST_FILE, MAX_MANIFEST)
    except FileMissing as error:
        raise NotADirectory(path=root) from error
    descriptor = Descriptor(media_type=kind_of(raw), digest=Digest.of(raw), size=len(raw))
    return resolve(assemble(raw, descriptor, _source(root)), wanted)


def check_version(root: str) -> bool:
    """
    Tell whether a folder is marked as a plain directory, of a version that we know.

    Raises:
        DirectoryVersionUnknown: it is of another.
    """
    try:
        raw = read_in(root, VERSION_FILE, _MAX_VERSION)
    except FileMissing:
        return False
    if not _KNOWN.fullmatch(raw):
        said = raw.decode(errors="replace").strip()
        raise DirectoryVersionUnknown(path=root, version=said)
    return True


def read_in(root: str, name: str, limit: int) -> bytes:
    """
    Read a small file of a folder; links are not followed.
    """
    path = os.path.join(root, name)
    with FileOpener(path, follow=False).open() as stream:
        return bounded(stream, path, limit)


def kind_of(raw: bytes) -> str:
    """
    Tell the media type of a document from what it has in it.

    >>> kind_of(b'{"schemaVersion":2,"manifests":[]}')
    'application/vnd.oci.image.index.v1+json'

    Raises:
        JSONInvalid: it is no JSON.
    """
    from ocikit.spec.gojson import loads

    found: Any = loads(raw, "manifest")
    said = found if isinstance(found, dict) else {}
    if isinstance(said.get("mediaType"), str) and said["mediaType"]:
        return str(said["mediaType"])
    if said.get("schemaVersion") == 1:
        return media.DOCKER_SCHEMA1_SIGNED if "signatures" in said else media.DOCKER_SCHEMA1
    if "manifests" in said:
        return media.OCI_INDEX
    config = said.get("config")
    is_docker = isinstance(config, dict) and config.get("mediaType") == media.DOCKER_CONFIG
    return media.DOCKER_MANIFEST if is_docker else media.OCI_MANIFEST


@record
class PlainChild:
    """
    A child of an index, in a plain directory.
    """

    root: str
    descriptor: Descriptor

    def open(self) -> Content:
        """
        Load it; its own content stays unopened.
        """
        descriptor = self.descriptor
        if not media.is_manifest(descriptor.media_type):
            opener = FileOpener(blob_in(self.root, descriptor.digest), follow=False)
            return Blob(descriptor=descriptor, opener=opener)
        if descriptor.size > MAX_MANIFEST:
            what = f"manifest {descriptor.digest}"
            raise DocumentTooLarge(what=what, size=descriptor.size, limit=MAX_MANIFEST)
        opener = FileOpener(child_in(self.root, descriptor.digest), follow=False)
        raw = Blob(descriptor=descriptor, opener=opener).content
        return assemble(raw, descriptor, _source(self.root))


def _source(root: str) -> Source:
    return Source(
        blob=lambda inner: FileOpener(blob_in(root, inner.digest), follow=False),
        child=lambda child: PlainChild(root, child),
    )
