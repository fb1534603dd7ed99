"""
What is wrong with a file that says what is to be in sync, and where.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Final, TypeAlias

import attrs

from ocikit._records import evolve
from ocikit._regex import regex
from ocikit.errors import Invalid

#: The keys and positions that lead to a place in a file.
Where: TypeAlias = tuple[str | int, ...]


@attrs.frozen(kw_only=True)
class SyncInvalid(Invalid):
    """
    A file does not say what is to be in sync.

    `where` are the keys that lead to what is wrong, `near` are the known ones closest to
    one that is not known.
    """

    path: str = ""
    #: The line in the file, from 1; 0 when it is not known.
    line: int = 0
    where: Where = ()
    reason: str
    near: tuple[str, ...] = ()

    def __str__(self) -> str:
        line = f", line {self.line}" if self.line else ""
        place = _shown(self.where)
        hint = f"; did you mean {' or '.join(self.near)}?" if self.near else ""
        return f"{self.path}{line}: {place}{': ' if place else ''}{self.reason}{hint}"


def located(error: SyncInvalid, path: str, text: str) -> SyncInvalid:
    """
    Add to an error in which file it is, and in which line as far as that can be told.
    """
    return evolve(error, path=path, line=error.line or _line_of(error.where, text))


def _shown(where: Where) -> str:
    said = ""
    for before, each in zip((None, *where), where, strict=False):
        if isinstance(each, int):
            # People count entries from one.
            said += f" {each + 1}"
        else:
            said += (", " if isinstance(before, int) else "." if said else "") + each
    return said


_NAME = r"""[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*'"""
_NAMES: Final = regex(_NAME)
_HEADER: Final = regex(rf"\s*\[(\[?)((?:{_NAME}|[ \t.])+)\]")
_KEY: Final = regex(rf"\s*((?:{_NAME})(?:[ \t]*\.[ \t]*(?:{_NAME}))*)[ \t]*=")


def _line_of(where: Where, text: str) -> int:
    """
    Give the line that says most of the keys which lead to a place; 0 when none does.
    """
    wanted = [each for each in where if isinstance(each, str)]
    number = next((each for each in where if isinstance(each, int)), None)
    best, line = 0, 0
    for at, names, count in _said(text):
        pairs = zip(names, wanted, strict=False)
        common = len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)))
        if common > best and (number is None or count == number):
            best, line = common, at
    return line


def _said(text: str) -> Iterator[tuple[int, list[str], int]]:
    """
    Give each line that names keys: its number, all keys that lead there, and in which table of
    an array of them it is, from 0.
    """
    here: list[str] = []
    counts: dict[str, int] = {}
    for at, line in enumerate(text.splitlines(), 1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            here = _names(header[2])
            if header[1]:
                counts[here[0]] = counts.get(here[0], -1) + 1
        elif not key:
            continue
        yield at, here + (_names(key[1]) if key else []), counts.get(here[0], 0) if here else 0


def _names(text: str) -> list[str]:
    return [name.strip("\"'") for name in _NAMES.findall(text)]
