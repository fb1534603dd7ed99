"""
Openers that tell what was done to them.
"""

from __future__ import annotations

import io

import attrs

from ocikit.content.streams import Stream


class Closed(Exception):
    """
    Somebody opened what nobody should.
    """


@attrs.define
class Counting:
    """
    Bytes in memory; counts how often they are opened.
    """

    data: bytes
    opened: int = 0

    def open(self) -> Stream:
        """
        Open the bytes.
        """
        self.opened += 1
        return io.BytesIO(self.data)


@attrs.frozen
class Refusing:
    """
    Content that must not be opened.
    """

    def open(self) -> Stream:
        """
        Refuse.
        """
        raise Closed
