"""
Bodies to which something happens on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ocikit._records import record
from ocikit.content.streams import FillingStream, Opener, Stream
from ocikit.errors import Unreachable
from ocikit.http.redact import redact_url

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer


@attrs.frozen(kw_only=True)
class LineBroken(Unreachable, ConnectionError):
    """
    A connection broke because a fault says so.
    """

    url: str = attrs.field(converter=redact_url)

    def __str__(self) -> str:
        return f"{self.url}: the connection broke, as a fault has it"


@record
class Breaking:
    """
    The line breaks after so many bytes.
    """

    after: int
    error: LineBroken

    def most(self, seen: int) -> int | None:
        """
        Say how many bytes may come next; None for any number.
        """
        if seen >= self.after:
            raise self.error
        return self.after - seen

    def change(self, view: memoryview, seen: int) -> None:
        """
        Leave what comes as it is.
        """


@record
class Flipping:
    """
    A bit of the byte at a place is another.
    """

    place: int

    def most(self, seen: int) -> int | None:
        """
        Say how many bytes may come next; None for any number.
        """
        return None

    def change(self, view: memoryview, seen: int) -> None:
        """
        Change what comes.
        """
        if 0 <= self.place - seen < len(view):
            view[self.place - seen] ^= 4


@record
class WatchedOpener:
    """
    Opens a body to which something happens.
    """

    opener: Opener
    by: Breaking | Flipping

    def open(self) -> Stream:
        """
        Open what is behind.
        """
        return Watched(self.opener.open(), self.by)


class Watched(FillingStream):
    """
    A body to which something happens.
    """

    def __init__(self, stream: Stream, by: Breaking | Flipping) -> None:
        self._stream = stream
        self._by = by
        self._seen = 0

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if not len(view):
            return 0
        count = self._stream.readinto(view[: self._by.most(self._seen)])
        self._by.change(view[:count], self._seen)
        self._seen += count
        return count

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()
