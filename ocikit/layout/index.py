"""
Changes of a layout's `index.json`: one writer at a time, old or new, never half.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import attrs

from ocikit import media
from ocikit._records import evolve
from ocikit.content.image import Content, Image, Index
from ocikit.errors import Invalid
from ocikit.files.atomic import write
from ocikit.files.lock import held
from ocikit.layout.store import BLOBS, FolderStore, NotALayout, read_index
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import edit, make
from ocikit.spec.layout import INDEX_FILE, REF_NAME
from ocikit.spec.manifest import IndexManifest

Entries = tuple[Descriptor, ...]


@attrs.frozen(kw_only=True)
class EntryNameInvalid(Invalid):
    """
    A text cannot name an entry of a layout.
    """

    text: str

    def __str__(self) -> str:
        return f"entry name {self.text!r}: write some text without control characters, or None"


def entry(content: Content, reference: str | None) -> Descriptor:
    """
    Give the descriptor by which an index lists content under a name.

    Raises:
        EntryNameInvalid: the name is empty or has control characters.
    """
    descriptor = content.descriptor
    if isinstance(content, Image | Index):
        descriptor = evolve(descriptor, artifact_type=content.artifact_type)
    return named(descriptor, reference)


def named(descriptor: Descriptor, reference: str | None) -> Descriptor:
    """
    Give a descriptor a name within a layout; None leaves it as it is.

    Raises:
        EntryNameInvalid: the name is empty or has control characters.
    """
    if reference is None:
        return descriptor
    said = descriptor.annotations.set(REF_NAME, check_name(reference))
    return evolve(descriptor, annotations=said)


def check_name(text: str) -> str:
    """
    Give a name of an entry back, if it can be one.

    Raises:
        EntryNameInvalid: it is empty or has control characters.
    """
    if not text or not text.isprintable():
        raise EntryNameInvalid(text=text)
    return text


def placed(entries: Entries, new: Descriptor) -> Entries:
    """
    Give the entries with `new` among them: in the place of those of its name, else last.

    What is listed so already stays as it is, with all that others have said of it.
    """
    name = new.annotations.get(REF_NAME)
    same = [at for at, old in enumerate(entries) if old.annotations.get(REF_NAME) == name]
    kept = next((entries[at] for at in same if entries[at].digest == new.digest), new)
    if name is None:
        # Without a name content is told by its digest alone.
        return entries if kept is not new else (*entries, new)
    if not same:
        return (*entries, new)
    others = [old for at, old in enumerate(entries) if at not in same]
    return (*others[: same[0]], kept, *others[same[0] :])


def update(root: str, change: Callable[[Entries], Entries], *, durable: bool = True) -> None:
    """
    Change the entries of a layout's index; make it when there is none.

    Members and entries that are not changed stay as they were read. Without a change
    nothing is written.

    Raises:
        IndexDamaged: the index is damaged; it is left as it is.
    """
    path = os.path.join(root, INDEX_FILE)
    with held(os.path.join(root, BLOBS), alone=True):
        try:
            old = read_index(FolderStore(root))
        except NotALayout:
            entries = change(())
            new = make(IndexManifest(media_type=media.OCI_INDEX, manifests=entries))
        else:
            entries = change(old.value.manifests)
            new = edit(old, lambda index: evolve(index, manifests=entries))
            if new.raw == old.raw:
                return
        write(path, new.raw, durable=durable)
