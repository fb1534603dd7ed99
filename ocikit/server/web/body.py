"""
Bodies of requests, however they come: once, and piece by piece.
"""

from __future__ import annotations

import io

from ocikit.content.streams import Stream


class RequestBody(io.RawIOBase):
    """
    The body of a request; what it is read with, `readinto`, is each server's own.
    """

    def __init__(self, length: int | None) -> None:
        self._ended = length == 0
        #: How many bytes of it came.
        self.seen = 0

    @property
    def ended(self) -> bool:
        """
        Whether all of it was read.
        """
        return self._ended

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        # Not less than is asked for until the end, as of any file.
        if size is None or size < 0:
            return self.readall()
        found = bytearray()
        while len(found) < size and (piece := super().read(min(size - len(found), 1 << 20))):
            found += piece
        return bytes(found)

    def close(self) -> None:
        # What is left of it is the server's affair.
        pass


class OnceOpener:
    """
    Opens the body of a request: once, for it comes once.
    """

    def __init__(self, body: RequestBody) -> None:
        self._body = body

    def open(self) -> Stream:
        """
        Give the body from where it stands.
        """
        return self._body
