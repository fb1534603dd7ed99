"""
What a layer has to hold so that it turns one tree into another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from ocikit._records import record
from ocikit.tree.filetree import File


@record(kw_only=True)
class Delta:
    """
    What a layer holds, in order.
    """

    #: Paths to be taken away; what is below them goes with them.
    gone: tuple[str, ...]
    #: What is written: parents first, siblings in order.
    written: tuple[File, ...]
    #: Which of it are further names, and of what that is written before them.
    links: Mapping[str, str]


def delta(
    before: Mapping[str, File],
    after: Mapping[str, File],
    changed: Set[str],
    *,
    parents: bool = False,
) -> Delta:
    """
    Tell what a layer has to hold.

    When one name of a file is written, all are: engines that keep each layer in a folder
    of its own cannot link to a file of another.

    Args:
        before: what is there, by path: parents first, siblings in order.
        after: what is to be there, in the same order.
        changed: paths of `after` that are new, or have other facts or other content.
        parents: write the directories too in which something is written or taken away.
    """
    gone = tuple(_gone(before, after))
    written: set[str] = set()
    links: dict[str, str] = {}
    for first, names in _groups(before, after, changed):
        written.update(names)
        links.update((name, first) for name in names if name != first)
    if parents:
        written |= _ways(before, (*gone, *written)) & after.keys()
    files = tuple(file for path, file in after.items() if path in written)
    return Delta(gone=gone, written=files, links=links)


def _gone(before: Mapping[str, File], after: Mapping[str, File]) -> Iterator[str]:
    #: Directories of which there is still something to be taken away.
    open_still: set[str] = set()
    for path, old in before.items():
        if path and path.rpartition("/")[0] not in open_still:
            continue
        new = after.get(path)
        directory = new is not None and new.kind == "directory"
        if new is None or (directory and old.kind != "directory"):
            # A link would lead elsewhere what goes into the directory in its place.
            yield path
        elif directory:
            open_still.add(path)


def _groups(
    before: Mapping[str, File], after: Mapping[str, File], changed: Set[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """
    Give what is written: the first of its names, and all of them.
    """
    seen: set[tuple[str, ...]] = set()
    #: What is below and has a name still; it cannot be two files.
    kept: set[tuple[str, ...]] = set()
    for path, file in after.items():
        names = file.links or (path,)
        if names in seen:
            continue
        if file.links:
            seen.add(names)
        old = before.get(path)
        were = () if old is None else old.links or (path,)
        if changed.isdisjoint(names) and were not in kept and {*names} <= {*were}:
            kept.add(were)
        else:
            yield path, names


def _ways(before: Mapping[str, File], paths: Iterable[str]) -> set[str]:
    # Nothing is known of a directory that no layer speaks of.
    found: set[str] = set()
    for path in paths:
        parent = path.rpartition("/")[0]
        while parent and parent not in found:
            found.add(parent)
            parent = parent.rpartition("/")[0]
    return {path for path in found if path in before and before[path].layer is not None}
