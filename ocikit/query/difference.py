"""
Differences: what differs, where, and how it is written on either side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias

from ocikit._records import record
from ocikit._shown import shown

Level: TypeAlias = Literal["content", "index", "manifest", "config", "layer", "file"]


@record
class Difference:
    """
    One thing that differs.

    >>> print(Difference("config", ("linux/arm64", "config"), "config.User", '"me"', None))
    linux/arm64 > config > config.User: "me" | nothing
    """

    #: What it is a part of.
    level: Level
    #: Where that is, such as ("linux/arm64", "layer 2", "etc/motd"); layers count from 1.
    path: tuple[str, ...]
    #: A member of a document, such as "config.Env[1]", or a fact of a layer or file.
    field: str
    #: JSON text; None where there is nothing.
    left: str | None
    right: str | None

    @property
    def where(self) -> str:
        """
        The whole path in one text, such as "linux/arm64 > config > config.Env[1]".
        """
        return " > ".join((*self.path, self.field))

    def __str__(self) -> str:
        sides = ("nothing" if side is None else side for side in (self.left, self.right))
        return shown(f"{self.where}: {' | '.join(sides)}")


#: Tells whether a difference is not to be told.
Ignore: TypeAlias = Callable[[Difference], bool]


class Found:
    """
    The differences within something: those that are told, and whether there were others.
    """

    def __init__(self, ignore: tuple[Ignore, ...]) -> None:
        self.told: list[Difference] = []
        #: Whether there was anything, told or not.
        self.any = False
        self._ignore = ignore

    def take(self, differences: Iterable[Difference]) -> None:
        """
        Tell differences that are not ignored.
        """
        for difference in differences:
            self.any = True
            if not any(ignored(difference) for ignored in self._ignore):
                self.told.append(difference)

    def join(self, inside: Found) -> None:
        """
        Tell what was told of a part.
        """
        self.told += inside.told
        self.any = self.any or inside.any

    def follow(self, consequences: Iterable[Difference], *inside: Found) -> None:
        """
        Tell what follows from differences of parts, unless all of those are ignored.
        """
        if any(part.told for part in inside) or not any(part.any for part in inside):
            self.take(consequences)
        else:
            self.any = True


def text(value: object) -> str:
    """
    Give the JSON text of a side.

    >>> text(["<", 1])
    '["\\\\u003c",1]'
    """
    # JSON is loaded only where something differs: this is on the way of every import.
    from ocikit.spec.gojson import dumps

    return dumps(value).decode()
