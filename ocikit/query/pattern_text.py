"""
The text of regular expressions, read into parts.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn

import attrs

from ocikit._regex import regex
from ocikit.errors import Invalid
from ocikit.query.pattern_parts import Either, Letters, Node, Repeat, Run

#: How long the text of an expression may be.
MOST_TEXT: Final = 1000
#: How deep groups may be nested.
MOST_NESTING: Final = 50
#: How often a part may be repeated by a count.
MOST_TIMES: Final = 1000

_DIGIT: Final = (("0", "9"),)
_WORD: Final = (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z"))
_SPACE: Final = ((" ", " "), ("\t", "\r"))
#: ASCII only, as tags are.
_CLASSES: Final = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_COUNTS: Final = regex(r"\{(\d{0,9})(?:(,)(\d{0,9}))?\}", re.ASCII)
_FOLD: Final = "(?i)"


@attrs.frozen(kw_only=True)
class PatternInvalid(Invalid):
    """
    A text is no regular expression, or none that is matched here.
    """

    text: str
    #: Where in the text, from 0.
    position: int
    reason: str

    def __str__(self) -> str:
        shown = self.text if len(self.text) <= 80 else f"{self.text[:80]}…"
        return f"{shown!r} is no pattern: at letter {self.position + 1}: {self.reason}"


def parse(text: str) -> tuple[Node, bool]:
    """
    Read an expression; the other value says whether upper and lower case are alike.

    Raises:
        PatternInvalid: it is none, or needs another engine.
    """
    fold = text.startswith(_FOLD)
    reader = _Reader(text, len(_FOLD) if fold else 0)
    if len(text) > MOST_TEXT:
        reader.refuse(f"it is longer than {MOST_TEXT} letters")
    node = reader.either(0)
    if reader.rest:
        reader.refuse("a `)` without its `(`; write \\) for the letter")
    return node, fold


class _Reader:
    def __init__(self, text: str, position: int) -> None:
        self.text = text
        self.position = position

    @property
    def rest(self) -> str:
        return self.text[self.position : self.position + 1]

    def refuse(self, reason: str) -> NoReturn:
        raise PatternInvalid(text=self.text, position=self.position, reason=reason)

    def take(self, what: str) -> bool:
        if not self.text.startswith(what, self.position):
            return False
        self.position += len(what)
        return True

    def either(self, depth: int) -> Node:
        if depth > MOST_NESTING:
            self.refuse(f"groups are nested deeper than {MOST_NESTING}")
        ways = [self._run(depth)]
        while self.take("|"):
            ways.append(self._run(depth))
        return ways[0] if len(ways) == 1 else Either(tuple(ways))

    def _run(self, depth: int) -> Node:
        parts: list[Node] = []
        while self.rest and self.rest not in "|)":
            parts.append(self._counted(self._part(depth)))
        return Run(tuple(parts))

    def _part(self, depth: int) -> Node:
        if self.rest in "*+?" or _COUNTS.match(self.text, self.position):
            self.refuse(f"there is nothing to repeat; write \\{self.rest} for the letter")
        if self.take("("):
            return self._group(depth)
        if self.take("["):
            return self._set()
        if self.take("."):
            return Letters((("\n", "\n"),), negated=True)
        if self.rest in "^$":
            mark = self.rest
            self.position += 1
            return Letters(mark=mark)
        if self.take("\\"):
            return self._escaped()
        return self._one(self._letter())

    def _group(self, depth: int) -> Node:
        if self.rest == "?" and not self.take("?:"):
            self.refuse("only (...) and (?:...) are groups; nothing looks around or is named")
        node = self.either(depth + 1)
        if not self.take(")"):
            self.refuse("a group that is open needs its `)`")
        return node

    def _counted(self, part: Node) -> Node:
        counted = _COUNTS.match(self.text, self.position)
        if counted:
            least, most = self._counts(counted)
            self.position = counted.end()
        elif self.rest and self.rest in "*+?":
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[self.rest]
            self.position += 1
        else:
            return part
        if isinstance(part, Letters) and part.mark:
            self.refuse("an end of the text is there once; it is not repeated")
        # How much is taken first makes no difference to what matches as a whole.
        self.take("?")
        if (self.rest and self.rest in "*+?") or _COUNTS.match(self.text, self.position):
            self.refuse("what is repeated already; put it in a group to repeat it again")
        return Repeat(part, least, most)

    def _counts(self, found: re.Match[str]) -> tuple[int, int | None]:
        low, comma, high = found.groups()
        if not (low or high):
            self.refuse("a count is missing; write {2}, {2,} or {2,3}, or \\{ for the letter")
        least = int(low or 0)
        most = int(high) if high else None if comma else least
        if max(least, most or 0) > MOST_TIMES or (most is not None and most < least):
            self.refuse(f"counts rise, and go up to {MOST_TIMES}")
        return least, most

    def _letter(self) -> str:
        letter = self.rest
        self.position += 1
        return letter

    def _one(self, letter: str) -> Letters:
        return Letters(((letter, letter),))

    def _escaped(self) -> Letters:
        letter = self.rest
        if not letter:
            self.refuse("a `\\` at the end escapes nothing")
        if letter.lower() in _CLASSES:
            self.position += 1
            return Letters(_CLASSES[letter.lower()], negated=letter.isupper())
        if letter in "AzZ":
            self.position += 1
            return Letters(mark="^" if letter == "A" else "$")
        return self._one(self._plain_escape())

    def _plain_escape(self) -> str:
        letter = self.rest
        if letter in _CONTROLS:
            self.position += 1
            return _CONTROLS[letter]
        if letter.isalnum():
            self.refuse(f"\\{letter} is not known; \\d, \\w, \\s and escaped signs are")
        return self._letter()

    def _set(self) -> Letters:
        negated = self.take("^")
        ranges: list[tuple[str, str]] = []
        first = True
        while first or not self.take("]"):
            if not self.rest:
                self.refuse("a set that is open needs its `]`")
            first = False
            if self.take("\\"):
                if self.rest and self.rest in _CLASSES:
                    ranges += _CLASSES[self._letter()]
                    continue
                low = self._set_escape()
            else:
                low = self._letter()
            ranges.append((low, self._high(low)))
        return Letters(tuple(ranges), negated=negated)

    def _high(self, low: str) -> str:
        dash = self.text[self.position : self.position + 2]
        if not dash.startswith("-") or dash in ("-", "-]"):
            return low
        self.position += 1
        high = self._set_escape() if self.take("\\") else self._letter()
        if high < low:
            self.refuse(f"the range {low}-{high} goes backwards")
        return high

    def _set_escape(self) -> str:
        if not self.rest:
            self.refuse("a `\\` at the end escapes nothing")
        return self._plain_escape()
