"""
Responses as they come from a socket: bounded heads, bodies into the reader's buffer.

What lies under urllib3's response is read, by `readinto`: large transfers cost a few
Python calls for each MiB. http.client takes an early end for the end, reads heads and
trailers without end, and takes a 103 for the answer; here none of this is so.
"""

from __future__ import annotations

import http.client
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ocikit.content.streams import FillingStream
from ocikit.errors import OciError
from ocikit.registry.causes import broken
from ocikit.registry.faults import BodyTruncated
from ocikit.registry.pace import HeadEndless, Pace

if TYPE_CHECKING:
    import urllib3

    from ocikit.content.streams import WriteableBuffer
    from ocikit.registry.settings import Settings

#: The largest head of an answer, or trailer, in bytes; with all answers before the last.
MAX_HEAD: Final = 256 << 10
#: What is left of a body is read to save its connection, up to this many bytes.
_WORTH_DRAINING: Final = 64 << 10


class _Line(io.RawIOBase):
    """
    A socket's incoming bytes, watched for their number in heads and for their pace.
    """

    def __init__(self, raw: io.RawIOBase, pace: Pace, now: Callable[[], float]) -> None:
        self._raw = raw
        self._pace = pace
        self._now = now
        self._begun = False
        #: How many bytes may come; None when that is for others to say.
        self.left: int | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        since = self._now()
        count: int | None = self._raw.readinto(buffer)
        # What a server needs to think before its first byte is not its pace.
        waited = self._now() - since if self._begun else 0.0
        self._begun = True
        self._pace.add(count or 0, waited)
        if self.left is not None:
            self.left -= count or 0
            if self.left < 0:
                raise HeadEndless
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class Answer(http.client.HTTPResponse):
    """
    A response whose head and trailer have an end, and which is the last of its request.
    """

    def __init__(
        self, sock: Any, *args: Any, settings: Settings, now: Callable[[], float], **options: Any
    ) -> None:
        super().__init__(sock, *args, **options)
        pace = Pace(settings.least_speed, settings.idle_timeout)
        file: Any = self.fp
        self._line = _Line(file.detach(), pace, now)
        self.fp = io.BufferedReader(self._line)

    def begin(self) -> None:
        """
        Read the head, past those that only say that an answer will come (RFC 9110, 15.2).
        """
        self._line.left = MAX_HEAD
        super().begin()
        while 100 <= self.status < 200 and self.status != 101:
            self.headers = self.msg = None  # type: ignore[assignment]  # as before a head
            super().begin()
        self._line.left = None

    def _read_and_discard_trailer(self) -> None:
        self._line.left = MAX_HEAD
        super()._read_and_discard_trailer()  # type: ignore[misc]  # typeshed leaves it out
        self._line.left = None


class Received(FillingStream):
    """
    The body of a response; at its end, or when closed, the connection is given back.
    """

    def __init__(self, response: urllib3.BaseHTTPResponse, url: str, patience: float) -> None:
        self._response = response
        # The response under urllib3's reads into a given buffer, without a copy.
        self._raw: http.client.HTTPResponse = response._fp  # type: ignore[attr-defined]  # no other way
        self._url = url
        self._patience = patience
        self._count = 0
        if self._raw.length == 0:
            self._raw.close()
            self._settle()

    def read(self, size: int | None = -1, /) -> bytes:
        left = self._raw.length
        if size is None or size < 0 or left is None:
            return super().read(size)
        # A small document is asked for by the MiB: room for that takes as long as a request.
        return super().read(min(size, max(left, 1)))

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        if self.closed:
            raise ValueError("read of a closed body")
        view = memoryview(buffer).cast("B")
        if not len(view) or self._raw.isclosed():
            return 0
        try:
            count = self._raw.readinto(view)
        except (OSError, http.client.HTTPException) as error:
            self._response.close()
            raise broken(error, self._url, self._patience) from error
        self._count += count
        if not count:
            self._end()
        self._settle()
        return count

    def close(self) -> None:
        if self.closed:
            return
        left = self._raw.length
        if not self._raw.isclosed() and left is not None and left <= _WORTH_DRAINING:
            self._drain()
        if not self._raw.isclosed():
            self._response.close()
        self._settle()
        super().close()

    def _drain(self) -> None:
        try:
            while self.readinto(bytearray(_WORTH_DRAINING)):
                pass
        except OciError:
            self._response.close()

    def _end(self) -> None:
        # http.client takes an early end for the end.
        left = self._raw.length
        if left:
            self._response.close()
            expected = self._count + left
            raise BodyTruncated(url=self._url, received=self._count, expected=expected)

    def _settle(self) -> None:
        if self._raw.isclosed():
            self._response.release_conn()
