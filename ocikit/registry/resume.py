"""
A blob's bytes, over as many connections as it takes.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from ocikit._regex import regex
from ocikit.content.streams import CHUNK, FillingStream, Stream
from ocikit.errors import OciError, Unreachable
from ocikit.http import routes
from ocikit.http.faults import RegistryRefused, TooManyRequests
from ocikit.http.message import Headers, Request, Response
from ocikit.registry.faults import BlobTooShort, BodyTruncated, ConnectionBroken
from ocikit.registry.places import Places
from ocikit.registry.session import Access

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer

#: When so much has come since the last break, patience is as it was at the beginning.
PROGRESS: Final = 256 << 10
#: How much is read at once over a line that has broken.
_CAREFUL: Final = 64 << 10

_CONTENT_RANGE = regex(r"bytes ([0-9]{1,18})-[0-9]{1,18}/(?:[0-9]{1,18}|\*)")


class ResumedStream(FillingStream):
    """
    The bytes of a blob; where one connection breaks, the next goes on.

    A registry that ignores ranges sends all again, and what was had already is skipped.
    What comes is not verified here: `Blob.open` does that.
    """

    def __init__(
        self,
        access: Access,
        request: Request,
        size: int | None,
        start: int = 0,
        *,
        end: int | None = None,
        places: Places | None = None,
    ) -> None:
        """
        Args:
            access: the way to its repository.
            request: asks for all of it.
            size: the blob's, in bytes, if it is known.
            start: where to begin, in bytes.
            end: where to end, in bytes, if not at the blob's own end.
            places: of which it takes one.

        Raises:
            BlobTooShort: it ends before `start`.
            Answered, Unreachable: the registry said no, or nothing.
        """
        self._access = access
        self._asked = request
        self._size = size
        self._part = end is not None
        self._end = size if end is None else end
        self._offset = start
        #: Whether the registry gave what was asked for, and not all of the blob.
        self.is_ranged = False
        #: Where the last connection broke.
        self._broke_at = start
        #: How much is read at once: all that came is lost when a line breaks meanwhile.
        self._most: int | None = None
        self._patience = access.patience()
        self._stream: Stream = io.BytesIO()
        self._go_on(access)
        self._places = places
        if places is not None:
            places.enter()

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if self._part:
            view = view[: (self._end or 0) - self._offset]
        while True:
            try:
                count = self._stream.readinto(view[: self._most])
                if len(view) and not count:
                    self._check_end()
            except Unreachable as error:
                if self._offset == self._end:
                    # All is there; what broke was only the end.
                    return 0
                self._resume(error)
            else:
                self._offset += count
                return count

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            if self._places is not None:
                self._places.leave()
        super().close()

    def run_on(self, size: int) -> None:
        """
        Go on to the blob's own end, over the line that sends all of it in any case.
        """
        self._part, self._end = False, size

    def _go_on(self, access: Access) -> None:
        """
        Ask for the rest; an answer that breaks off on the way there is resumed from.
        """
        partial = (206,) if self._offset or self._part else ()
        try:
            response = access.ask(self._request(), 200, *partial)
        except RegistryRefused as error:
            if error.status != 416 or not partial:
                raise
            url = self._asked.url
            raise BlobTooShort(url=url, offset=self._offset, expected=self._size) from error
        self._stream, self.is_ranged = response.body, response.status == 206
        try:
            self._skip(response)
        except Unreachable as error:
            if access is not self._access:
                raise
            self._resume(error)

    def _request(self) -> Request:
        return routes.part_of(self._asked, self._offset, self._end if self._part else None)

    def _check_end(self) -> None:
        if self._end is not None and self._offset < self._end:
            url = self._asked.url
            raise BodyTruncated(url=url, received=self._offset, expected=self._end)

    def _resume(self, error: OciError) -> None:
        """
        Ask for the rest until an answer comes, or patience ends.
        """
        self._stream.close()
        self._most = _CAREFUL
        try:
            while True:
                self._wait(error)
                try:
                    return self._go_on(self._access.single)
                except (Unreachable, TooManyRequests) as again:
                    self._stream.close()
                    error = again
        finally:
            # Its traceback holds this frame, and the reader's buffer with it.
            del error

    def _wait(self, error: OciError) -> None:
        """
        Wait as long as is fit: not at all while something comes.
        """
        if self._offset - self._broke_at >= PROGRESS:
            self._patience = self._access.patience()
        else:
            self._patience.after(error)
        self._broke_at = self._offset

    def _skip(self, response: Response) -> None:
        """
        Come to the offset in a response that may begin before it.
        """
        at = _start(response.headers, self._offset) if response.status == 206 else 0
        left = self._offset - at
        if left < 0:
            raise ConnectionBroken(url=self._asked.url, reason="the answer skips bytes")
        scratch = memoryview(bytearray(min(left, CHUNK)))
        while left:
            count = self._stream.readinto(scratch[: min(left, len(scratch))])
            if not count:
                url, had = self._asked.url, self._offset - left
                raise BodyTruncated(url=url, received=had, expected=self._offset)
            left -= count


def _start(headers: Headers, asked: int) -> int:
    found = _CONTENT_RANGE.match(headers.get("Content-Range").strip())
    # An answer that does not say is believed to be what was asked for: the digest tells.
    return int(found[1]) if found else asked
