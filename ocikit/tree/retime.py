"""
Archives whose members were all changed at one time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ocikit._records import evolve
from ocikit.content.streams import Stream
from ocikit.tree.entry import Member
from ocikit.tree.fields import number
from ocikit.tree.overlay import joined
from ocikit.tree.reader import LIMITS, Limits, Reader
from ocikit.tree.tarheader import END
from ocikit.tree.writer import header

_SECOND: Final = 10**9
#: Records that tell more times than that of the last change.
_TIMES: Final = ("atime", "ctime", "LIBARCHIVE.creationtime")
#: Where nothing else is said, the header alone says it all once it has the time.
_TIMED: Final = frozenset(["mtime", *_TIMES])
_MTIME: Final = slice(136, 148)
_SUM: Final = slice(148, 156)
#: Where GNU tar keeps further times, and ustar the beginning of a long path.
_PREFIX: Final = 345
_GNU_CTIME: Final = 357
_GNU: Final = b"ustar  \0"
#: Headers of star end with it, and have two times before.
_STAR: Final = b"tar\0"


class Retimed:
    """
    An archive while it is given other times.
    """

    def __init__(
        self, stream: Stream, seconds: int, *, clamp: bool = False, limits: Limits = LIMITS
    ) -> None:
        """
        Args:
            stream: the archive.
            seconds: the time, since 1970.
            clamp: leave times that are earlier.
            limits: what is taken for a bomb.
        """
        self._reader = Reader(stream, limits)
        self._seconds = seconds
        self._clamp = clamp
        self._field = b"%011o\0" % seconds if 0 <= seconds < 8**11 else b""
        #: Whether any header is another one.
        self.changed = False

    def pieces(self) -> Iterator[bytes]:
        """
        Give the archive, content as it is.

        Raises:
            TarInvalid, TarTruncated, TarTooLarge: it is not a good archive.
        """
        yield from joined(self._reader.rewrite(self._header))
        yield END

    def _header(self, member: Member) -> bytes:
        made = self._retimed(member)
        self.changed = self.changed or made != member.header
        return made

    def _retimed(self, member: Member) -> bytes:
        block = member.block
        special = block[_PREFIX] or block[_GNU_CTIME] or block[508] or block[136] & 0x80
        plain = self._field and not special
        if plain and not self._clamp and (member.header is block or _is_alone(member)):
            if member.header is block and block[_MTIME] == self._field:
                return block
            # The checksum changes by as much as the digits do.
            total = number(block[_SUM]) - sum(block[_MTIME]) + sum(self._field)
            return b"%b%b%06o\0 %b" % (block[:136], self._field, total, block[156:])
        entry = member.entry
        time = self._seconds * _SECOND
        if self._clamp:
            time = min(time, entry.mtime_ns)
        pax = entry.pax.without(*_TIMES)
        if time == entry.mtime_ns and pax == entry.pax and not _has_times(block):
            return member.header
        return header(evolve(entry, mtime_ns=time, pax=pax))


def _has_times(block: bytes) -> bool:
    """
    Tell whether a header may have further times in it.
    """
    gnu = block[257:265] == _GNU and (block[_PREFIX] or block[_GNU_CTIME])
    return bool(gnu) or block.endswith(_STAR)


def _is_alone(member: Member) -> bool:
    # Its own header says all that is left once times are gone from what extends it.
    block, link = member.block, member.linkname
    return (
        _TIMED.issuperset(member.pax)
        and block[:100].rstrip(b"\0") == member.name
        and (not link or block[157:257].rstrip(b"\0") == link)
    )
