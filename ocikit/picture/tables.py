"""
Tables and bars of text, for terminals of any width.

Whatever is put into them is made fit to be shown; how parts are coloured is up to who
prints them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Literal, TypeAlias

from ocikit._records import record
from ocikit._shown import cells, clipped, on_a_line, padded, shown

Role: TypeAlias = Literal[
    "plain", "title", "faint", "digest", "bar", "added", "removed", "changed", "bad"
]
#: Gives a piece of text as it is printed, by what it is: with colours around it, or without.
Paint: TypeAlias = Callable[[str, Role], str]

#: Columns where nobody says how wide the terminal is.
WIDTH: Final = 80
_LEAST: Final = 8
_GAP: Final = "  "
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"


def unpainted(text: str, role: Role) -> str:
    """
    Leave a text as it is.
    """
    return text


@record
class Cell:
    """
    A text in a table, or beside others.

    >>> Cell("a\\nb").text
    'a\\\\nb'
    """

    given: str
    role: Role = "plain"
    #: A path keeps its end when it is cut, and its blanks; prose is put on one line.
    path: bool = True

    @property
    def text(self) -> str:
        """
        The text as it may be shown.
        """
        return shown(self.given) if self.path else on_a_line(self.given)


@record(kw_only=True)
class Column:
    """
    How a column is set.
    """

    title: str = ""
    right: bool = False
    #: Whether it gives way where there is little room; others are as wide as they need.
    gives: bool = False


def table(
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    width: int = WIDTH,
    paint: Paint = unpainted,
) -> Iterator[str]:
    """
    Give the lines of a table; none is wider than `width`, so far as that can be.

    Args:
        columns: how they are set. Where none has a title there is no line of titles.
        rows: a cell for each column.
        width: of the terminal.
        paint: gives texts their colours.

    >>> for line in table([Column(right=True), Column(gives=True)], [[Cell("1"), Cell("abc")]], 5):
    ...     print(line)
    1  abc
    """
    lines = [*rows]
    if any(column.title for column in columns):
        lines.insert(0, [Cell(column.title, "faint") for column in columns])
    texts = [[cell.text for cell in line] for line in lines]
    widths = _widths(columns, texts, width)
    for line, said in zip(lines, texts, strict=True):
        yield _GAP.join(_set(columns, line, said, widths, paint)).rstrip()


def _widths(columns: Sequence[Column], texts: Sequence[Sequence[str]], width: int) -> list[int]:
    widths = [max((cells(line[at]) for line in texts), default=0) for at in range(len(columns))]
    giving = [at for at, column in enumerate(columns) if column.gives]
    fixed = sum(widths) - sum(widths[at] for at in giving) + len(_GAP) * (len(columns) - 1)
    room = max(width - fixed, _LEAST * len(giving))
    # Those that need less than their share leave the rest to the others.
    for left, at in zip(
        range(len(giving), 0, -1), sorted(giving, key=lambda i: widths[i]), strict=True
    ):
        widths[at] = min(widths[at], room // left)
        room -= widths[at]
    return widths


def _set(
    columns: Sequence[Column],
    line: Sequence[Cell],
    said: Sequence[str],
    widths: Sequence[int],
    paint: Paint,
) -> Iterator[str]:
    for column, cell, text, width in zip(columns, line, said, widths, strict=True):
        # Half a digest is of no use to anybody.
        whole = cell.role == "digest" or not width
        cut = text if whole else clipped(text, width, keep_end=cell.path)
        blanks = " " * (width - cells(cut))
        painted = paint(cut, cell.role) if cut else ""
        yield blanks + painted if column.right else painted + blanks


def bar(start: float, end: float, width: int) -> str:
    """
    Draw a part of a line, in eighths of a column; what is not empty can be seen.

    Args:
        start: where it begins, from 0 to 1.
        end: where it ends.
        width: columns of the whole line.

    >>> bar(0, 0.5, 4), bar(0.5, 1, 4), bar(0.5, 0.5, 4)
    ('██  ', '  ██', '  ▏ ')
    """
    first, last = round(start * width * 8), round(end * width * 8)
    first = min(first, width * 8 - 1)
    last = max(last, first + 1)
    # There are no blocks that begin within a column: it is drawn from its beginning.
    at = first // 8
    full, rest = divmod(last - at * 8, 8)
    return padded(" " * at + "█" * full + _EIGHTHS[rest].strip(), width)


def facts(
    pairs: Iterable[tuple[str, Cell]], width: int = WIDTH, paint: Paint = unpainted
) -> Iterator[str]:
    """
    Give lines of names and what they are.

    >>> [*facts([("digest", Cell("sha256:12"))])]
    ['digest  sha256:12']
    """
    columns = [Column(gives=True), Column(gives=True)]
    yield from table(columns, [(Cell(name, "faint"), cell) for name, cell in pairs], width, paint)
