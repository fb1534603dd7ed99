"""
The index of a layout made anew of the manifests that it holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ocikit import media
from ocikit.content.blob import Blob
from ocikit.content.image import Image, Index
from ocikit.digest import Digest
from ocikit.errors import Corrupt, OciError
from ocikit.layout.index import Entries, named
from ocikit.layout.plain import kind_of
from ocikit.layout.store import FolderStore, load_content
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import MAX_MANIFEST
from ocikit.spec.layout import REF_NAME


def rebuilt(store: FolderStore, entries: Entries, whole: Iterable[tuple[Digest, int]]) -> Entries:
    """
    Give the entries that a layout's index should have, by what it holds.

    Entries whose document is there stay as they are. Manifests and indexes that no other
    lists are added, under the name that they give themselves by an annotation, if they
    do; else they have none.

    Args:
        store: the layout.
        entries: what its index lists, as far as that is known.
        whole: the blobs that it holds undamaged, with their sizes.
    """
    there = dict(whole)
    kept = [entry for entry in entries if there.get(entry.digest) == entry.size]
    found = dict(_documents(store, there))
    below = {digest for parts, _ in found.values() for digest in parts}
    below |= {entry.digest for entry in kept}
    names = {entry.annotations.get(REF_NAME) for entry in kept}
    for digest, (_, descriptor) in found.items():
        name = descriptor.annotations.get(REF_NAME)
        if digest not in below:
            kept.append(descriptor if name not in names else _unnamed(descriptor))
            names.add(name)
    return tuple(kept)


def _unnamed(descriptor: Descriptor) -> Descriptor:
    return Descriptor(
        media_type=descriptor.media_type,
        digest=descriptor.digest,
        size=descriptor.size,
        artifact_type=descriptor.artifact_type,
    )


def _documents(
    store: FolderStore, there: dict[Digest, int]
) -> Iterator[tuple[Digest, tuple[tuple[Digest, ...], Descriptor]]]:
    """
    Find the documents among blobs: what each lists, and how it would be listed.
    """
    for digest, size in sorted(there.items(), key=lambda each: str(each[0])):
        if not 2 <= size <= MAX_MANIFEST:
            continue
        content = _document(store, digest, size)
        if isinstance(content, Index):
            parts = tuple(child.digest for child in content.manifest.manifests)
        elif isinstance(content, Image):
            parts = (content.config.digest, *(layer.digest for layer in content.layers))
        else:
            continue
        said = Descriptor(
            media_type=content.media_type,
            digest=digest,
            size=size,
            artifact_type=content.artifact_type,
        )
        name = content.manifest.annotations.get(REF_NAME)
        usable = name if name and name.isprintable() else None
        yield digest, (parts, named(said, usable))


def _document(store: FolderStore, digest: Digest, size: int) -> Image | Index | None:
    """
    Read a blob as a manifest or an index, if it is one.
    """
    plain = Descriptor(media_type="application/octet-stream", digest=digest, size=size)
    opener = store.blob(digest)
    with opener.open() as stream:
        if stream.read(1).lstrip() not in (b"{", b""):
            return None
    raw = Blob(descriptor=plain, opener=opener).content
    try:
        kind = kind_of(raw)
        if not (media.is_image(kind) or media.is_index(kind)) or not _is_manifest(raw):
            return None
        described = Descriptor(media_type=kind, digest=digest, size=size)
        content = load_content(store, described)
    except (Corrupt, OciError):
        return None
    return content if isinstance(content, Image | Index) else None


def _is_manifest(raw: bytes) -> bool:
    from ocikit.spec.gojson import loads

    # Configurations and files of artifacts are JSON too.
    said = loads(raw, "manifest")
    if not isinstance(said, dict) or said.get("schemaVersion") != 2:
        return False
    listed = said.get("manifests", said.get("layers"))
    return isinstance(listed, list)
