"""
Files that both an image and its new base have changed, brought, or taken away.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ocikit.query.bases import Bases, changes, within
from ocikit.query.conflict import Conflict, Kind
from ocikit.query.finding import Severity
from ocikit.sizes import counted
from ocikit.tree.difference import Fact
from ocikit.tree.filetree import File, FileTree, PathMissing, find
from ocikit.tree.whiteouts import Opaque, Whiteout

#: How many files are named.
_NAMED: Final = 3
_WORDS: Final[dict[Fact, str]] = {
    "uid": "owner",
    "gid": "group",
    "uname": "name of the owner",
    "gname": "name of the group",
    "linkname": "target",
    "xattrs": "extended attributes",
}


def conflicts(trees: Bases) -> Iterator[Conflict]:
    """
    Give the conflicts of a three-way comparison.
    """
    yield from _ThreeWay(trees).conflicts()
    yield from _parents(trees)
    yield from _removed(trees)
    yield from _hidden(trees)


class _ThreeWay:
    """
    What the image has put where the bases have something, too.
    """

    def __init__(self, trees: Bases) -> None:
        self._trees = trees
        both = [path for path in trees.own if path in trees.new.files]
        #: What the new base has changed, and what of that the image has otherwise.
        self._moved = changes(trees.old, trees.new, both)
        self._apart = changes(trees.new, trees.built, self._moved)

    def conflicts(self) -> Iterator[Conflict]:
        for path, file in self._trees.own.items():
            old, new = (tree.files.get(path) for tree in (self._trees.old, self._trees.new))
            if new is None:
                if old is not None and file.kind != "directory":
                    message = "the image changes this file of the old base; the new one has none"
                    yield conflict(Severity.NOTE, "gone", path, message, file.layer)
            elif path in self._apart:
                yield from self._both(file, old, new)

    def _both(self, file: File, old: File | None, new: File) -> Iterator[Conflict]:
        directories = file.kind == "directory", new.kind == "directory"
        if all(directories):
            yield self._directories(file)
        elif any(directories):
            # What the image has replaced before, it means to replace.
            if old is None or (old.kind == "directory") != directories[1]:
                yield self._kinds(file, new)
        elif old is None:
            message = f"the new base brings this {new.kind} too; the image's own hides it"
            yield conflict(Severity.WARNING, "added", file.path, message, file.layer)
        else:
            facts = words(self._moved[file.path].facts)
            message = f"the new base has changed this file ({facts}); the image's own hides that"
            yield conflict(Severity.WARNING, "overwritten", file.path, message, file.layer)

    def _directories(self, file: File) -> Conflict:
        facts = words(self._apart[file.path].facts)
        message = f"the new base has other facts here ({facts}); the image's own replace them"
        return conflict(Severity.WARNING, "directory", file.path, message, file.layer)

    def _kinds(self, file: File, new: File) -> Conflict:
        lost = "all that is below it" if new.kind == "directory" else "what is found through it"
        what = f"{new.kind} to {new.entry.linkname}" if new.kind == "symlink" else new.kind
        message = (
            f"the new base has a {what} here; the image's {file.kind} takes its place,"
            f" and {lost} is gone"
        )
        return conflict(Severity.ERROR, "kind", file.path, message, file.layer)


def _parents(trees: Bases) -> Iterator[Conflict]:
    """
    Look at directories in which the image has or takes away something, and has none itself.
    """
    touched = [*trees.own, *trees.marks(Whiteout), *(f"{path}/" for path in trees.marks(Opaque))]
    for path in sorted({each for own in touched for each in within(own)} - trees.own.keys()):
        old, new = trees.old.files.get(path), trees.new.files.get(path)
        if new is None or new.kind == "directory":
            continue
        if new.kind == "symlink" and _leads_to_directory(trees, path):
            target = new.entry.linkname
            message = (
                f"the new base has a link to {target} here; what the image does in it is done there"
            )
            yield conflict(Severity.NOTE, "kind", path, message)
        elif old is None or old.kind == "directory":
            # What the image has replaced before, it means to replace.
            message = f"the new base has a {new.kind} here; the image makes it a directory"
            yield conflict(Severity.ERROR, "kind", path, message)


def _leads_to_directory(trees: Bases, path: str) -> bool:
    try:
        return find(trees.new, path).kind == "directory"
    except PathMissing:
        return False


def _removed(trees: Bases) -> Iterator[Conflict]:
    there = [path for path in trees.removed if path in trees.new.files]
    moved = changes(trees.old, trees.new, there)
    for path in trees.removed:
        added = trees.added_below(path)
        if path not in trees.new.files:
            message = "the image takes this away; the new base has it no more"
            yield conflict(Severity.NOTE, "whiteout", path, message)
        elif added:
            yield _hides(path, added, None)
        elif path in moved:
            facts = words(moved[path].facts)
            message = f"the image takes this away, though the new base has changed it ({facts})"
            yield conflict(Severity.NOTE, "removed", path, message)


def _hidden(trees: Bases) -> Iterator[Conflict]:
    """
    Look for what the new base adds where the image has cleared a directory, or replaced it.
    """
    for path, layer in trees.marks(Whiteout).items():
        if path in trees.new.files and path not in trees.old.files and path not in trees.own:
            message = "the new base adds this; the image takes it away"
            yield conflict(Severity.WARNING, "hidden", path, message, layer - 1)
    cleared = trees.marks(Opaque)
    for path, layer in trees.replaced.items():
        # Where a directory is new beside a file, more than this is told.
        if any(_is_directory(tree, path) for tree in (trees.old, trees.built)):
            cleared[path] = layer
    for path, layer in sorted(cleared.items()):
        added = [each for each in trees.added_below(path) if each not in trees.own]
        if added and not {*trees.removed}.intersection([path, *within(path)]):
            yield _hides(path, added, layer)


def _is_directory(tree: FileTree, path: str) -> bool:
    file = tree.files.get(path)
    return file is not None and file.kind == "directory"


def _hides(path: str, added: list[str], layer: int | None) -> Conflict:
    some = ", ".join(added[:_NAMED]) + (", ..." if len(added) > _NAMED else "")
    count = counted(len(added), "file")
    message = f"the image hides {count} that the new base adds here ({some})"
    return conflict(Severity.WARNING, "hidden", path, message, layer and layer - 1)


def words(facts: tuple[Fact, ...]) -> str:
    """
    Name facts as people do.
    """
    return ", ".join(_WORDS.get(fact, fact) for fact in facts)


def conflict(
    severity: Severity, kind: Kind, path: str, message: str, layer: int | None = None
) -> Conflict:
    """
    Make a conflict of a file; layers are counted from 0, as trees do.
    """
    number = None if layer is None else layer + 1
    return Conflict(severity=severity, kind=kind, path=path or "/", message=message, layer=number)
