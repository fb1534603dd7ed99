"""
What regular expressions are made of.
"""

from __future__ import annotations

from typing import TypeAlias

from ocikit._records import record


@record
class Letters:
    """
    One letter out of some ranges, or none of them; or a mark at an end of the text.
    """

    ranges: tuple[tuple[str, str], ...] = ()
    negated: bool = False
    #: "^" or "$" when it is a mark, and no letter.
    mark: str = ""

    def has(self, letter: str, *, mark: bool, fold: bool) -> bool:
        """
        Tell whether a letter, or a mark, is one of these.
        """
        if mark or self.mark:
            return mark and self.mark == letter
        spelt = {letter, letter.lower(), letter.upper()} if fold else {letter}
        found = any(low <= each <= high for each in spelt for low, high in self.ranges)
        return found != self.negated


@record
class Run:
    """
    Parts one after the other.
    """

    parts: tuple[Node, ...]


@record
class Either:
    """
    One of several ways.
    """

    ways: tuple[Node, ...]


@record
class Repeat:
    """
    A part several times: without end when `most` is None.
    """

    part: Node
    least: int
    most: int | None


Node: TypeAlias = Letters | Run | Either | Repeat
