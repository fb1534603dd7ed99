"""
What differs in the files that containers of two images would see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ocikit import media
from ocikit.content.image import Child, Content, Image, Index
from ocikit.query.difference import Difference, Found, Ignore
from ocikit.query.facts import facts, missing
from ocikit.query.pairs import child_pairs, diff_id
from ocikit.query.values import ABSENT, Place
from ocikit.query.walk import MAX_NESTING, NestedTooDeeply

if TYPE_CHECKING:
    from ocikit.digest import Digest
    from ocikit.spec.descriptor import Descriptor
    from ocikit.tree.difference import Difference as Change
    from ocikit.tree.filetree import File
    from ocikit.tree.resolve import Place as At


def diff_trees(
    left: Content, right: Content, *, ignore: Iterable[Ignore] = ()
) -> tuple[Difference, ...]:
    """
    Give the differences of the files that all layers of two images make together.

    In which layer a file is, and how archives and documents are written, makes no
    difference: an image and its flattened one have none. Children of indexes are matched
    as `diff` matches them; of what is no image it is told that it differs.

    Args:
        left: one side.
        right: the other.
        ignore: which differences not to tell; `ocikit.query.ignore` has them by name.

    Raises:
        LinkTargetMissing: a hard link refers to what is not there.
        DiffIDMismatch: a layer is not the one that the configuration speaks of.
        TarInvalid, TarTruncated, TarTooLarge: a layer is not a good archive.
        NestedTooDeeply: indexes are nested without end.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> one, two = image(random.Random(1)), image(random.Random(1), docker=True)
    >>> diff_trees(one, two)
    ()
    """
    found = Found(tuple(ignore))
    found.take(_content(left, right, (), MAX_NESTING))
    return tuple(found.told)


def _content(
    left: Content, right: Content, path: tuple[str, ...], nesting: int
) -> Iterator[Difference]:
    if left.digest == right.digest:
        return
    if isinstance(left, Index) and isinstance(right, Index):
        if nesting < 1:
            raise NestedTooDeeply(digest=left.digest, limit=MAX_NESTING)
        yield from _indexes(left, right, path, nesting - 1)
    elif isinstance(left, Image) and isinstance(right, Image) and _have_files(left, right):
        yield from _images(left, right, path)
    else:
        yield from facts("content", path, left.descriptor, right.descriptor)


def _indexes(
    left: Index, right: Index, path: tuple[str, ...], nesting: int
) -> Iterator[Difference]:
    for pair in child_pairs(left.children, right.children):
        here = (*path, pair.name)
        if pair.left is None or pair.right is None:
            sides = (_descriptor(pair.left), _descriptor(pair.right))
            yield missing("index", here, *sides)
        elif pair.left.descriptor.digest != pair.right.descriptor.digest:
            yield from _content(pair.left.content, pair.right.content, here, nesting)


def _descriptor(child: Child | None) -> Descriptor | None:
    return None if child is None else child.descriptor


def _have_files(*images: Image) -> bool:
    return all(media.is_layer(layer.media_type) for image in images for layer in image.layers)


def _images(left: Image, right: Image, path: tuple[str, ...]) -> Iterator[Difference]:
    ids = [[diff_id(layer) or layer.digest for layer in image.layers] for image in (left, right)]
    if ids[0] == ids[1]:
        return
    from ocikit.tree.checked import checked
    from ocikit.tree.difference import compare, digests
    from ocikit.tree.filetree import load_both

    one, other = load_both(checked(left.layers), checked(right.layers))
    changes = compare(one, other)
    changed = [change for change in changes if "content" in change.facts]
    known = [
        digests(tree, [file for file in files if file is not None])
        for tree, files in (
            (one, (change.before for change in changed)),
            (other, (change.after for change in changed)),
        )
    ]
    for change in changes:
        yield from _change(change, path, known[0], known[1])


def _change(
    change: Change,
    path: tuple[str, ...],
    left: Mapping[At | None, Digest],
    right: Mapping[At | None, Digest],
) -> Iterator[Difference]:
    place = Place("file", (*path, change.path or "/"))
    one, other = change.before, change.after
    if one is None or other is None:
        kinds = (ABSENT if file is None else file.kind for file in (one, other))
        yield place.difference("kind", *kinds)
        return
    for fact in change.facts:
        if fact == "content":
            digests = str(left[one.place]), str(right[other.place])
            yield place.difference("content", *digests)
        elif fact == "xattrs":
            from ocikit.query.members import xattrs

            yield from xattrs(one.entry, other.entry, place)
        else:
            yield place.difference(fact.removesuffix("_ns"), _fact(one, fact), _fact(other, fact))


def _fact(file: File, fact: str) -> Any:
    from ocikit.query.members import FACTS

    if fact in FACTS or fact == "mtime_ns":
        return FACTS[fact.removesuffix("_ns")](file.entry)
    return [*file.links] if fact == "links" else getattr(file.entry, fact)
