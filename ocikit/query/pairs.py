"""
Which layer of one image is compared with which of another, and which child of an index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence, Set
from typing import Generic, TypeAlias, TypeVar

from ocikit import platforms
from ocikit._records import record
from ocikit.content.image import Child
from ocikit.content.layer import DiffIDsMissing, Layer
from ocikit.digest import Digest
from ocikit.spec.attestation import about, is_attestation

T = TypeVar("T")

#: What two things have in common that are one and the same; None of what has none.
Key: TypeAlias = Hashable | None
#: Positions on either side.
Places: TypeAlias = tuple[int | None, int | None]


@record
class Pair(Generic[T]):
    """
    Two things that are compared, or one that has no counterpart.
    """

    #: Such as "layer 2", or "layer 2/3" where the positions differ, the lower one first.
    name: str
    left: T | None
    right: T | None
    #: Where they are on both sides, from 0.
    places: Places
    #: Whether something that is before it on one side is behind it on the other.
    moved: bool = False


def layer_pairs(left: Sequence[Layer], right: Sequence[Layer]) -> tuple[Pair[Layer], ...]:
    """
    Pair layers: those of equal diff IDs, those of equal digests, then by position.

    What is between the same two pairs on both sides is paired in order.

    >>> from ocikit.content.synthetic import layer
    >>> import random
    >>> one, two, three = (layer(random.Random(seed)) for seed in range(3))
    >>> [pair.name for pair in layer_pairs([one, two], [one, three, two])]
    ['layer 1', 'layer 2', 'layer 2/3']
    """
    one, other = (
        [_Keyed(each, None, (diff_id(each), each.digest)) for each in side]
        for side in (left, right)
    )
    return _pairs("layer", one, other)


def child_pairs(left: Sequence[Child], right: Sequence[Child]) -> tuple[Pair[Child], ...]:
    """
    Pair children of indexes: by platform where that is unambiguous, by digest, by position.

    An attestation goes by the platform of what it is about.
    """
    names = [_names(side) for side in (left, right)]
    counts = [Counter(named) for named in names]
    one, other = (
        [
            _Keyed(child, name, (name, child.descriptor.digest))
            for child, name in zip(
                side, (n if all(c[n] < 2 for c in counts) else None for n in named), strict=True
            )
        ]
        for side, named in zip((left, right), names, strict=True)
    )
    return _pairs("child", one, other)


def diff_id(layer: Layer) -> Digest | None:
    """
    Give a layer's diff ID where nothing has to be decompressed for it.
    """
    if layer.known_diff_id is not None or layer.listed is None:
        return layer.known_diff_id
    try:
        return layer.diff_id
    except DiffIDsMissing:
        return None


def _names(children: Sequence[Child]) -> list[str | None]:
    own = [None if is_attestation(each.descriptor) else _platform(each) for each in children]
    known = {str(each.descriptor.digest): name for each, name in zip(children, own, strict=True)}
    return [
        f"attestation of {known[subject]}"
        if is_attestation(each.descriptor) and known.get(subject := about(each.descriptor))
        else name
        for each, name in zip(children, own, strict=True)
    ]


def _platform(child: Child) -> str | None:
    given = child.descriptor.platform
    return None if given is None else str(platforms.normalise(given)) or None


@record
class _Keyed(Generic[T]):
    item: T
    name: str | None
    #: By which it is paired, the best first.
    keys: tuple[Key, Key]


def _pairs(word: str, left: Sequence[_Keyed[T]], right: Sequence[_Keyed[T]]) -> tuple[Pair[T], ...]:
    found = _matched(left, right)
    moved = _moved(found)
    taken = set(found.values())
    places: list[Places] = [(i, found.get(i)) for i in range(len(left))]
    places += [(None, j) for j in range(len(right)) if j not in taken]
    places.sort(key=lambda place: sorted(each for each in place if each is not None))
    return tuple(_pair(word, left, right, place, place[0] in moved) for place in places)


def _pair(
    word: str,
    left: Sequence[_Keyed[T]],
    right: Sequence[_Keyed[T]],
    place: Places,
    moved: bool,
) -> Pair[T]:
    i, j = place
    one = None if i is None else left[i]
    other = None if j is None else right[j]
    names = {each.name for each in (one, other) if each is not None}
    numbers = sorted({each + 1 for each in (i, j) if each is not None})
    name = names.pop() if len(names) == 1 else None
    return Pair(
        name or f"{word} {'/'.join(map(str, numbers))}",
        None if one is None else one.item,
        None if other is None else other.item,
        place,
        moved,
    )


def _matched(left: Sequence[_Keyed[T]], right: Sequence[_Keyed[T]]) -> dict[int, int]:
    found: dict[int, int] = {}
    for rank in range(2):
        taken = set(found.values())
        free: dict[Key, list[int]] = {}
        for j, keyed in reversed([*enumerate(right)]):
            if j not in taken and keyed.keys[rank] is not None:
                free.setdefault(keyed.keys[rank], []).append(j)
        for i, keyed in enumerate(left):
            if i not in found and free.get(keyed.keys[rank]):
                found[i] = free[keyed.keys[rank]].pop()
    return {**found, **dict(_between(found, left, right))}


def _between(
    found: dict[int, int], left: Sequence[_Keyed[T]], right: Sequence[_Keyed[T]]
) -> Iterator[tuple[int, int]]:
    """
    Pair what has no name and no counterpart, and follows the same pair on both sides.
    """
    back = {j: i for i, j in found.items()}
    free: dict[int, list[int]] = {}
    last = -1
    for j, keyed in enumerate(right):
        last = back.get(j, last)
        if j not in back and keyed.name is None:
            free.setdefault(last, []).insert(0, j)
    last = -1
    for i, keyed in enumerate(left):
        last = i if i in found else last
        if i not in found and keyed.name is None and free.get(last):
            yield i, free[last].pop()


def _moved(found: dict[int, int]) -> Set[int | None]:
    order = sorted(found)
    moved: set[int] = set()
    highest = -1
    for i in order:
        moved |= {i} if found[i] < highest else set()
        highest = max(highest, found[i])
    lowest = highest + 1
    for i in reversed(order):
        moved |= {i} if found[i] > lowest else set()
        lowest = min(lowest, found[i])
    return {i for i in moved if i != found[i]}
