"""
What differs between two layers, member by member.

Both are read once, side by side. A member waits for its counterpart as facts and digest,
never with its content, so that layers of the same order need hardly any memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

from ocikit._records import record
from ocikit.content.compression import FREE_SIZE, MAX_RATIO
from ocikit.content.layer import Layer
from ocikit.digest import Digest, digest_of
from ocikit.query.counted import Counted
from ocikit.query.difference import Difference
from ocikit.query.members import headers, readable
from ocikit.query.values import ABSENT, Place
from ocikit.tree.checked import checked
from ocikit.tree.entry import Member
from ocikit.tree.paths import clean
from ocikit.tree.reader import Reader
from ocikit.tree.sparse import filled
from ocikit.tree.tarheader import BLOCK

_RECORD: Final = 20 * BLOCK


@record
class Seen:
    """
    A member that was read.
    """

    path: bytes
    member: Member
    #: Of a file, holes filled.
    content: Digest | None


def archives(left: Layer, right: Layer, path: tuple[str, ...]) -> Iterator[Difference]:
    """
    Give the differences of the members of two layers.

    Of several members of one path the first is compared with the first, and so on.

    Args:
        left: read to its end.
        right: likewise.
        path: where they are.

    Raises:
        DiffIDMismatch: a layer is not the one that the configuration speaks of.
        TarInvalid, TarTruncated, TarTooLarge: a layer is not a good archive.
    """
    one, other = _Side(left), _Side(right)
    order = _Order()
    for pair in zip_longest(one.members(), other.members()):
        for side, opposite, seen in ((one, other, pair[0]), (other, one, pair[1])):
            if seen is None:
                continue
            there = opposite.waiting.get(seen.path)
            if there is None:
                side.waiting.setdefault(seen.path, []).append(seen)
                continue
            found = there.pop(0)
            if not there:
                del opposite.waiting[seen.path]
            both = (seen, found) if side is one else (found, seen)
            order.add(*both)
            yield from _members(both[0], both[1], path)
    yield from _alone(one, other, path)
    place = Place("layer", path)
    yield from order.differences(place)
    # With other members the last record is filled up otherwise.
    if one.rest != other.rest and not (one.in_records and other.in_records):
        yield place.difference("end", one.rest, other.rest)


class _Side:
    def __init__(self, layer: Layer) -> None:
        self._layer = checked([layer])[0]
        #: Members whose counterparts were not read yet.
        self.waiting: dict[bytes, list[Seen]] = {}
        #: How many bytes follow the last member.
        self.rest = 0
        #: Whether it is written in whole records, as tapes want it.
        self.in_records = False

    def members(self) -> Iterator[Seen]:
        with self._layer.uncompressed() as stream:
            counted = Counted(stream)
            reader = Reader(counted)
            for member in reader:
                yield Seen(clean(member.name), member, _content(reader, member))
            counted.drain()
            self.rest = counted.count - reader.end - (-reader.end % BLOCK)
            self.in_records = counted.count % _RECORD == 0


def _content(reader: Reader, member: Member) -> Digest | None:
    if member.kind != "file":
        return None
    pieces = reader.content()
    if member.pax and _fits(member):
        pieces = filled(member, pieces)
    return digest_of(pieces)


def _fits(member: Member) -> bool:
    # A hole of any size costs nothing to write.
    return member.entry.real_size <= max(FREE_SIZE, MAX_RATIO * member.size)


class _Order:
    """
    Whether what is in both layers comes in one order.
    """

    def __init__(self) -> None:
        self._paths: list[bytes] = []
        self._places = array("q"), array("q")

    def add(self, left: Seen, right: Seen) -> None:
        self._paths.append(left.path)
        for places, seen in zip(self._places, (left, right), strict=True):
            places.append(seen.member.number)

    def differences(self, place: Place) -> Iterator[Difference]:
        everything = range(len(self._paths))
        one, other = (sorted(everything, key=places.__getitem__) for places in self._places)
        for left, right in zip(one, other, strict=True):
            if left != right:
                yield place.difference(
                    "file order", readable(self._paths[left]), readable(self._paths[right])
                )
                return


def _alone(left: _Side, right: _Side, path: tuple[str, ...]) -> Iterator[Difference]:
    for side, flip in ((left, False), (right, True)):
        for waiting in side.waiting.values():
            for seen in waiting:
                sides = (ABSENT, seen.member.kind) if flip else (seen.member.kind, ABSENT)
                yield _place(seen, path).difference("kind", *sides)


def _place(seen: Seen, path: tuple[str, ...]) -> Place:
    return Place("file", (*path, readable(seen.path) or "/"))


def _members(left: Seen, right: Seen, path: tuple[str, ...]) -> Iterator[Difference]:
    same = left.member.header == right.member.header
    if same and left.content == right.content:
        return
    place = _place(left, path)
    if left.member.kind != right.member.kind:
        yield place.difference("kind", left.member.kind, right.member.kind)
        return
    if not same:
        yield from headers(left.member, right.member, place)
    if left.content != right.content:
        yield place.difference("content", str(left.content), str(right.content))
