"""
Differences of documents, member by member.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from typing import Any, Final

from ocikit._records import record
from ocikit.digest import Digest
from ocikit.query.difference import Difference, Level, text

#: A side that has nothing.
ABSENT: Final = object()


@record
class Place:
    """
    Where the members of a document are told.
    """

    level: Level
    path: tuple[str, ...]

    def difference(self, field: str, left: Any, right: Any) -> Difference:
        """
        Tell of a field that differs; a side of `ABSENT` has none.
        """
        sides = (None if side is ABSENT else text(side) for side in (left, right))
        return Difference(self.level, self.path, field, *sides)


def documents(
    place: Place, left: bytes, right: bytes, own: Callable[[Any], Any]
) -> Iterator[Difference]:
    """
    Give the differences of two documents, those of mere spelling among them.

    Lists are compared behind what their beginnings have in common, and before what their
    ends have: one more entry is one difference, wherever it is. Fields that are no
    members are "form", "bytes" and "order of ...".

    Args:
        place: where they are told.
        left: the bytes of one.
        right: those of the other.
        own: what of a document is compared here, of its value.

    Raises:
        JSONInvalid: they are no JSON.
    """
    if left == right:
        return
    from ocikit.spec.gojson import dumps, loads

    one, other = loads(left), loads(right)
    yield from values(place, own(one), own(other))
    written = dumps(one), dumps(other)
    forms = [form(raw, compact) for raw, compact in zip((left, right), written, strict=True)]
    if forms[0] != forms[1]:
        yield place.difference("form", *forms)
    elif written[0] == written[1]:
        # They mean the same in the same order: blanks or escapes are what differs.
        yield place.difference("bytes", str(Digest.of(left)), str(Digest.of(right)))


def blanked(value: Any, names: Set[str]) -> Any:
    """
    Leave out what members of an object say; that they are there, and where, still counts.

    >>> blanked({"a": 1, "b": 2}, {"a"})
    {'a': None, 'b': 2}
    """
    if not isinstance(value, dict):
        return value
    return {name: None if name in names else each for name, each in value.items()}


def form(raw: bytes, compact: bytes) -> str:
    """
    Tell whether a document is written as Go writes it.

    >>> form(b'{"a": 1}', b'{"a":1}')
    'other'
    """
    return "compact" if raw == compact else "other"


def values(place: Place, left: Any, right: Any, member: str = "") -> Iterator[Difference]:
    """
    Give the differences of two JSON values.

    Args:
        place: where they are told.
        left: one.
        right: the other.
        member: how the value is reached, such as "config.Env".

    >>> [found.field for found in values(Place("index", ()), {"a": [1, 2]}, {"a": [2]})]
    ['a[0]']
    """
    if isinstance(left, dict) and isinstance(right, dict):
        yield from _objects(place, left, right, member)
    elif isinstance(left, list) and isinstance(right, list):
        for position, one, other in _aligned(left, right):
            yield from _either(place, one, other, f"{member}[{position}]")
    elif text(left) != text(right):
        yield place.difference(member, left, right)


def _objects(
    place: Place, left: dict[str, Any], right: dict[str, Any], member: str
) -> Iterator[Difference]:
    one = [name for name in left if name in right]
    other = [name for name in right if name in left]
    if one != other:
        yield place.difference(f"order of {member or 'members'}", one, other)
    for name in dict.fromkeys([*left, *right]):
        sides = left.get(name, ABSENT), right.get(name, ABSENT)
        here = f"{member}.{name}" if member else name
        yield from _either(place, _beside(*sides), _beside(*sides[::-1]), here)


def _beside(value: Any, other: Any) -> Any:
    # Beside something that is full, what is not there is told as if it were empty: each
    # annotation by itself, though the other side has none at all.
    full = value is ABSENT and isinstance(other, dict | list) and other
    return type(other)() if full else value


def _either(place: Place, left: Any, right: Any, member: str) -> Iterator[Difference]:
    if left is ABSENT or right is ABSENT:
        yield place.difference(member, left, right)
    else:
        yield from values(place, left, right, member)


def _aligned(left: list[Any], right: list[Any]) -> Iterator[tuple[int, Any, Any]]:
    one, other = [text(each) for each in left], [text(each) for each in right]
    shared = min(len(one), len(other))
    head = next((n for n in range(shared) if one[n] != other[n]), shared)
    rest = shared - head
    tail = next((n for n in range(rest) if one[-1 - n] != other[-1 - n]), rest)
    for position in range(head, max(len(left), len(right)) - tail):
        yield (
            position,
            left[position] if position < len(left) - tail else ABSENT,
            right[position] if position < len(right) - tail else ABSENT,
        )
