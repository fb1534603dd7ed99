"""
Bodies of requests, read from a connection when the handler asks for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ocikit._regex import regex
from ocikit.server.answers import RequestRefused
from ocikit.server.web.body import RequestBody
from ocikit.server.web.wire import BodyBroken, Head, Wire

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer

_SIZE: Final = regex(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[\t\x20-\x7e]*)?")


class IncomingBody(RequestBody):
    """
    The body of the request that a connection is at, by its length or in chunks.
    """

    def __init__(self, wire: Wire, length: int | None, ask: Callable[[], None] | None) -> None:
        super().__init__(length)
        self._wire = wire
        #: What is left of the body, or of its current chunk; None before the first.
        self._left: int | None = length
        self._chunked = length is None
        # The client waits to be asked; see RFC 9110, 10.1.1.
        self._ask = ask

    def readinto(self, buffer: WriteableBuffer, /) -> int:
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


def incoming(wire: Wire, head: Head, ask: Callable[[], None]) -> IncomingBody:
    """
    Make the body of a request whose head was read.
    """
    return IncomingBody(wire, head.length, ask if head.waits and head.length != 0 else None)
