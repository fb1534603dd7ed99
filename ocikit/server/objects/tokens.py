"""
How an object store tells when something was last found, where nothing can be touched.

Each finding, if the one before was a while ago, is an object with a name of its own. What
is removed are those that were seen and are old, by their names: a newer one that came
meanwhile is another object, and stays.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Final, Self

from ocikit._records import record

#: Seconds after which a finding is written down anew.
FRESH: Final = 300.0


@record
class Token:
    """
    One finding of a blob or manifest.
    """

    #: Seconds since the epoch, to the millisecond.
    time: float
    #: Of what was found, in bytes.
    size: int
    #: Of a blob, which object has its bytes; of a manifest, which push it is of.
    content: str
    unique: str

    @classmethod
    def made(cls, now: float, size: int, content: str) -> Self:
        """
        Make one that there never was.
        """
        return cls(round(now * 1000) / 1000, size, content, uuid.uuid4().hex)

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read the last component of a key.
        """
        time, size, content, unique = text.split("-")
        return cls(int(time) / 1000, int(size), content, unique)

    @property
    def text(self) -> str:
        """
        The last component of its keys.
        """
        return f"{round(self.time * 1000):015d}-{self.size}-{self.content}-{self.unique}"


def newest(tokens: Iterable[Token]) -> Token | None:
    """
    Find the newest one, if there is any.
    """
    return max(tokens, key=lambda each: (each.time, each.unique), default=None)
