"""
An image, its base, and the base that it is to be on, as trees of files.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from typing import Final

import attrs

from ocikit._records import FrozenMap, record
from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.query.members import readable
from ocikit.tree.checked import checked
from ocikit.tree.difference import Difference, Fact, compare
from ocikit.tree.filetree import File, FileTree, load
from ocikit.tree.named import Named, named
from ocikit.tree.reader import Reader
from ocikit.tree.whiteouts import Opaque, Whiteout

#: Facts that are others in every build of a base, and mean nothing.
_IGNORED: Final[tuple[Fact, ...]] = ("mtime_ns", "links")


@record(kw_only=True)
class Bases:
    """
    The trees of an image and of two bases.
    """

    old: FileTree
    new: FileTree
    built: FileTree
    #: The layers that the image has on top of the old base, lowest first.
    layers: tuple[Layer, ...] = attrs.field(repr=False)
    #: How many layers are below those.
    below: int

    @functools.cached_property
    def own(self) -> FrozenMap[str, File]:
        """
        What the image has put where it is, by path.
        """
        files = self.built.files.items()
        return FrozenMap({path: file for path, file in files if (file.layer or 0) >= self.below})

    @functools.cached_property
    def removed(self) -> tuple[str, ...]:
        """
        What the image has taken away from the old base, without what is below that.
        """
        gone = self.old.files.keys() - self.built.files.keys()
        return tuple(path for path in self.old.files if path in gone and self._is_top(path, gone))

    def _is_top(self, path: str, gone: Set[str]) -> bool:
        parent = path.rpartition("/")[0]
        # What was in a directory went with it, when something else took its place.
        return parent not in gone and self.built.files[parent].kind == "directory"

    @functools.cached_property
    def rebased(self) -> FileTree:
        """
        The tree that is to be: that of the new base, with what the image does to it.

        Only names and facts are right: content is to be had from the other trees.
        """
        own = self.own
        gone = {*self.removed, *self.marks(Whiteout)}
        cleared = {*self.marks(Opaque), *self.replaced, *gone}
        files = {
            path: file
            for path, file in self.new.files.items()
            if path not in gone and cleared.isdisjoint(within(path))
        }
        return FileTree(layers=(), files=FrozenMap({**files, **own}))

    def marks(self, kind: type[Whiteout | Opaque]) -> dict[str, int]:
        """
        Give the paths that the image's own layers mark, with the layer's number from 1.
        """
        return {
            readable(member.mark.path): layer
            for layer, member in self.members
            if isinstance(member.mark, kind)
        }

    @functools.cached_property
    def replaced(self) -> dict[str, int]:
        """
        The paths at which the image has, or had, what takes the place of a directory.
        """
        return {
            readable(member.path): layer
            for layer, member in self.members
            if member.mark is None and member.kind != "directory"
        }

    @functools.cached_property
    def members(self) -> tuple[tuple[int, Named], ...]:
        """
        The members of the image's own layers by name, with their layer's number from 1.
        """
        found: list[tuple[int, Named]] = []
        for number, layer in enumerate(checked(self.layers), self.below + 1):
            with layer.uncompressed() as stream:
                found += ((number, member) for member in named(Reader(stream)))
        return tuple(found)

    def added_below(self, path: str) -> list[str]:
        """
        Give what the new base has below a path, and the old one has not.
        """
        prefix = f"{path}/" if path else ""
        new, old = self.new.files, self.old.files
        return [each for each in new if each and each.startswith(prefix) and each not in old]


def bases(image: Image, old_base: Image, new_base: Image, layers: tuple[Layer, ...]) -> Bases:
    """
    Read names and facts of an image and of two bases.
    """
    old, new, built = (load(checked(each.layers)) for each in (old_base, new_base, image))
    return Bases(old=old, new=new, built=built, layers=layers, below=len(old_base.layers))


def within(path: str) -> Iterator[str]:
    """
    Give the directories that a path is in, the root last.

    >>> [*within("a/b/c")]
    ['a/b', 'a', '']
    """
    while path:
        path = path.rpartition("/")[0]
        yield path


def changes(before: FileTree, after: FileTree, paths: Collection[str]) -> Mapping[str, Difference]:
    """
    Give what differs at some paths, but for times.
    """
    found = compare(_only(before, paths), _only(after, paths), ignore=_IGNORED)
    return {change.path: change for change in found}


def _only(tree: FileTree, paths: Iterable[str]) -> FileTree:
    files = {path: tree.files[path] for path in paths if path in tree.files}
    return FileTree(layers=tree.layers, files=FrozenMap(files))
