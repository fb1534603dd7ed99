"""
Bodies of requests, read from a connection when the handler asks for them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Final

from ocikit.content.streams import Stream
from ocikit.server.answers import RequestRefused
from ocikit.server.web.wire import BodyBroken, Head, Wire

_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[\t\x20-\x7e]*)?")


class IncomingBody(io.RawIOBase):
    """
    The body of the request that a connection is at, by its length or in chunks.
    """

    def __init__(self, wire: Wire, length: int | None, ask: Callable[[], None] | None) -> None:
        self._wire = wire
        #: What is left of the body, or of its current chunk; None before the first.
        self._left: int | None = length
        self._chunked = length is None
        self._ended = length == 0
        # The client waits to be asked; see RFC 9110, 10.1.1.
        self._ask = ask
        #: How many bytes of it came.
        self.seen = 0

    @property
    def ended(self) -> bool:
        """
        Whether nothing of it is left on the connection.
        """
        return self._ended

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        view = memoryview(buffer).cast("B")
        if self._ended or not len(view):
            return 0
        if self._ask is not None:
            self._ask()
            self._ask = None
        if not self._left and not self._next_chunk():
            return 0
        left = self._left or 0
        count = self._wire.readinto(view[:left])
        if not count:
            raise BodyBroken(f"the client went away after {self.seen} bytes")
        self.seen += count
        self._left = left - count
        if self._chunked and not self._left:
            self._end_chunk()
        self._ended = self._ended or (not self._chunked and not self._left)
        return count

    def read(self, size: int | None = -1, /) -> bytes:
        # Not less than is asked for until the end, as of any file.
        if size is None or size < 0:
            return self.readall()
        found = bytearray()
        while len(found) < size and (piece := super().read(min(size - len(found), 1 << 20))):
            found += piece
        return bytes(found)

    def close(self) -> None:
        # What is left stays on the connection, which decides what to do with it.
        pass

    def _next_chunk(self) -> bool:
        match = _SIZE.fullmatch(self._wire.line())
        if match is None:
            raise _malformed()
        self._left = int(match[1], 16)
        if self._left:
            return True
        if self._wire.line():
            # Trailers say nothing that a registry wants to know.
            raise _malformed()
        self._ended = True
        return False

    def _end_chunk(self) -> None:
        if self._wire.line():
            raise _malformed()


def _malformed() -> RequestRefused:
    message = "the chunks of the body are malformed"
    return RequestRefused(status=400, code="UNSUPPORTED", message=message)


class IncomingOpener:
    """
    Opens the body of a request that comes over a connection: once, for it comes once.
    """

    def __init__(self, body: IncomingBody) -> None:
        self._body = body

    def open(self) -> Stream:
        """
        Give the body from where it stands.
        """
        return self._body


def incoming(wire: Wire, head: Head, ask: Callable[[], None]) -> IncomingBody:
    """
    Make the body of a request whose head was read.
    """
    return IncomingBody(wire, head.length, ask if head.waits and head.length != 0 else None)
