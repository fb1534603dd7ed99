"""
Openers for tests: of what must not be opened, of what is not there, and one that counts.

    closed = evolve(layer, blob=evolve(layer.blob, opener=Refusing()))
    assert my_tool(evolve(image, layers=(closed,)))  # fails when it opens the layer
"""

from __future__ import annotations

import io
from typing import NoReturn

import attrs

from ocikit._records import record
from ocikit.content.streams import Stream
from ocikit.errors import Missing


class Closed(AssertionError):
    """
    Somebody opened what nobody should.
    """


@attrs.define
class Counting:
    """
    Bytes in memory; counts how often they are opened.

    >>> opener = Counting(b"one")
    >>> opener.open().read(), opener.open().read(), opener.opened
    (b'one', b'one', 2)
    """

    data: bytes
    opened: int = 0

    def open(self) -> Stream:
        """
        Open the bytes once more.
        """
        self.opened += 1
        return io.BytesIO(self.data)


@record
class Refusing:
    """
    Content, or a child of an index, that must not be opened.

    >>> Refusing().open()
    Traceback (most recent call last):
    ocikit.testing.refusing.Closed: opened
    """

    def open(self) -> NoReturn:
        """
        Refuse.

        Raises:
            Closed: always.
        """
        raise Closed("opened")


@record
class Lost:
    """
    Content, or a child of an index, that is not there.

    >>> Lost().open()
    Traceback (most recent call last):
    ocikit.errors.Missing: gone
    """

    def open(self) -> NoReturn:
        """
        Find nothing.

        Raises:
            Missing: always.
        """
        raise Missing("gone")
