"""
Content into OCI layouts (image-spec, image-layout.md).
"""

from __future__ import annotations

import builtins
import functools
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial

from ocikit.content.blob import Blob
from ocikit.content.image import Child, Content
from ocikit.files.atomic import make_folders, sweep, sync_folder, write
from ocikit.files.copy import Map
from ocikit.files.lock import held, held_if_free
from ocikit.files.put import Manner, document, put
from ocikit.layout.index import Entries, entry, placed, update
from ocikit.layout.store import (
    BLOBS,
    FolderStore,
    NotALayout,
    blob_path,
    check_marker,
    read_index,
)
from ocikit.progress import Event, Report, Update, quiet
from ocikit.query.plan import Plan, PutManifest, plan
from ocikit.spec.layout import MARKER_FILE

#: As go-containerregistry writes it, to the byte.
MARKER = b'{\n    "imageLayoutVersion": "1.0.0"\n}'


def flush(
    path: str | os.PathLike[str],
    content: Content,
    *,
    reference: str | None = None,
    foreign: bool = False,
    durable: bool = True,
    link: bool = False,
    report: Report = quiet,
    map: Map = builtins.map,
) -> None:
    """
    Write content to a layout, which is made when there is none.

    Every blob is verified before it can be seen, and the index changes last, in one
    step: whatever happens, the layout holds what it held, and in the end the new
    content too. Any number of processes may write to one layout at the same time. Where
    one stopped in the middle of a large blob from a registry, or was killed, the next
    goes on.

    Args:
        path: the layout's folder.
        content: what to write. Documents are written byte for byte.
        reference: the name to list it under, in place of what has it now.
        foreign: write layers that are not to be distributed, too.
        durable: force everything to the disk, so that it outlasts a power cut.
        link: give blobs that lie in files of their own a second name here, rather than
            copy them. It takes no time and no room; but whoever then writes into one
            place's file, rather than a new one in its stead, changes both.
        report: hears what moves.
        map: how to write many blobs; that of an executor of threads, for blobs that
            come over a network, writes several at once.

    Raises:
        Corrupt: content was not what its descriptor says.
        Missing, Unreachable: a source could not give it.
        EntryNameInvalid: the reference cannot be one.
        IndexDamaged, LayoutVersionUnknown: the layout there is damaged or of another time;
            nothing is written to it.
    """
    new = entry(content, reference)
    how = Manner(durable=durable, link=link, report=report)

    def change(entries: Entries) -> Entries:
        return placed(entries, new)

    write_and_list(path, [plan(content, foreign=foreign)], change, how, map)
    if reference is not None:
        report(Update(event=Event.TAGGED, digest=content.digest, name=reference))


def flush_children(
    path: str | os.PathLike[str],
    children: Iterable[Child],
    *,
    foreign: bool = False,
    durable: bool = True,
    link: bool = False,
    report: Report = quiet,
    map: Map = builtins.map,
) -> None:
    """
    Write content to a layout, each listed as its child's descriptor says, platform and all.

    All of them are listed in one step, or none; for the rest see `flush`.

    Args:
        path: the layout's folder.
        children: what to write, such as the children of an index.
        foreign: write layers that are not to be distributed, too.
        durable: force everything to the disk, so that it outlasts a power cut.
        link: give blobs a second name rather than copy them; see `flush`.
        report: hears what moves.
        map: how to write many blobs; see `flush`.

    Raises:
        Corrupt, Missing, Unreachable, JSONInvalid, LayoutVersionUnknown: as `flush` does.
    """
    listed = tuple(children)
    how = Manner(durable=durable, link=link, report=report)

    def change(entries: Entries) -> Entries:
        return functools.reduce(placed, (child.descriptor for child in listed), entries)

    todo = [plan(child.content, foreign=foreign) for child in listed]
    write_and_list(path, todo, change, how, map)


def write_and_list(
    path: str | os.PathLike[str],
    plans: Iterable[Plan],
    change: Callable[[Entries], Entries],
    how: Manner,
    map: Map = builtins.map,
) -> None:
    """
    Write what plans need, and then change the index, in one step.
    """
    root = os.path.abspath(path)
    _prepare(root, how.durable)
    with held_if_free(root) as alone:
        if alone:
            _tidy(root)
    with held(root, alone=False):
        # While it is held, for another's tidying would take what is half written.
        _mark(root, how.durable)
        for todo in plans:
            _put_all(root, todo, how, map)
        update(root, change, durable=how.durable)


def _prepare(root: str, durable: bool) -> None:
    make_folders(os.path.join(root, BLOBS), durable=durable)
    store = FolderStore(root)
    with suppress(NotALayout):
        read_index(store)
    check_marker(store)


def _mark(root: str, durable: bool) -> None:
    if not check_marker(FolderStore(root)):
        write(os.path.join(root, MARKER_FILE), MARKER, durable=durable)


def _tidy(root: str) -> None:
    sweep(root)
    with os.scandir(os.path.join(root, BLOBS)) as folders:
        for folder in folders:
            if folder.is_dir(follow_symlinks=False):
                sweep(folder.path)


def _put_all(root: str, todo: Plan, how: Manner, map: Map) -> None:
    manifests = [document(step) for step in todo.steps if isinstance(step, PutManifest)]
    everything = [*todo.blobs, *manifests]
    for algorithm in {blob.digest.algorithm for blob in everything}:
        make_folders(os.path.join(root, BLOBS, algorithm), durable=how.durable)
    for blob in everything:
        how.report(Update(event=Event.PLANNED, digest=blob.digest, bytes=blob.size))
    write_one = partial(_put, root, how)
    for _ in map(write_one, todo.blobs):
        pass
    # Children go before their parents: whoever sees a manifest finds what it names.
    for manifest in manifests:
        write_one(manifest)
    if how.durable:
        for algorithm in {blob.digest.algorithm for blob in everything}:
            sync_folder(os.path.join(root, BLOBS, algorithm))


def _put(root: str, how: Manner, blob: Blob) -> None:
    put(blob_path(root, blob.digest), blob, how)
