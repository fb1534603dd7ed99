"""
Entries taken out of a layout, and blobs that nothing refers to any more.
"""

from __future__ import annotations

import os

from ocikit.content.blob import Blob
from ocikit.content.image import Image
from ocikit.digest import HEX_LENGTH, Digest
from ocikit.errors import Corrupt, Invalid
from ocikit.files.atomic import sweep, sync_folder
from ocikit.files.lock import held
from ocikit.files.part import sweep_parts
from ocikit.layout.index import Entries, update
from ocikit.layout.store import BLOBS, FolderStore, blob_path, load_content, read_index
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
        kept = _reached(store, read_index(store).value.manifests)
        refuse = tuple(digest for digest in _blobs(root) if digest not in kept)
        if not dry_run:
            for digest in refuse:
                os.unlink(blob_path(root, digest))
            for algorithm in _algorithms(root):
                sweep(os.path.join(root, BLOBS, algorithm))
                sweep_parts(os.path.join(root, BLOBS, algorithm))
                sync_folder(os.path.join(root, BLOBS, algorithm))
    return refuse


def _reached(store: FolderStore, entries: Entries) -> set[Digest]:
    """
    Give the digests of all that entries refer to, themselves included.
    """
    seen: set[tuple[str, Digest, int]] = set()
    todo = [(entry, False) for entry in entries]
    while todo:
        descriptor, claimed = todo.pop()
        # One digest may be listed as different things: each is looked into.
        key = (descriptor.media_type, descriptor.digest, descriptor.size)
        if key not in seen:
            seen.add(key)
            todo += _below(store, descriptor, claimed)
    return {digest for _, digest, _ in seen}


def _below(
    store: FolderStore, descriptor: Descriptor, claimed: bool
) -> list[tuple[Descriptor, bool]]:
    # Indexes may be copied without all of their platforms, artifacts without what they
    # are about.
    if not os.path.lexists(store.blob(descriptor.digest).path):
        return []
    try:
        content = load_content(store, descriptor)
    except Corrupt:
        # A subject is a claim of the artifact's: that it is no manifest is no damage.
        if claimed:
            return []
        raise
    if isinstance(content, Blob):
        return []
    manifest = content.manifest
    if isinstance(content, Image):
        below = [content.manifest.config, *content.manifest.layers]
    else:
        below = list(content.manifest.manifests)
    about = [(manifest.subject, True)] if manifest.subject else []
    return [*about, *((each, False) for each in below)]


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
