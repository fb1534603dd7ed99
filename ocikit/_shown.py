"""
Text of strangers, made fit to be shown: in a terminal, and in a page.

Names of files, labels and histories are whatever somebody put there. Nothing of them may
move a cursor, end a line, turn the direction of the text beside it, or become markup.
"""

from __future__ import annotations

import unicodedata
from typing import Final

#: What stands for something left out.
ELLIPSIS: Final = "…"
#: So many characters of a text are looked at, at most: marks that take no room, heaped up
#: by the thousand, are not shown all.
_MOST_FOR_A_CELL: Final = 4
_MARKUP: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}
)


def shown(text: str) -> str:
    """
    Make what is not printable visible, so that no name of a file plays with a terminal.

    >>> shown("a\\x1b[1m\\udcff é")
    'a\\\\x1b[1m\\\\udcff é'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def on_a_line(text: str) -> str:
    """
    Make prose one line: blanks and breaks become single spaces, the rest is `shown`.

    >>> on_a_line("RUN apt-get update \\\\\\n\\t && true")
    'RUN apt-get update \\\\ && true'
    """
    return shown(" ".join(text.split()))


def cells(text: str) -> int:
    """
    Tell how many columns of a terminal a printable text takes.

    >>> cells("abc"), cells("日本"), cells("e\\u0301")
    (3, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def clipped(text: str, width: int, *, keep_end: bool = False) -> str:
    """
    Cut a printable text to some columns; what was left out is marked.

    Args:
        text: it is `shown` or `on_a_line` already.
        width: columns, 1 or more.
        keep_end: leave out of the middle, so that the end of a path can be read.

    >>> clipped("abcdefgh", 5), clipped("usr/share/doc/file", 10, keep_end=True)
    ('abcd…', 'usr/…/file')
    """
    if len(text) <= _MOST_FOR_A_CELL * width and cells(text) <= width:
        return text
    if not keep_end or width < 5:
        return _head(text, width - 1) + ELLIPSIS
    tail = _head(text[::-1], (width - 1 + 1) // 2)[::-1]
    return _head(text, width - 1 - cells(tail)) + ELLIPSIS + tail


def _head(text: str, width: int) -> str:
    taken = used = 0
    for char in text[: _MOST_FOR_A_CELL * width]:
        used += _cells(char)
        if used > width:
            break
        taken += 1
    return text[:taken]


def padded(text: str, width: int, *, right: bool = False) -> str:
    """
    Fill a printable text with spaces up to some columns.

    >>> padded("日", 4), padded("1", 3, right=True)
    ('日  ', '  1')
    """
    blanks = " " * (width - cells(text))
    return blanks + text if right else text + blanks


def escaped(text: str) -> str:
    """
    Make a text fit for markup, in elements and in attributes: XML and HTML alike.

    What is not printable is `shown`: XML cannot have it at all.

    >>> escaped("<b onclick='x'>&\\x00")
    '&lt;b onclick=&#x27;x&#x27;&gt;&amp;\\\\x00'
    """
    return shown(text).translate(_MARKUP)
