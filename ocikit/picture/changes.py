"""
What is different between two images, to be looked at: settings, layers, files with sizes.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from typing import Final, Literal, TypeAlias

from ocikit import media
from ocikit._records import evolve, record
from ocikit.content.image import Content, Image, Index
from ocikit.digest import Digest
from ocikit.picture.instructions import instruction, made_by
from ocikit.picture.overview import pulled
from ocikit.query.diff import diff
from ocikit.query.difference import Difference, Ignore
from ocikit.query.ignore import PRESETS
from ocikit.query.pairs import child_pairs, diff_id, layer_pairs
from ocikit.spec.config import History
from ocikit.tree.checked import checked
from ocikit.tree.difference import Difference as Change
from ocikit.tree.difference import compare
from ocikit.tree.filetree import load_both

How: TypeAlias = Literal["added", "removed", "changed"]

#: How many files, and how many settings, are named.
MOST: Final = 200


@record(kw_only=True)
class FileChange:
    """
    A path at which files differ.
    """

    path: str
    how: How
    #: Bytes of content on either side; None where there is nothing.
    before: int | None
    after: int | None
    #: What differs of a file that is on both sides, such as "content" or "mode".
    facts: tuple[str, ...] = ()

    @property
    def growth(self) -> int:
        """
        How many bytes there are more; negative when there are less.
        """
        return (self.after or 0) - (self.before or 0)


@record(kw_only=True)
class Tally:
    """
    How many files there are of a kind of change, and how many bytes that is.
    """

    how: How
    count: int
    growth: int


@record(kw_only=True)
class LayerChange:
    """
    A layer of one image or both.
    """

    #: Such as "layer 2", or "layer 2/3".
    name: str
    #: Digests and sizes on either side; None where there is none.
    before: Digest | None
    after: Digest | None
    before_size: int
    after_size: int
    #: Whether both have the same files in it, however they are compressed.
    same: bool
    instruction: str


@record(kw_only=True)
class Changes:
    """
    Two images, or two of what indexes list.
    """

    #: Which of the children of indexes, such as "linux/arm64"; empty for images.
    name: str = ""
    before: Digest | None
    after: Digest | None
    before_size: int = 0
    after_size: int = 0
    #: Of manifests, configurations and indexes, without layers and what follows of them.
    settings: tuple[Difference, ...] = ()
    other_settings: int = 0
    layers: tuple[LayerChange, ...] = ()
    #: The largest changes first.
    files: tuple[FileChange, ...] = ()
    #: All files, those that are not named among them.
    tallies: tuple[Tally, ...] = ()
    #: Files of which only the times differ; they are not among the others.
    touched: int = 0
    #: Whether files were compared.
    read: bool = False
    inside: tuple[Changes, ...] = ()


def changes(
    left: Content,
    right: Content,
    *,
    ignore: Iterable[Ignore] = (),
    files: bool = True,
    most: int = MOST,
) -> Changes:
    """
    Compare two images, or two indexes child by child, for a picture.

    Args:
        left: one side.
        right: the other.
        ignore: which differences not to tell; `ocikit.query.ignore` has them by name.
        files: read the layers of both, each once, and compare the files that containers see.
        most: how many files and settings are named; the largest changes are.

    Raises:
        JSONInvalid: a document cannot be read.
        NestedTooDeeply: indexes are nested without end.
        DiffIDMismatch: a layer is not the one that the configuration speaks of.
        TarInvalid, TarTruncated, TarTooLarge: a layer is not a good archive.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> found = changes(image(random.Random(1)), image(random.Random(2)))
    >>> [(tally.how, tally.count) for tally in found.tallies]
    [('added', 1), ('removed', 1), ('changed', 0)]
    """
    return _changes("", left, right, _Wanted(tuple(ignore), files, most))


@record
class _Wanted:
    ignore: tuple[Ignore, ...]
    files: bool
    most: int

    def tells(self, difference: Difference) -> bool:
        """
        Whether a difference is to be told.
        """
        return not any(ignored(difference) for ignored in self.ignore)


def _changes(name: str, left: Content, right: Content, wanted: _Wanted) -> Changes:
    settings = [*_settings(left, right, wanted)]
    most = wanted.most
    made = Changes(
        name=name,
        before=left.digest,
        after=right.digest,
        settings=tuple(settings[:most]),
        other_settings=max(0, len(settings) - most),
        inside=tuple(_children(left, right, wanted)),
    )
    if not (isinstance(left, Image) and isinstance(right, Image)):
        return made
    return _with_layers(made, left, right, wanted)


def _with_layers(made: Changes, left: Image, right: Image, wanted: _Wanted) -> Changes:
    made = evolve(
        made,
        before_size=pulled(left),
        after_size=pulled(right),
        layers=tuple(_layers(left, right)),
    )
    if not wanted.files or not _have_files(left, right):
        return made
    named, tallies, touched = _files(left, right, wanted)
    return evolve(made, files=named, tallies=tallies, touched=touched, read=True)


def _settings(left: Content, right: Content, wanted: _Wanted) -> Iterator[Difference]:
    if isinstance(left, Index) and isinstance(right, Index):
        # What their children say is told of each.
        found: Iterable[Difference] = diff(left, right, ignore=wanted.ignore, files=False)
        yield from (each for each in found if each.level == "index" and len(each.path) == 1)
        return
    layers = PRESETS["digests"]
    for each in diff(left, right, ignore=wanted.ignore, files=False):
        if each.level in ("content", "manifest", "config") and not layers(each):
            yield each


def _children(left: Content, right: Content, wanted: _Wanted) -> Iterator[Changes]:
    if not (isinstance(left, Index) and isinstance(right, Index)):
        return
    for pair in child_pairs(left.children, right.children):
        one, other = pair.left, pair.right
        before = None if one is None else one.descriptor
        after = None if other is None else other.descriptor
        if one is None or other is None or one.descriptor.digest == other.descriptor.digest:
            yield Changes(
                name=pair.name,
                before=None if before is None else before.digest,
                after=None if after is None else after.digest,
            )
        else:
            yield _changes(pair.name, one.content, other.content, wanted)


def _layers(left: Image, right: Image) -> Iterator[LayerChange]:
    made = made_by(left), made_by(right)
    for pair in layer_pairs(left.layers, right.layers):
        one, other = pair.left, pair.right
        entries = [
            history[at] if at is not None else History()
            for history, at in zip(made, pair.places, strict=True)
        ]
        ids = [None if each is None else diff_id(each) for each in (one, other)]
        equal = one is not None and other is not None and one.digest == other.digest
        yield LayerChange(
            name=pair.name,
            before=None if one is None else one.digest,
            after=None if other is None else other.digest,
            before_size=0 if one is None else one.size,
            after_size=0 if other is None else other.size,
            same=equal or (ids[0] is not None and ids[0] == ids[1]),
            instruction=instruction(entries[1].created_by or entries[0].created_by),
        )


def _have_files(*images: Image) -> bool:
    return all(
        media.is_config(image.config.media_type)
        and all(media.is_layer(layer.media_type) for layer in image.layers)
        for image in images
    )


def _files(
    left: Image, right: Image, wanted: _Wanted
) -> tuple[tuple[FileChange, ...], tuple[Tally, ...], int]:
    one, other = load_both(checked(left.layers), checked(right.layers))
    found = [told for change in compare(one, other) if (told := _file(change, wanted))]
    named = [each for each in found if each.facts != ("mtime",)]
    kinds: tuple[How, ...] = ("added", "removed", "changed")
    of_kind = {how: [each for each in named if each.how == how] for how in kinds}
    tallies = tuple(
        Tally(how=how, count=len(of_kind[how]), growth=sum(each.growth for each in of_kind[how]))
        for how in kinds
    )
    largest = heapq.nsmallest(wanted.most, named, key=lambda each: (-_weight(each), each.path))
    return tuple(largest), tallies, len(found) - len(named)


def _weight(change: FileChange) -> int:
    # A file that was written anew weighs what it has, even if it has not grown.
    return max(abs(change.growth), (change.after or 0) if "content" in change.facts else 0)


def _file(change: Change, wanted: _Wanted) -> FileChange | None:
    before, after = change.before, change.after
    how: How = "added" if before is None else "removed" if after is None else "changed"
    path = change.path or "/"
    facts = tuple(fact.removesuffix("_ns") for fact in change.facts)
    # What is on one side only differs in its kind, as `query.diff_trees` tells it.
    sides = [None if side is None else '""' for side in (before, after)]
    told = [
        fact
        for fact in facts or ("kind",)
        if wanted.tells(Difference("file", (path,), fact, *sides))
    ]
    if not told:
        return None
    return FileChange(
        path=path,
        how=how,
        before=None if before is None else before.size,
        after=None if after is None else after.size,
        facts=tuple(told) if facts else (),
    )
