"""
Entries taken out of a layout, and blobs that nothing refers to any more.
"""

from __future__ import annotations

import os

from ocikit import media
from ocikit.content.blob import Blob
from ocikit.content.image import Image
from ocikit.digest import HEX_LENGTH, Digest
from ocikit.errors import Invalid
from ocikit.files.atomic import sweep, sync_folder
from ocikit.files.opener import FileMissing
from ocikit.layout.index import Entries, update
from ocikit.layout.lock import held
from ocikit.layout.store import BLOBS, FolderStore, Store, blob_path, load_content, read_index
from ocikit.query.entries import pick
from ocikit.spec.descriptor import Descriptor


def remove(
    path: str | os.PathLike[str], reference: str | None = None, *, position: int | None = None
) -> Descriptor:
    """
    Take an entry out of a layout's index, and give its descriptor.

    Blobs stay until `gc`.

    Raises:
        NotALayout: the folder is none.
        EntryMissing: there is no such entry, or several where none is named.
    """
    root = os.path.abspath(path)
    read_index(FolderStore(root))
    removed: list[Descriptor] = []

    def without(entries: Entries) -> Entries:
        removed.append(pick(entries, root, reference, position))
        return tuple(entry for entry in entries if entry is not removed[0])

    update(root, without)
    return removed[0]


def gc(path: str | os.PathLike[str], *, dry_run: bool = False) -> tuple[Digest, ...]:
    """
    Delete the blobs of a layout that no entry refers to, and tell which they were.

    It waits until nobody writes to the layout. What is not named by a digest is left
    alone, but for what writers that were killed left behind.

    Args:
        path: the layout's folder.
        dry_run: delete nothing, only tell.

    Raises:
        NotALayout: the folder is none.
        Corrupt: a manifest is damaged; nothing is deleted then, for it is not known
            what it refers to.
    """
    root = os.path.abspath(path)
    store = FolderStore(root)
    read_index(store)
    with held(root, alone=True):
        kept: set[Digest] = set()
        for entry in read_index(store).value.manifests:
            _mark(store, entry, kept)
        refuse = tuple(digest for digest in _blobs(root) if digest not in kept)
        if not dry_run:
            for digest in refuse:
                os.unlink(blob_path(root, digest))
            for algorithm in _algorithms(root):
                sweep(os.path.join(root, BLOBS, algorithm))
                sync_folder(os.path.join(root, BLOBS, algorithm))
    return refuse


def _mark(store: Store, descriptor: Descriptor, kept: set[Digest]) -> None:
    if descriptor.digest in kept:
        return
    kept.add(descriptor.digest)
    if not media.is_manifest(descriptor.media_type):
        return
    try:
        content = load_content(store, descriptor)
    except FileMissing:
        # Indexes may be copied without all of their platforms.
        return
    if isinstance(content, Blob):
        return
    if isinstance(content, Image):
        kept.update((content.config.digest, *(layer.digest for layer in content.layers)))
    else:
        for child in content.children:
            _mark(store, child.descriptor, kept)
    if content.manifest.subject is not None:
        _mark(store, content.manifest.subject, kept)


def _algorithms(root: str) -> list[str]:
    return [name for name in HEX_LENGTH if os.path.isdir(os.path.join(root, BLOBS, name))]


def _blobs(root: str) -> list[Digest]:
    found: list[Digest] = []
    for algorithm in _algorithms(root):
        for name in sorted(os.listdir(os.path.join(root, BLOBS, algorithm))):
            try:
                found.append(Digest(algorithm, name))
            except Invalid:
                continue
    return found
