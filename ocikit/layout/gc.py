"""
Blobs of a layout that nothing refers to any more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from ocikit._records import record
from ocikit.content.blob import Blob
from ocikit.content.image import Image
from ocikit.digest import HEX_LENGTH, Digest
from ocikit.errors import Corrupt, Invalid, Unsupported
from ocikit.files.atomic import is_temporary, sync_folder
from ocikit.files.lock import held
from ocikit.layout.index import Entries
from ocikit.layout.store import BLOBS, FolderStore, load_content, read_index
from ocikit.spec.descriptor import Descriptor


@record(kw_only=True)
class Garbage:
    """
    A file of a layout that nobody needs.
    """

    #: Within the layout.
    path: str
    #: In bytes.
    size: int
    #: What it is called; None for what a writer that was killed left behind.
    digest: Digest | None = None


def gc(
    path: str | os.PathLike[str], *, dry_run: bool = False, before: float | None = None
) -> tuple[Garbage, ...]:
    """
    Delete what no entry of a layout refers to, and tell what that was.

    It waits until nobody of ocikit writes to the layout. What is not named by a digest is
    left alone, but for what writers that were killed left behind.

    Args:
        path: the layout's folder.
        dry_run: delete nothing, only tell.
        before: leave alone what was written since then, in seconds since the epoch: other
            tools write blobs, and list them later, without a lock.

    Raises:
        NotALayout: the folder is none.
        Corrupt: a manifest is damaged; nothing is deleted then, for it is not known
            what it refers to.
    """
    root = os.path.abspath(path)
    store = FolderStore(root)
    read_index(store)
    with held(root, alone=True):
        kept = reached(store, read_index(store).value.manifests)
        garbage = tuple(each for each in _garbage(root, kept, before))
        if not dry_run:
            for each in garbage:
                os.unlink(os.path.join(root, each.path))
            for folder in {os.path.dirname(each.path) for each in garbage}:
                sync_folder(os.path.join(root, folder))
    return garbage


def _garbage(root: str, kept: set[Digest], before: float | None) -> Iterator[Garbage]:
    for folder in ("", BLOBS, *(f"{BLOBS}/{algorithm}" for algorithm in HEX_LENGTH)):
        try:
            there = sorted(os.scandir(os.path.join(root, folder)), key=lambda each: each.name)
        except FileNotFoundError:
            continue
        for each in there:
            facts = each.stat(follow_symlinks=False)
            if before is not None and facts.st_mtime >= before:
                continue
            digest = digest_of(folder, each.name)
            if digest not in kept if digest else is_temporary(each.name):
                name = os.path.join(folder, each.name)
                yield Garbage(path=name, size=facts.st_size, digest=digest)


def digest_of(folder: str, name: str) -> Digest | None:
    """
    Give the digest that a file within a layout is named by, if it is.
    """
    try:
        return Digest(os.path.basename(folder), name)
    except (Invalid, Unsupported):
        return None


def reached(store: FolderStore, entries: Entries) -> set[Digest]:
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
            todo += below(store, descriptor, claimed)
    return {digest for _, digest, _ in seen}


def below(
    store: FolderStore, descriptor: Descriptor, claimed: bool = False
) -> list[tuple[Descriptor, bool]]:
    """
    Give what a document of a layout refers to, and of each whether that is but a claim.

    Raises:
        Corrupt: the document is damaged.
    """
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
