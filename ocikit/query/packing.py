"""
Why two blobs differ that hold the same: another compression, another header, another engine.
"""

from __future__ import annotations

from typing import Final

from ocikit.content.blob import Blob
from ocikit.content.streams import CHUNK
from ocikit.digest import Digest
from ocikit.query.difference import Level, text
from ocikit.query.explanation import Cause, Explanation
from ocikit.query.headers import first
from ocikit.query.packed import Field, Packed, fields
from ocikit.query.twin import Twin, exactly

_PARTS: Final = {"gzip": "members", "zstd": "frames"}
_HEADERS: Final[dict[str, Cause]] = {"gzip": "gzip header", "zstd": "zstd header"}


def explain_packing(left: Blob, right: Blob, path: tuple[str, ...]) -> Explanation | None:
    """
    Name the first thing in which two layers differ that hold the same; None if they do not.

    Args:
        left: read once, to its end.
        right: likewise.
        path: where they are.
    """
    one, other = Packed(), Packed()
    parted = _read(left, right, (one, other))
    if parted is None:
        return same_bytes("layer", path, left.digest, right.digest)
    if one.holds is None or one.holds != other.holds:
        return None
    cause, message, sides = _difference(one, other, parted)
    return Explanation(
        level="layer",
        path=path,
        cause=cause,
        offset=parted,
        message=f"the tar streams are equal; {message}",
        left=sides[0],
        right=sides[1],
    )


def explain_bytes(level: Level, left: Blob, right: Blob, path: tuple[str, ...]) -> Explanation:
    """
    Say from which byte on two blobs differ of which nothing else is known.
    """
    parted = _read(left, right, None)
    if parted is None:
        return same_bytes(level, path, left.digest, right.digest)
    message = f"content differs from byte {parted}"
    if parted == min(left.size, right.size):
        side = "left" if left.size < right.size else "right"
        message = f"the {side} one ends after {parted} bytes, where the other goes on"
    return Explanation(level=level, path=path, cause="bytes", offset=parted, message=message)


def same_bytes(level: Level, path: tuple[str, ...], left: Digest, right: Digest) -> Explanation:
    """
    Say that bytes are the same, and only their digests are of different kinds.
    """
    names = left.algorithm, right.algorithm
    return Explanation(
        level=level,
        path=path,
        cause="algorithm",
        message=f"the same bytes, by another algorithm ({names[0]} | {names[1]})",
        left=text(names[0]),
        right=text(names[1]),
    )


def _read(left: Blob, right: Blob, packed: tuple[Packed, Packed] | None) -> int | None:
    """
    Read two blobs side by side; give the first byte that differs.
    """
    with left.open() as one, right.open() as other:
        if packed is None:
            twin = Twin(one, other)
            twin.drain()
            return twin.parted
        parted: int | None = None
        at = 0
        while True:
            pieces = exactly(one, CHUNK), exactly(other, CHUNK)
            if not any(pieces):
                return parted
            if parted is None and pieces[0] != pieces[1]:
                parted = at + first(*pieces)
            at += CHUNK
            for each, piece in zip(packed, pieces, strict=True):
                each.feed(piece, parted)


def _difference(
    left: Packed, right: Packed, parted: int
) -> tuple[Cause, str, tuple[str | None, str | None]]:
    names = left.name, right.name
    if names[0] != names[1]:
        message = f"they are compressed otherwise ({names[0]} | {names[1]})"
        return "compression", message, (text(names[0]), text(names[1]))
    what = f"the {names[0]} streams differ from byte {parted}"
    found = _field(fields(left.head), fields(right.head), parted)
    if found is not None:
        name, one, other = found
        message = f"{what} ({name} {_shown(one)} | {_shown(other)})"
        return _HEADERS[names[0]], message, (_side(one), _side(other))
    parts = _PARTS[names[0]]
    if left.count != right.count:
        sides = str(left.count), str(right.count)
        return "compressed data", f"{what} ({sides[0]} | {sides[1]} {parts})", sides
    within = f", in number {left.spot[0]} of {left.count} {parts}" if left.count > 1 else ""
    message = f"{what}{within}: another level, or another engine"
    return "compressed data", message, (None, None)


def _field(
    left: tuple[Field, ...], right: tuple[Field, ...], parted: int
) -> tuple[str, Field | None, Field | None] | None:
    """
    Give the first field that differs in headers that the byte is in.
    """
    if parted >= max((each.end for each in (*left, *right)), default=0):
        return None
    one, other = ({each.name: each for each in side} for side in (left, right))
    every = sorted((*left, *right), key=lambda each: each.begin)
    for name in dict.fromkeys(each.name for each in every):
        sides = one.get(name), other.get(name)
        if _side(sides[0]) != _side(sides[1]):
            return name, *sides
    return None


def _side(field: Field | None) -> str | None:
    return None if field is None else text(field.value)


def _shown(field: Field | None) -> str:
    return "nothing" if field is None else str(field.value)
