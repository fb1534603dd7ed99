"""
Content from OCI layouts (image-spec, image-layout.md).
"""

from __future__ import annotations

import os

from ocikit import platforms
from ocikit.content.image import Content, Index
from ocikit.layout.store import FolderStore, Store, load_content, read_index, root_index
from ocikit.platforms import Platform
from ocikit.query.entries import pick
from ocikit.query.select import resolve
from ocikit.spec.descriptor import Descriptor


def load(
    path: str | os.PathLike[str],
    reference: str | None = None,
    *,
    position: int | None = None,
    platform: str | Platform | None = None,
) -> Content:
    """
    Load what a layout holds under a name, at a position, or alone.

    Manifests are read and verified now, blobs when they are opened. Links in the layout
    are not followed.

    Args:
        path: the layout's folder.
        reference: a name (the annotation `org.opencontainers.image.ref.name`), or a
            digest that the index lists.
        position: which entry of `index.json`, from 0.
        platform: of an index, the image for this platform; without it an index stays
            an index.

    Raises:
        NotALayout: the folder is none.
        EntryMissing: there is no such entry, or several where none is named; it lists
            what there is.
        PlatformMissing: an index has no image for the platform.
        FileMissing: a manifest is not there.
        DigestMismatch, SizeMismatch, JSONInvalid, ManifestAmbiguous: it is damaged.

    >>> import tempfile
    >>> from ocikit.content import empty
    >>> from ocikit.layout.flush import flush
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     flush(folder, empty.IMAGE, reference="none")
    ...     load(folder, "none") == empty.IMAGE
    True
    """
    return load_from(FolderStore(path), reference, position=position, platform=platform)


def load_from(
    store: Store,
    reference: str | None = None,
    *,
    position: int | None = None,
    platform: str | Platform | None = None,
) -> Content:
    """
    Load from a layout wherever it is; as `load` does.
    """
    wanted = platforms.parse(platform) if isinstance(platform, str) else platform
    entries = read_index(store).value.manifests
    chosen = pick(entries, store.where, reference, position, wanted)
    return resolve(load_content(store, chosen), wanted)


def entries(path: str | os.PathLike[str]) -> tuple[Descriptor, ...]:
    """
    List the descriptors of a layout's index, in its order.

    Raises:
        NotALayout: the folder is none.
        IndexDamaged: the index is damaged.
    """
    return read_index(FolderStore(path)).value.manifests


def root(path: str | os.PathLike[str]) -> Index:
    """
    Give a layout's index itself as content, with all its entries as children.

    Raises:
        NotALayout: the folder is none.
        IndexDamaged: the index is damaged.
    """
    return root_index(FolderStore(path))
