"""
What is wrong with a layout, and its mending: nothing is thrown away on the way.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from ocikit import media
from ocikit._records import record
from ocikit.digest import HEX_LENGTH, Digest
from ocikit.errors import Corrupt, OciError
from ocikit.files.atomic import is_temporary, make_folders, sync_folder, write
from ocikit.files.lock import LOCK_FILE, held
from ocikit.files.opener import FileOpener
from ocikit.files.put import is_whole
from ocikit.layout.flush import MARKER
from ocikit.layout.gc import below, digest_of
from ocikit.layout.index import Entries, update
from ocikit.layout.plain import read_in
from ocikit.layout.rebuild import rebuilt
from ocikit.layout.store import (
    BLOBS,
    MAX_INDEX,
    FolderStore,
    IndexDamaged,
    NotALayout,
    check_marker,
    read_index,
)
from ocikit.query.finding import Severity
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import make
from ocikit.spec.layout import INDEX_FILE, MARKER_FILE
from ocikit.spec.manifest import IndexManifest

#: Where what is damaged goes, within the layout.
QUARANTINE: Final = "quarantine"
_ANY: Final = "application/octet-stream"


@record(kw_only=True)
class Flaw:
    """
    One thing that is wrong with a layout.

    >>> print(Flaw(severity=Severity.ERROR, path="index.json", message="is damaged"))
    error: index.json: is damaged
    """

    severity: Severity
    #: Within the layout.
    path: str
    message: str
    #: What was done about it, or would be; empty when nothing can be done here.
    repair: str = ""
    #: Whether that was done.
    repaired: bool = False

    def __str__(self) -> str:
        told = f"{self.severity}: {self.path}: {self.message}"
        if not self.repair:
            return told
        return f"{told}; {'' if self.repaired else 'to be '}{self.repair}"


def fsck(
    path: str | os.PathLike[str], *, repair: bool = False, rebuild: bool = False
) -> tuple[Flaw, ...]:
    """
    Read all that a layout holds, tell what is wrong with it, and mend it if that is said.

    It waits until nobody of ocikit writes there. A damaged blob is moved to `quarantine/`
    in the layout, so that it is fetched again and nothing is lost; so is an index that is
    written anew.

    Args:
        path: the layout's folder.
        repair: move damaged blobs away, delete what writers that were killed left, and
            write the marker if it is not there.
        rebuild: do that, and list the manifests that no other lists, and no longer those
            that are not there. Names are kept where the old index can be read, else as
            far as manifests say them.

    Raises:
        NotALayout: the folder is none: it has neither an index nor blobs.
        LayoutVersionUnknown: it is of another time.

    >>> import tempfile
    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.layout.flush import flush
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     flush(folder, IMAGE)
    ...     fsck(folder)
    ()
    """
    root = os.path.abspath(path)
    if not os.path.isdir(os.path.join(root, BLOBS)):
        # Then there is nothing to make an index of.
        read_index(FolderStore(root))
    repair = repair or rebuild
    with held(root, alone=True):
        flaws = [*_marker(root, repair), *_files(root, repair)]
        whole = _whole(root, {flaw.path for flaw in flaws})
        flaws += _index(root, whole, rebuild)
    return tuple(flaws)


def _marker(root: str, repair: bool) -> Iterator[Flaw]:
    try:
        if check_marker(FolderStore(root)):
            return
        message = "is not there"
    except Corrupt as error:
        message = f"is damaged: {error}"
    if repair:
        write(os.path.join(root, MARKER_FILE), MARKER)
    yield Flaw(
        severity=Severity.WARNING,
        path=MARKER_FILE,
        message=message,
        repair="written",
        repaired=repair,
    )


def _files(root: str, repair: bool) -> Iterator[Flaw]:
    """
    Find what is wrong with each file alone.
    """
    for folder in ("", BLOBS, *(f"{BLOBS}/{algorithm}" for algorithm in HEX_LENGTH)):
        try:
            names = sorted(os.listdir(os.path.join(root, folder)))
        except FileNotFoundError:
            continue
        changed = False
        for name in names:
            flaw = _file(root, folder, name, repair)
            if flaw is not None:
                changed = changed or flaw.repaired
                yield flaw
        if changed:
            sync_folder(os.path.join(root, folder))


def _file(root: str, folder: str, name: str, repair: bool) -> Flaw | None:
    within = os.path.join(folder, name)
    path = os.path.join(root, within)
    digest = digest_of(folder, name)
    if digest is not None:
        reason = _damage(path, digest)
        if reason is None:
            return None
        if repair:
            _quarantine(root, within)
        done = f"moved to {QUARANTINE}/"
        return _flaw(Severity.ERROR, within, reason, done, repair)
    if is_temporary(name):
        if repair:
            os.unlink(path)
        message = "was left by a writer that did not end"
        return _flaw(Severity.NOTE, within, message, "deleted", repair)
    known = {MARKER_FILE, INDEX_FILE, LOCK_FILE, BLOBS, QUARANTINE}
    if (folder == BLOBS and name in HEX_LENGTH) or (not folder and name in known):
        return None
    return _flaw(Severity.NOTE, within, "is no part of a layout", "", False) if folder else None


def _flaw(severity: Severity, path: str, message: str, repair: str, repaired: bool) -> Flaw:
    return Flaw(severity=severity, path=path, message=message, repair=repair, repaired=repaired)


def _damage(path: str, digest: Digest) -> str | None:
    try:
        with FileOpener(path, follow=False).open() as window:
            size = window.size
    except OciError:
        return "is no plain file that can be read"
    if is_whole(path, Descriptor(media_type=_ANY, digest=digest, size=size)):
        return None
    return "has other bytes than its name says"


def _quarantine(root: str, within: str, *, copy: bool = False) -> None:
    folder = os.path.join(root, QUARANTINE)
    make_folders(folder)
    name, number = os.path.basename(within), 0
    while os.path.lexists(os.path.join(folder, name)):
        number += 1
        name = f"{os.path.basename(within)}.{number}"
    if copy:
        write(os.path.join(folder, name), read_in(root, within, MAX_INDEX))
        return
    os.replace(os.path.join(root, within), os.path.join(folder, name))
    sync_folder(folder)


def _whole(root: str, damaged: set[str]) -> dict[Digest, int]:
    found: dict[Digest, int] = {}
    for algorithm in HEX_LENGTH:
        folder = f"{BLOBS}/{algorithm}"
        with suppress(FileNotFoundError), os.scandir(os.path.join(root, folder)) as there:
            for each in there:
                digest = digest_of(folder, each.name)
                if digest is not None and os.path.join(folder, each.name) not in damaged:
                    found[digest] = each.stat(follow_symlinks=False).st_size
    return found


def _index(root: str, whole: dict[Digest, int], rebuild: bool) -> Iterator[Flaw]:
    store = FolderStore(root)
    entries: Entries = ()
    readable = True
    try:
        entries = read_index(store).value.manifests
    except (NotALayout, IndexDamaged) as error:
        readable = False
        reason = "is not there" if isinstance(error, NotALayout) else f"is damaged: {error.reason}"
        yield _flaw(Severity.ERROR, INDEX_FILE, reason, "written anew by --rebuild", rebuild)
    if rebuild:
        new = rebuilt(store, entries, whole.items())
        if new != entries or not readable:
            yield from _rewrite(root, entries, new, readable)
        entries = new
    yield from _missing(store, entries, whole)


def _rewrite(root: str, old: Entries, new: Entries, readable: bool) -> Iterator[Flaw]:
    if os.path.lexists(os.path.join(root, INDEX_FILE)):
        _quarantine(root, INDEX_FILE, copy=True)
    if readable:
        update(root, lambda _: new)
    else:
        made = make(IndexManifest(media_type=media.OCI_INDEX, manifests=new))
        write(os.path.join(root, INDEX_FILE), made.raw)
    for entry in old:
        if entry not in new:
            message = f"listed {entry.digest}, which is not there"
            yield _flaw(Severity.ERROR, INDEX_FILE, message, "listed no longer", True)
    for entry in new:
        if entry not in old:
            message = f"did not list {entry.digest}, which nothing else lists"
            yield _flaw(Severity.NOTE, INDEX_FILE, message, "listed again", True)


def _missing(store: FolderStore, entries: Entries, whole: dict[Digest, int]) -> Iterator[Flaw]:
    """
    Find what is listed, and is not there or has another size.
    """
    seen: set[tuple[str, Digest, int]] = set()
    todo = [(entry, INDEX_FILE, False) for entry in reversed(entries)]
    while todo:
        descriptor, where, optional = todo.pop()
        key = (descriptor.media_type, descriptor.digest, descriptor.size)
        if key in seen:
            continue
        seen.add(key)
        size = whole.get(descriptor.digest)
        if size == descriptor.size:
            named = f"{BLOBS}/{descriptor.digest.algorithm}/{descriptor.digest.hex}"
            try:
                parts = below(store, descriptor)
            except Corrupt as error:
                yield _flaw(Severity.ERROR, named, str(error), "", False)
                continue
            is_index = media.is_index(descriptor.media_type)
            todo += [(part, named, is_index or claimed) for part, claimed in reversed(parts)]
        elif size is not None:
            message = f"says that {descriptor.digest} has {descriptor.size} bytes, it has {size}"
            yield _flaw(Severity.ERROR, where, message, "", False)
        else:
            # Indexes may be copied without all of their platforms.
            spared = optional or media.is_foreign(descriptor.media_type)
            severity = Severity.NOTE if spared else Severity.ERROR
            yield _flaw(severity, where, f"names {descriptor.digest}, not there", "", False)
