"""
Headers that extend the next one: pax records, GNU's long names, maps of sparse files.

What cannot be read raises ValueError with a reason: who calls knows which member it was.
"""

from __future__ import annotations

from typing import Final

from ocikit._records import FrozenMap
from ocikit.tree import fields

PAX: Final = b"x"
SHARED_PAX: Final = b"g"
SPARSE: Final = b"S"
_LONG_NAME: Final = b"L"
_LONG_LINK: Final = b"K"
#: The headers that are for the next member only.
EXTENSIONS: Final = {PAX: "pax header", _LONG_NAME: "long name", _LONG_LINK: "long link"}

#: What says which bytes a member has cannot be said for many at once: some readers obey,
#: engines do not, and each would find other members.
_NEVER_SHARED: Final = (fields.SIZE, fields.PATH, fields.LINK)

#: Segments that the header of a sparse file has room for, and every block after it.
_IN_HEADER: Final = 4
_IN_BLOCK: Final = 21
_SEGMENT: Final = 24


class Extensions:
    """
    What the headers before a member say of it.
    """

    def __init__(self, shared: FrozenMap[str, bytes]) -> None:
        #: All pax records that apply.
        self.pax = shared
        self._said: dict[bytes, bytes] = {}

    def add(self, flag: bytes, content: bytes) -> None:
        """
        Take one more header.
        """
        if flag in self._said:
            raise ValueError(f"there are two headers with a {EXTENSIONS[flag]} for one member")
        self._said[flag] = content.split(b"\0", 1)[0]
        if flag == PAX:
            self.pax = FrozenMap({**self.pax, **fields.records(content)})

    def name(self, written: bytes) -> bytes:
        """
        Give the path, where the header has `written`.
        """
        sparse = self.pax.get(fields.SPARSE_NAME)
        return sparse or self._either(_LONG_NAME, fields.PATH, written)

    def linkname(self, written: bytes) -> bytes:
        """
        Give what a link refers to, where the header has `written`.
        """
        return self._either(_LONG_LINK, fields.LINK, written)

    def size(self) -> int | None:
        """
        Give the size of the content that the pax records say; it counts everywhere.
        """
        said = self.pax.get(fields.SIZE)
        if not said:
            return None
        size = fields.decimal(said, fields.SIZE)
        if not 0 <= size < 1 << 63:
            raise ValueError(f"content cannot have a size of {size} bytes")
        return size

    def _either(self, flag: bytes, key: str, written: bytes) -> bytes:
        long, record = self._said.get(flag), self.pax.get(key)
        if long and record and long != record:
            raise ValueError(f"its {EXTENSIONS[flag]} and its pax record {key} differ")
        return record or long or written


def shared(before: FrozenMap[str, bytes], content: bytes) -> FrozenMap[str, bytes]:
    """
    Read a global pax header: give the records for all members that follow.
    """
    found = fields.records(content)
    for key in found:
        if key in _NEVER_SHARED or key.startswith(fields.SPARSE):
            raise ValueError(f"a global pax header sets {key!r} for all members")
    # That is said of the archive: git writes the commit there.
    found.pop("comment", None)
    return FrozenMap({**before, **found}) if found else before


def more_blocks(block: bytes, *, header: bool) -> bool:
    """
    Tell whether a block follows that goes on with a sparse file's map.
    """
    return bool(block[482 if header else 504])


def sparse_map(blocks: bytes) -> FrozenMap[str, bytes]:
    """
    Read the map of GNU's old sparse files, as the pax records that say the same.

    Args:
        blocks: the header, and those that go on with its map.
    """
    numbers: list[int] = []
    for at in range(0, len(blocks), 512):
        start, count = (at, _IN_BLOCK) if at else (386, _IN_HEADER)
        for segment in range(start, start + _SEGMENT * count, _SEGMENT):
            if not blocks[segment : segment + 12].strip(b"\0 "):
                break
            middle = segment + _SEGMENT // 2
            numbers.append(fields.number(blocks[segment:middle]))
            numbers.append(fields.number(blocks[middle : segment + _SEGMENT]))
    return FrozenMap(
        {
            "GNU.sparse.size": b"%d" % fields.number(blocks[483:495]),
            "GNU.sparse.numblocks": b"%d" % (len(numbers) // 2),
            fields.SPARSE_MAP: b",".join(b"%d" % number for number in numbers),
        }
    )
