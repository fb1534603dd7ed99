"""
Regular expressions that cannot hang: the time of a match grows with the text, not beyond.

Expressions come from files that others write. The engine of `re` tries one way after
another, and for `(a+)+b` there are more ways than time. This one follows all of them at
once (Glushkov, "The abstract theory of automata", 1961): the states are bits of a number.
It has what RE2 has: letters, `.`, `[...]`, `\\d \\w \\s`, `|`, groups, `* + ? {m,n}`, `^` and
`$`, and `(?i)` in front. What only the engine of `re` can do (to look around, to refer back)
is refused by name.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Final

from ocikit._records import record
from ocikit.query.pattern_parts import Either, Letters, Node, Repeat, Run
from ocikit.query.pattern_text import PatternInvalid, parse

#: How many letters an expression may have when all that is counted is written out.
MOST_STATES: Final = 1000
_MOST_STEPS: Final = 20_000
#: How many transitions are remembered.
_MOST_KNOWN: Final = 4096


@record
class _Part:
    """
    What a part of an expression begins and ends with, as bits of letters.
    """

    first: int
    last: int
    #: Whether it also matches nothing.
    empty: bool


class Pattern:
    """
    An expression that is ready to match; threads may share it.

    >>> pattern = Pattern(r"v?1\\.(2|3)(-rc\\d+)?")
    >>> pattern.matches("v1.2-rc10"), pattern.matches("v1.2-beta")
    (True, False)
    >>> Pattern("(a+)+b").matches("a" * 10_000)
    False
    """

    def __init__(self, text: str) -> None:
        """
        Read an expression.

        Raises:
            PatternInvalid: it is none, is too large, or needs another engine.
        """
        self.text = text
        node, self._fold = parse(text)
        self._letters: list[Letters] = []
        self._follow: list[int] = []
        self._steps = 0
        whole = self._build(node)
        self._last, self._empty = whole.last, whole.empty
        # State 0 is before the first letter; letter N is state N + 1.
        self._after = [whole.first << 1, *(bits << 1 for bits in self._follow)]
        self._known: dict[tuple[int, str], int] = {}

    def matches(self, text: str) -> bool:
        """
        Tell whether it matches the whole of a text.
        """
        # Marks that are no letters stand for both ends; each may be asked for again.
        states = self._while_at(1, "^" if text else "^$")
        for letter in text:
            states = self._next(states, letter)
            if not states:
                return False
        states = self._while_at(states, "$")
        return bool(states & self._last << 1) or bool(self._empty and states & 1)

    def _while_at(self, states: int, marks: str) -> int:
        before = 0
        while states != before:
            before = states
            for mark in marks:
                states |= self._step(states, mark, at_end=True)
        return states

    def _next(self, states: int, letter: str) -> int:
        known = self._known.get((states, letter))
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[states, letter] = self._step(states, letter, at_end=False)
        return known

    def _step(self, states: int, letter: str, *, at_end: bool) -> int:
        ahead = 0
        for state in _bits(states):
            ahead |= self._after[state]
        found = 0
        for state in _bits(ahead):
            if self._letters[state - 1].has(letter, mark=at_end, fold=self._fold):
                found |= 1 << state
        return found

    def _build(self, node: Node) -> _Part:
        self._steps += 1
        if self._steps > _MOST_STEPS or len(self._letters) > MOST_STATES:
            reason = f"it has more than {MOST_STATES} letters once counts are written out"
            raise PatternInvalid(text=self.text, position=0, reason=reason)
        match node:
            case Letters():
                self._letters.append(node)
                self._follow.append(0)
                bit = 1 << (len(self._letters) - 1)
                return _Part(bit, bit, False)
            case Run():
                return self._run(self._build(part) for part in node.parts)
            case Either():
                parts = [self._build(way) for way in node.ways]
                first = functools.reduce(int.__or__, (part.first for part in parts))
                last = functools.reduce(int.__or__, (part.last for part in parts))
                return _Part(first, last, any(part.empty for part in parts))
            case Repeat():
                return self._run(self._times(node))

    def _run(self, parts: Iterator[_Part]) -> _Part:
        whole = _Part(0, 0, True)
        for part in parts:
            self._join(whole.last, part.first)
            whole = _Part(
                whole.first | part.first if whole.empty else whole.first,
                whole.last | part.last if part.empty else part.last,
                whole.empty and part.empty,
            )
        return whole

    def _times(self, node: Repeat) -> Iterator[_Part]:
        for _ in range(node.least - (node.most is None and node.least > 0)):
            yield self._build(node.part)
        if node.most is None:
            again = self._build(node.part)
            self._join(again.last, again.first)
            yield again if node.least else _Part(again.first, again.last, True)
            return
        for _ in range(node.most - node.least):
            part = self._build(node.part)
            yield _Part(part.first, part.last, True)

    def _join(self, last: int, first: int) -> None:
        for position in _bits(last):
            self._follow[position] |= first


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


@functools.lru_cache(maxsize=256)
def pattern(text: str) -> Pattern:
    """
    Give an expression that is ready to match; the same for the same text.

    Raises:
        PatternInvalid: it is none, is too large, or needs another engine.
    """
    return Pattern(text)
