"""
Sparse files: archives leave out what is zero, and say where the rest belongs.

GNU tar has four ways to write the map: in the header, in pax records (0.0 and 0.1), and
before the content (1.0).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from ocikit.tree import fields
from ocikit.tree.entry import Entry, Member
from ocikit.tree.faults import TarInvalid

#: Bytes of a map before the content, at the most.
_MOST: Final = 1 << 20
_BLOCK: Final = 512
_ZEROS: Final = bytes(1 << 20)

Segments = tuple[tuple[int, int], ...]


def pieces(member: Member, content: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """
    Give the pieces of a file, each with its position; between them are zeros.

    Args:
        member: which member it is.
        content: its content as it is stored.

    Raises:
        TarInvalid: while reading; the map of a sparse file is not one.
    """
    if not member.pax or not member.entry.sparse:
        yield from _at(0, content)
        return
    try:
        segments, stored = _map(member.entry, iter(content))
    except ValueError as error:
        reason = str(error)
        raise TarInvalid(number=member.number, offset=member.offset, reason=reason) from None
    left = iter(segments)
    at = size = 0
    for data in stored:
        while data:
            while not size:
                at, size = next(left)
            piece, data = data[:size], data[size:]
            yield at, piece
            at, size = at + len(piece), size - len(piece)


def filled(member: Member, content: Iterable[bytes]) -> Iterator[bytes]:
    """
    Give the whole of a file, with zeros where the archive has left them out.

    Raises:
        TarInvalid: while reading; the map of a sparse file is not one.
    """
    end = 0
    for at, data in pieces(member, content):
        yield from _zeros(at - end)
        yield data
        end = at + len(data)
    if member.pax:
        yield from _zeros(member.entry.real_size - end)


def _at(position: int, content: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    for data in content:
        yield position, data
        position += len(data)


def _zeros(count: int) -> Iterator[bytes]:
    while count > 0:
        yield _ZEROS[:count]
        count -= len(_ZEROS)


def _map(entry: Entry, content: Iterator[bytes]) -> tuple[Segments, Iterable[bytes]]:
    written = entry.pax.get(fields.SPARSE_MAP)
    if written is None:
        numbers, read, content = _before(content)
    else:
        numbers, read = _numbers(written.split(b",")) if written else [], 0
    if len(numbers) % 2:
        raise ValueError("the map of a sparse file ends within a segment")
    segments = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    ends = [at + size for at, size in segments]
    overlap = any(end > at for end, (at, _) in zip(ends, segments[1:], strict=False))
    if overlap or (ends and ends[-1] > entry.real_size):
        raise ValueError("segments of a sparse file overlap, or lie beyond its end")
    if sum(size for _, size in segments) != entry.size - read:
        raise ValueError("the map of a sparse file does not fit its content")
    return segments, content


def _before(content: Iterator[bytes]) -> tuple[list[int], int, Iterator[bytes]]:
    # A count of segments, and their numbers, each on a line; zeros fill up the block.
    head = b""
    count = -1
    for data in content:
        head += data
        lines = head.split(b"\n", 1)
        if count < 0 and len(lines) > 1:
            count = 2 * _numbers(lines[:1])[0]
        if count >= 0 and (lines := head.split(b"\n", count + 1))[count + 1 :]:
            used = -(-(len(head) - len(lines[-1])) // _BLOCK) * _BLOCK
            if used <= len(head):
                return _numbers(lines[1:-1]), used, chain([head[used:]], content)
        if len(head) > _MOST:
            break
    raise ValueError("there is no map before the content of a sparse file")


def _numbers(words: Iterable[bytes]) -> list[int]:
    numbers = []
    for word in words:
        number = fields.decimal(word, "map of a sparse file")
        if number < 0:
            raise ValueError("the map of a sparse file has negative numbers")
        numbers.append(number)
    return numbers
