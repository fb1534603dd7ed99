"""
Entries of a layout put in, taken out, and described anew.
"""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable, Collection, Mapping

from ocikit._records import EMPTY, evolve
from ocikit.content.image import Content
from ocikit.files.copy import Map
from ocikit.files.put import Manner
from ocikit.layout.flush import flush_children, write_and_list
from ocikit.layout.index import Entries, named, update
from ocikit.layout.store import FolderStore, read_index
from ocikit.platforms import Platform
from ocikit.progress import Report, quiet
from ocikit.query.entries import pick
from ocikit.query.plan import plan
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.match import Match


def append(
    path: str | os.PathLike[str],
    content: Content,
    *,
    reference: str | None = None,
    platform: Platform | None = None,
    annotations: Mapping[str, str] = EMPTY,
    foreign: bool = False,
    report: Report = quiet,
    map: Map = builtins.map,
) -> Descriptor:
    """
    Write content to a layout and list it with its platform; give its entry.

    An entry of the same name is replaced, and what is listed just so already is not
    listed again.

    Args:
        path: the layout's folder, which is made when there is none.
        content: what to write.
        reference: the name to list it under.
        platform: what to list it for; that of an image's configuration when None.
        annotations: of the entry.
        foreign: write layers that are not to be distributed, too.
        report: hears what moves.
        map: how to write many blobs; see `flush`.

    Raises:
        EntryNameInvalid: the reference cannot be one.
        Corrupt, Missing, Unreachable: as `flush` does.

    >>> import tempfile
    >>> from ocikit.content.empty import IMAGE
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     append(folder, IMAGE, annotations={"tested": "yes"}).annotations
    FrozenMap({'tested': 'yes'})
    """
    from ocikit.mutate.children import child

    made = child(content, platform=platform, annotations=annotations)
    made = evolve(made, descriptor=named(made.descriptor, reference))
    flush_children(path, [made], foreign=foreign, report=report, map=map)
    return made.descriptor


def replace(
    path: str | os.PathLike[str],
    content: Content,
    match: Match,
    *,
    foreign: bool = False,
    report: Report = quiet,
    map: Map = builtins.map,
) -> Descriptor:
    """
    Write content to a layout in the place of the entries that match; give its entry.

    It is listed where the first of them was, under its name and with its annotations;
    where none matches, at the end.

    Args:
        path: the layout's folder, which is made when there is none.
        content: what to write.
        match: says of an entry whether it is meant.
        foreign: write layers that are not to be distributed, too.
        report: hears what moves.
        map: how to write many blobs; see `flush`.

    Raises:
        Corrupt, Missing, Unreachable: as `flush` does.
    """
    from ocikit.mutate.children import child

    listed = [child(content).descriptor]

    def change(entries: Entries) -> Entries:
        at = next((at for at, entry in enumerate(entries) if match(entry)), len(entries))
        if at < len(entries):
            said = entries[at].annotations | listed[0].annotations
            listed[0] = evolve(listed[0], annotations=said)
        others = [entry for entry in entries[at:] if not match(entry)]
        return (*entries[:at], listed[0], *others)

    how = Manner(report=report)
    write_and_list(path, [plan(content, foreign=foreign)], change, how, map)
    return listed[0]


def remove(
    path: str | os.PathLike[str], reference: str | None = None, *, position: int | None = None
) -> Descriptor:
    """
    Take an entry out of a layout's index, and give its descriptor.

    Its blobs stay until `gc`.

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


def discard(path: str | os.PathLike[str], match: Match) -> tuple[Descriptor, ...]:
    """
    Take all entries that match out of a layout's index, and give their descriptors.

    Raises:
        NotALayout: the folder is none.
    """
    root = os.path.abspath(path)
    read_index(FolderStore(root))
    removed: list[Descriptor] = []

    def without(entries: Entries) -> Entries:
        removed.extend(entry for entry in entries if match(entry))
        return tuple(entry for entry in entries if not match(entry))

    update(root, without)
    return tuple(removed)


def annotate(
    path: str | os.PathLike[str],
    reference: str | None = None,
    *,
    position: int | None = None,
    set: Mapping[str, str] = EMPTY,
    remove: Collection[str] = (),
) -> Descriptor:
    """
    Set and remove annotations of an entry of a layout, and give it as it is then.

    What is listed stays as it is: these are not its own annotations. To give it another
    name, set `org.opencontainers.image.ref.name`.

    Args:
        path: the layout's folder.
        reference: which entry, by name.
        position: which, from 0.
        set: what to say of it.
        remove: the keys of what is no longer said.

    Raises:
        NotALayout: the folder is none.
        EntryMissing: there is no such entry, or several where none is named.

    >>> import tempfile
    >>> from ocikit.content.empty import IMAGE
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = append(folder, IMAGE, reference="v1")
    ...     annotate(folder, "v1", set={"tested": "yes"}).annotations["tested"]
    'yes'
    """

    def said(entry: Descriptor) -> Descriptor:
        return evolve(entry, annotations=(entry.annotations | dict(set)).without(*remove))

    return _changed(path, reference, position, said)


def _changed(
    path: str | os.PathLike[str],
    reference: str | None,
    position: int | None,
    change: Callable[[Descriptor], Descriptor],
) -> Descriptor:
    root = os.path.abspath(path)
    read_index(FolderStore(root))
    changed: list[Descriptor] = []

    def with_change(entries: Entries) -> Entries:
        old = pick(entries, root, reference, position)
        changed.append(change(old))
        return tuple(changed[0] if entry is old else entry for entry in entries)

    update(root, with_change)
    return changed[0]
