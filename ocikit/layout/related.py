"""
What belongs to content of a layout: the entries that refer to it, and cosign's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TypeAlias

from ocikit.content.blob import Blob
from ocikit.content.image import Content
from ocikit.content.referrer import as_referrer, subject_of
from ocikit.digest import Digest
from ocikit.layout.store import FolderStore, Store, load_content, read_index
from ocikit.query.cosign import tags_for
from ocikit.query.walk import walk
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.layout import REF_NAME

#: An entry, with what it is about.
_About: TypeAlias = tuple[Descriptor, Digest | None]


def referrers(
    path: str | os.PathLike[str], subject: Digest, *, artifact_type: str = ""
) -> Iterator[Descriptor]:
    """
    Give the entries of a layout that refer to a manifest, in their order.

    They are described as registries do: with the type and annotations of the artifact.

    Args:
        path: the layout's folder.
        subject: the manifest; it need not be there.
        artifact_type: give those of this type only; all when it is empty.

    Raises:
        NotALayout: the folder is none.
        FileMissing, DigestMismatch, SizeMismatch, JSONInvalid: it is damaged.

    >>> import tempfile
    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.content.partial import artifact
    >>> from ocikit.layout.flush import flush
    >>> note = artifact("text/plain", subject=IMAGE.descriptor)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     flush(folder, note)
    ...     [found.digest == note.digest for found in referrers(folder, IMAGE.digest)]
    [True]
    """
    store = FolderStore(path)
    seen: set[Digest] = set()
    for entry in read_index(store).value.manifests:
        content = load_content(store, entry)
        if entry.digest in seen or subject_of(content) != subject:
            continue
        seen.add(entry.digest)
        described = as_referrer(content)
        if not artifact_type or described.artifact_type == artifact_type:
            yield described


def related(path: str | os.PathLike[str], content: Content) -> tuple[Descriptor, ...]:
    """
    Give the entries of a layout that belong to content, to an image in it, and to what
    belongs to that; as the layout lists them.

    Args:
        path: the layout's folder.
        content: what they belong to.

    Raises:
        NotALayout: the folder is none.
        FileMissing, DigestMismatch, SizeMismatch, JSONInvalid: it is damaged.
    """
    wanted = {found.digest for found in walk(content) if not isinstance(found, Blob)}
    left = list(_all(FolderStore(path)))
    found: list[Descriptor] = []
    while more := [entry for entry, about in left if _belongs(entry, about, wanted)]:
        left = [each for each in left if each[0] not in more]
        found += more
        wanted |= {entry.digest for entry in more}
    return tuple(found)


def _all(store: Store) -> Iterator[_About]:
    for entry in read_index(store).value.manifests:
        yield entry, subject_of(load_content(store, entry))


def _belongs(entry: Descriptor, about: Digest | None, wanted: set[Digest]) -> bool:
    if about in wanted:
        return True
    name = entry.annotations.get(REF_NAME, "")
    return any(name in tags_for(digest) for digest in wanted)
