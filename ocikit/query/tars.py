"""
Why two tar streams differ: the first member, field or byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ocikit._records import record
from ocikit.content.streams import Stream
from ocikit.errors import Corrupt
from ocikit.query.counted import Counted
from ocikit.query.difference import text
from ocikit.query.explanation import Cause, Explanation
from ocikit.query.headers import first
from ocikit.query.members import headers, readable
from ocikit.query.twin import Twin
from ocikit.query.values import Place
from ocikit.tree.entry import Member
from ocikit.tree.faults import TarTruncated
from ocikit.tree.paths import clean
from ocikit.tree.reader import Reader
from ocikit.tree.tarheader import BLOCK

#: Fields that tell how a header is written, and not what it says.
_FORMAT: Final = frozenset(["format", "header", "spelling", "linkname spelling"])


def explain_tars(left: Stream, right: Stream, path: tuple[str, ...]) -> Explanation | None:
    """
    Name the first thing in which two tar streams differ; None when they do not.

    Both are read once, side by side; nothing is kept of them but a few mebibytes.

    Args:
        left: read to its end, or to what differs and on from there as far as needed.
        right: likewise.
        path: where they are.
    """
    twin = Twin(left, right)
    tars = _Tars(twin, path)
    try:
        return tars.explain()
    except Corrupt as error:
        twin.drain()
        return None if twin.parted is None else tars.unread(twin.parted, error)


@record
class _Spot:
    """
    The member that a byte is in.
    """

    member: Member
    #: Where its content ends.
    end: int

    @property
    def begin(self) -> int:
        return self.end - self.member.size

    @property
    def padded(self) -> int:
        return self.end + -self.end % BLOCK


class _Tars:
    def __init__(self, twin: Twin, path: tuple[str, ...]) -> None:
        self._twin = twin
        self._path = path
        self._reader = Reader(twin)
        #: The last member that was read.
        self._spot: _Spot | None = None

    def explain(self) -> Explanation | None:
        for member in self._reader:
            before, parted = self._spot, self._twin.parted
            self._spot = spot = _Spot(member, self._reader.end)
            if parted is None or parted >= spot.padded:
                continue
            if parted >= member.offset:
                return self._within(spot, parted)
            if before is not None and parted < before.padded:
                return self._within(before, parted)
            return self._plain("format", parted, ", in a header for all members that follow")
        self._twin.drain()
        if self._twin.parted is None:
            return None
        if self._spot is not None and self._twin.parted < self._spot.padded:
            return self._within(self._spot, self._twin.parted)
        return self._ends(self._spot.padded if self._spot else 0, self._twin.parted)

    def unread(self, parted: int, error: Corrupt) -> Explanation:
        """
        Say what can be said where the left one is no archive from some member on.
        """
        if not any(self._twin.ended):
            return self._plain("bytes", parted, f"; the left one cannot be read: {error}")
        offset = error.offset if isinstance(error, TarTruncated) else parted
        try:
            # The other one goes on, and has the name.
            member = next(iter(Reader(self._twin.right(offset))), None)
        except (Corrupt, ValueError):
            member = None
        return self._truncated(parted, member)

    def _plain(self, cause: Cause, offset: int, more: str = "") -> Explanation:
        message = f"the tar streams differ from byte {offset}{more}"
        return Explanation(
            level="layer", path=self._path, cause=cause, offset=offset, message=message
        )

    def _file(
        self, name: bytes, cause: Cause, offset: int, message: str, *sides: str | None
    ) -> Explanation:
        left, right = sides or (None, None)
        return Explanation(
            level="file",
            path=(*self._path, readable(clean(name)) or "/"),
            cause=cause,
            offset=offset,
            message=message,
            left=left,
            right=right,
        )

    def _truncated(self, parted: int, member: Member | None) -> Explanation:
        side = "left" if self._twin.ended[0] else "right"
        within = f", within {readable(member.name)!r}" if member else ""
        message = f"the {side} tar stream ends after {parted} bytes{within}"
        return Explanation(
            level="layer", path=self._path, cause="truncated", offset=parted, message=message
        )

    def _within(self, spot: _Spot, parted: int) -> Explanation:
        name = spot.member.name
        if any(self._twin.ended):
            return self._truncated(parted, spot.member)
        if parted < spot.begin:
            return self._header(spot, parted)
        if parted < spot.end:
            at = parted - spot.begin
            return self._file(name, "content", at, f"content differs from byte {at}")
        message = f"the bytes that fill up its last block differ from byte {parted}"
        return self._file(name, "padding", parted, message)

    def _header(self, spot: _Spot, parted: int) -> Explanation:
        member = spot.member
        try:
            reader = Reader(self._twin.right(member.offset))
            other = next(iter(reader), None)
        except (Corrupt, ValueError) as error:
            return self._plain("bytes", parted, f"; the right one cannot be read: {error}")
        if other is None:
            return self._alone(member, "left", parted)
        if clean(member.name) != clean(other.name):
            return self._other(member, other, reader, parted)
        if member.block not in member.header:
            # What headers for all members say is worked into it.
            return self._plain("format", parted, f", in the header of {readable(member.name)!r}")
        return self._facts(member, other, reader, parted)

    def _facts(self, left: Member, right: Member, reader: Reader, parted: int) -> Explanation:
        if left.kind != right.kind:
            sides = text(left.kind), text(right.kind)
            return self._file(left.name, "fact", parted, f"{left.kind} | {right.kind}", *sides)
        found = next(headers(left, right, Place("file", ())), None)
        if found is None:
            return self._file(left.name, "format", parted, "its headers are written otherwise")
        message = f"{found.field} {found.left} | {found.right}"
        if found.field == "size":
            at = _first(self._reader.content(), reader.content())
            message += f"; content differs from byte {at}"
        cause: Cause = "format" if found.field in _FORMAT else "fact"
        return self._file(left.name, cause, parted, message, found.left, found.right)

    def _other(self, left: Member, right: Member, reader: Reader, parted: int) -> Explanation:
        alone: list[tuple[bytes, Member, str]] = []
        for member, rest, side in ((left, reader, "left"), (right, self._reader, "right")):
            if not _has(rest, member.name):
                alone.append((clean(member.name), member, side))
        if alone:
            _, member, side = min(alone, key=lambda each: each[0])
            return self._alone(member, side, parted)
        names = text(readable(left.name)), text(readable(right.name))
        return Explanation(
            level="layer",
            path=self._path,
            cause="order",
            offset=parted,
            message=f"members come in another order: {names[0]} | {names[1]}",
            left=names[0],
            right=names[1],
        )

    def _alone(self, member: Member, side: str, parted: int) -> Explanation:
        sides = [text(member.kind) if each == side else None for each in ("left", "right")]
        return self._file(member.name, "file", parted, f"it is only on the {side}", *sides)

    def _ends(self, end: int, parted: int) -> Explanation:
        try:
            rest = Counted(self._twin.right(end))
            member = next(iter(Reader(rest)), None)
            if member is not None:
                return self._alone(member, "right", parted)
            rest.drain()
        except (Corrupt, ValueError):
            return self._plain("end", parted, ", behind the last member")
        counts = self._twin.count - end, rest.count
        if counts[0] == counts[1]:
            return self._plain("end", parted, ", behind the last member")
        message = f"{counts[0]} | {counts[1]} bytes follow the last member of the tar stream"
        return Explanation(
            level="layer",
            path=self._path,
            cause="end",
            offset=parted,
            message=message,
            left=str(counts[0]),
            right=str(counts[1]),
        )


def _has(reader: Reader, name: bytes) -> bool:
    try:
        return any(clean(member.name) == clean(name) for member in reader)
    except Corrupt:
        return False


def _first(left: Iterator[bytes], right: Iterator[bytes]) -> int:
    """
    Give the first byte of two contents that differs, or at which one ends.
    """
    one = other = b""
    at = 0
    while True:
        one, other = one or next(left, b""), other or next(right, b"")
        shared = min(len(one), len(other))
        same = first(one[:shared], other[:shared])
        if not shared or same < shared:
            return at + same
        one, other, at = one[shared:], other[shared:], at + shared
