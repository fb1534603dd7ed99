"""
Content into plain directories, as skopeo's `dir:` has them.
"""

from __future__ import annotations

import builtins
import os
from functools import partial
from typing import Final

import attrs

from ocikit import media
from ocikit._regex import regex
from ocikit.content.blob import Blob
from ocikit.content.image import Content
from ocikit.errors import Invalid
from ocikit.files.atomic import make_folders, sweep, sync_folder, write
from ocikit.files.copy import Map
from ocikit.files.lock import LOCK_FILE, held
from ocikit.files.part import sweep_parts
from ocikit.files.put import Manner, document, is_whole, put
from ocikit.layout.plain import (
    MANIFEST_FILE,
    VERSION,
    VERSION_FILE,
    blob_in,
    check_version,
    child_in,
)
from ocikit.progress import Event, Report, Update, quiet
from ocikit.query.plan import Plan, PutManifest, plan

_SIGNATURE: Final = regex(r"(?:(?P<hex>[0-9a-f]+)\.)?signature-[0-9]+")
_OURS: Final = regex(r"(?:[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})(?:\.manifest\.json)?")


@attrs.frozen(kw_only=True)
class FolderTaken(Invalid):
    """
    A folder has other files in it than an image's.
    """

    path: str
    name: str

    def __str__(self) -> str:
        return f"{self.path}: has other files in it, as {self.name!r}; name a new or empty folder"


@attrs.frozen(kw_only=True)
class NotADocument(Invalid):
    """
    A plain directory holds an image or an index, and no bare blob.
    """

    media_type: str

    def __str__(self) -> str:
        return f"a plain directory holds an image or index, not a bare {self.media_type}"


def flush_plain(
    path: str | os.PathLike[str],
    content: Content,
    *,
    foreign: bool = False,
    durable: bool = True,
    link: bool = False,
    report: Report = quiet,
    map: Map = builtins.map,
) -> None:
    """
    Write an image or index to a plain directory, in place of the one there.

    Every blob is verified before it can be seen, and `manifest.json` changes last, in one
    step; only then what it no longer names is deleted. One process writes at a time.

    Args:
        path: the directory, which is made when there is none.
        content: what to write. Documents are written byte for byte.
        foreign: write layers that are not to be distributed, too.
        durable: force everything to the disk, so that it outlasts a power cut.
        link: give blobs that lie in files a second name rather than copy them.
        report: hears what moves.
        map: how to write many blobs; several at once, if it likes.

    Raises:
        Corrupt: content was not what its descriptor says; the old image is there still.
        Missing, Unreachable: a source could not give it.
        FolderTaken: the folder has something else in it.
        NotADocument: content is a bare blob.
    """
    if not media.is_manifest(content.media_type):
        raise NotADocument(media_type=content.media_type)
    root = os.path.abspath(path)
    how = Manner(durable=durable, link=link, report=report)
    todo = plan(content, foreign=foreign)
    make_folders(root, durable=durable)
    with held(root, alone=True):
        _prepare(root, durable)
        same = is_whole(os.path.join(root, MANIFEST_FILE), content.descriptor)
        kept = _put_all(root, content, todo, how, map)
        _tidy(root, kept, same, durable)


def check_free(root: str) -> bool:
    """
    Tell whether a folder is a plain directory already; see that it may become one.

    Raises:
        DirectoryVersionUnknown: it is one of another time.
        FolderTaken: it has something else in it.
    """
    if check_version(root):
        return True
    names = sorted(os.listdir(root))
    other = next((name for name in names if name not in (LOCK_FILE, MANIFEST_FILE)), None)
    if other is not None and MANIFEST_FILE not in names:
        raise FolderTaken(path=root, name=other)
    return False


def _prepare(root: str, durable: bool) -> None:
    if not check_free(root):
        write(os.path.join(root, VERSION_FILE), VERSION, durable=durable)
    sweep(root)


def _put_all(root: str, content: Content, todo: Plan, how: Manner, map: Map) -> frozenset[str]:
    """
    Write everything, and give the names of the files that hold it.
    """
    steps = [step for step in todo.steps if isinstance(step, PutManifest)]
    children = [document(step) for step in steps if step.content.digest != content.digest]
    top = next(document(step) for step in steps if step.content.digest == content.digest)
    for blob in (*todo.blobs, *children, top):
        how.report(Update(event=Event.PLANNED, digest=blob.digest, bytes=blob.size))
    for _ in map(partial(_put, root, how), todo.blobs):
        pass
    for child in children:
        put(child_in(root, child.digest), child, how)
    if how.durable:
        sync_folder(root)
    put(os.path.join(root, MANIFEST_FILE), top, how)
    if how.durable:
        sync_folder(root)
    blobs = {blob.digest.hex for blob in todo.blobs}
    return frozenset(blobs | {os.path.basename(child_in("", each.digest)) for each in children})


def _put(root: str, how: Manner, blob: Blob) -> None:
    put(blob_in(root, blob.digest), blob, how)


def _tidy(root: str, kept: frozenset[str], same: bool, durable: bool) -> None:
    sweep_parts(root)
    for name in sorted(os.listdir(root)):
        signature = _SIGNATURE.fullmatch(name)
        if signature:
            # They are of the documents that were here, and some may be still.
            of = signature["hex"]
            gone = not same if of is None else f"{of}.{MANIFEST_FILE}" not in kept
        else:
            gone = _OURS.fullmatch(name) is not None and name not in kept
        if gone:
            os.unlink(os.path.join(root, name))
    if durable:
        sync_folder(root)
