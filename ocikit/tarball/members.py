"""
What an archive will consist of, member by member, known before a byte is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ocikit import media
from ocikit._records import FrozenMap, evolve, record
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.image import Content, Image, Index, NotAnImage
from ocikit.content.partial import describe
from ocikit.content.streams import BytesOpener
from ocikit.name.parse import parse_reference
from ocikit.query.entries import FULL_NAME
from ocikit.query.plan import PutBlob, PutManifest, plan
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.dockersave import SavedImage
from ocikit.spec.document import make
from ocikit.spec.gojson import dumps
from ocikit.spec.layout import INDEX_FILE, MARKER_FILE, REF_NAME, LayoutMarker
from ocikit.spec.manifest import IndexManifest
from ocikit.tarball.exact import blob_name
from ocikit.tarball.load import MANIFEST
from ocikit.tree.tarheader import BLOCK, FOLDER, header, padding

END: Final = bytes(2 * BLOCK)
_NOTHING: Final = of_bytes(b"", "")


@record(kw_only=True)
class File:
    """
    One member: its name, what is in it, and where its header begins in the archive.
    """

    name: str
    blob: Blob
    at: int = 0
    #: Whether it is a folder, with nothing in it.
    folder: bool = False

    @property
    def head(self) -> bytes:
        """
        Its header: a plain file of user 0, changed never, so that bytes repeat.
        """
        if self.folder:
            return header(self.name.encode(), FOLDER, mode=0o755)
        return header(self.name.encode(), size=self.blob.size)

    @property
    def end(self) -> int:
        """
        Where the next member begins.
        """
        return self.at + len(self.head) + self.blob.size + len(padding(self.blob.size))


@record(kw_only=True)
class Contents:
    """
    The members of an archive, at their places.
    """

    files: tuple[File, ...]

    @property
    def size(self) -> int:
        """
        The size of the archive in bytes.
        """
        return (self.files[-1].end if self.files else 0) + len(END)


def placed(files: Iterable[File]) -> Contents:
    """
    Put members one after the other.
    """
    row: list[File] = []
    for file in files:
        row.append(evolve(file, at=row[-1].end if row else 0))
    return Contents(files=tuple(row))


def layout_contents(entries: Sequence[tuple[Descriptor, Content]]) -> Contents:
    """
    Lay out an OCI archive: marker, blobs, index.
    """
    return placed(_layout(entries, ()))


def docker_contents(images: Sequence[tuple[tuple[str, ...], Image]]) -> Contents:
    """
    Lay out what `docker load` reads, which is an OCI layout as well.

    Docker reads `manifest.json`; the layout inside keeps the images' own manifests, so
    that nothing is lost for who reads it. Docker itself writes both since version 25.

    Raises:
        NotAnImage: one is an artifact, which Docker would take for an image.
    """
    for _, image in images:
        if not media.is_config(image.config.media_type):
            raise NotAnImage(digest=image.digest, config_type=image.config.media_type)
    ordered = sorted(images, key=lambda each: (each[0], str(each[1].digest)))
    entries = [
        (named(describe(image), tag), image) for tags, image in ordered for tag in tags or ("",)
    ]
    saved = [_saved(tags, image) for tags, image in ordered]
    manifest = of_bytes(dumps([_object(each) for each in saved]), "application/json")
    return placed(_layout(entries, [File(name=MANIFEST, blob=manifest)]))


def named(descriptor: Descriptor, name: str) -> Descriptor:
    """
    Annotate a descriptor with an image's full name, and with its tag.
    """
    if not name:
        return descriptor
    # containerd takes the name as it is: `debian:12` would be found by nobody.
    tag = name.rpartition(":")[2]
    said = {FULL_NAME: str(parse_reference(name, weak=True)), REF_NAME: tag}
    return evolve(descriptor, annotations=descriptor.annotations | said)


def _layout(
    entries: Sequence[tuple[Descriptor, Content]], further: Iterable[File]
) -> Iterator[File]:
    marker = of_bytes(make(LayoutMarker()).raw, "application/json")
    yield File(name=MARKER_FILE, blob=marker)
    blobs = {blob.digest: blob for _, content in entries for blob in _blobs(content)}
    # To describe an image its configuration was read: it need not come once more.
    for image in (content for _, content in entries if isinstance(content, Image)):
        if media.is_config(image.config.media_type):
            known = BytesOpener(image.config.content)
            blobs[image.config.digest] = evolve(image.config, opener=known)
    # Skopeo makes folders that are not listed as their owner's, which only root may.
    folders = sorted({f"blobs/{digest.algorithm}/" for digest in blobs})
    for name in ("blobs/", *folders):
        yield File(name=name, blob=_NOTHING, folder=True)
    for digest, blob in blobs.items():
        yield File(name=blob_name(digest), blob=blob)
    listed = IndexManifest(
        media_type=media.OCI_INDEX, manifests=tuple(descriptor for descriptor, _ in entries)
    )
    yield File(name=INDEX_FILE, blob=of_bytes(make(listed).raw, media.OCI_INDEX))
    yield from further


def _blobs(content: Content) -> Iterator[Blob]:
    for step in plan(content, foreign=True).steps:
        if isinstance(step, PutBlob):
            yield step.blob
        elif isinstance(step, PutManifest):
            yield document_blob(step.content)


def document_blob(content: Content) -> Blob:
    """
    Give a document as a blob.
    """
    if not isinstance(content, Image | Index):
        return content
    document = content.document
    return of_bytes(document.raw, content.media_type, document.algorithm)


def _saved(tags: tuple[str, ...], image: Image) -> SavedImage:
    return SavedImage(
        config=blob_name(image.config.digest),
        repo_tags=tags,
        layers=tuple(blob_name(layer.digest) for layer in image.layers),
        layer_sources=FrozenMap(
            {
                layer.diff_id: layer.descriptor
                for layer in image.layers
                if media.is_foreign(layer.media_type)
            }
        ),
    )


def _object(saved: SavedImage) -> dict[str, object]:
    from ocikit.spec.encode import unstructure

    return unstructure(saved)
