"""
How the header of a tar member is written: its form, and where two of them part.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from itertools import pairwise
from typing import Final

from ocikit._records import record

_BLOCK: Final = 512
_FORMS: Final = {b"ustar\x0000": "ustar", b"ustar  \0": "gnu"}
_EXTENSIONS: Final = {b"x": "pax", b"L": "gnu", b"K": "gnu", b"S": "gnu"}
#: The fields of a header block, by where they begin (POSIX.1-2017, pax).
_FIELDS: Final = (
    *((0, "name"), (100, "mode"), (108, "uid"), (116, "gid"), (124, "size"), (136, "mtime")),
    *((148, "checksum"), (156, "type"), (157, "linkname"), (257, "magic"), (263, "version")),
    *((265, "uname"), (297, "gname"), (329, "devmajor"), (337, "devminor"), (345, "prefix")),
    *((500, "filler"), (512, "")),
)
#: How much of an extension is shown.
_SHOWN: Final = 40


@record
class WrittenField:
    """
    A field of two headers that differs.
    """

    #: The field of the header; "extension" where one is in front of it.
    field: str
    #: In bytes from the beginning of all that is the header.
    offset: int
    #: The field on both sides, as text.
    left: str
    right: str


def form(header: bytes) -> str:
    """
    Name the format of a member's headers: pax, gnu, ustar, or v7 before it.

    >>> from ocikit.tree.tarheader import header
    >>> form(header(b"a")), form(header(b"a" * 300))
    ('ustar', 'pax')
    """
    extended = _EXTENSIONS.get(header[156:157])
    if extended is not None and (extended == "pax" or len(header) > _BLOCK):
        return extended
    return _FORMS.get(header[257:265], "v7")


def written(left: bytes, right: bytes, without: Set[str] = frozenset()) -> WrittenField | None:
    """
    Give the first field in which two headers differ, the checksum only if it is alone.

    Args:
        left: all blocks of one.
        right: those of the other.
        without: fields that may differ, and those in front of the header with them.

    >>> from ocikit.tree.tarheader import header
    >>> written(header(b"a"), header(b"a", mode=0o600)).field
    'mode'
    """
    if left[:-_BLOCK] != right[:-_BLOCK] and not without:
        at = first(left, right)
        sides = (_text(side[at : at + _SHOWN]) for side in (left, right))
        return WrittenField("extension", at, *sides)
    before = len(left) - _BLOCK
    one, other = left[-_BLOCK:], right[-_BLOCK:]
    for begin, end, field in _fields(without):
        if one[begin:end] != other[begin:end]:
            at = before + begin + first(one[begin:end], other[begin:end])
            return WrittenField(field, at, _text(one[begin:end]), _text(other[begin:end]))
    return None


def _fields(without: Set[str]) -> Iterator[tuple[int, int, str]]:
    spans = [(begin, end, name) for (begin, name), (end, _) in pairwise(_FIELDS)]
    yield from (span for span in spans if span[2] not in {*without, "checksum"})
    if not without:
        yield from (span for span in spans if span[2] == "checksum")


def first(left: bytes, right: bytes) -> int:
    """
    Give the position of the first byte that differs; the shorter length if none does.

    >>> first(b"abc", b"abd"), first(b"ab", b"abc")
    (2, 2)
    """
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _text(field: bytes) -> str:
    return field.decode("utf-8", "surrogateescape")
