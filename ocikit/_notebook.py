"""
How records look where code is tried out: notebooks, IPython, rich, Hypothesis.

All is drawn from what a record has in memory. There is neither style sheet nor script:
pages that show notebooks take both away, and `currentColor` suits light and dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Protocol, TypeAlias

import attrs

from ocikit._markup import Markup, element, number
from ocikit._shown import clipped, shown
from ocikit.digest import Digest
from ocikit.platforms import Platform
from ocikit.sizes import in_units

#: What is told of a record, by name.
Fact: TypeAlias = tuple[str, Any]

#: So many rows and bars are drawn.
_MOST: Final = 40
_WIDTH, _BAR, _LABELS = 480, 16, 230
#: Neither dark nor light, so that it stands out from both.
_FILL: Final = "#4a90d9"


class Printer(Protocol):
    """
    What IPython and Hypothesis print with.
    """

    def text(self, text: str, /) -> None: ...
    def pretty(self, value: Any, /) -> None: ...
    def breakable(self) -> None: ...
    def begin_group(self, indent: int = 0, open: str = "", /) -> None: ...
    def end_group(self, dedent: int = 0, close: str = "", /) -> None: ...


def short(digest: Digest) -> str:
    """
    Write a digest so that it can be told from others.

    >>> short(Digest.of(b""))
    'sha256:e3b0c44298fc'
    """
    return f"{digest.algorithm}:{digest.short()}"


def said(record: Any) -> Iterator[Fact]:
    """
    Give the fields of a record that say more than their defaults; digests are short.
    """
    for field in attrs.fields(type(record)):
        value = getattr(record, field.name)
        if field.repr and (field.default is attrs.NOTHING or value != field.default):
            yield field.name, _short_value(value)


def _short_value(value: Any) -> Any:
    if isinstance(value, Digest):
        return short(value)
    if isinstance(value, Platform):
        return str(value)
    return f"<{len(value)} bytes>" if isinstance(value, bytes) else value


def pretty(record: Any, facts: Iterable[Fact], printer: Printer, cycle: bool) -> None:
    """
    Print a record by some facts, for `_repr_pretty_`.
    """
    name = type(record).__name__
    if cycle:
        printer.text(f"{name}(...)")
        return
    printer.begin_group(4, f"{name}(")
    for position, (key, value) in enumerate(facts):
        if position:
            printer.text(",")
            printer.breakable()
        printer.text(f"{key}=")
        printer.pretty(value)
    printer.end_group(4, ")")


def summary(title: str, rows: Iterable[Fact], *more: Markup) -> str:
    """
    Write a small table, and what belongs below it.
    """
    lines = [
        element("tr", element("th", key, style="text-align:left"), _cell(value))
        for key, value in [*rows][:_MOST]
    ]
    return str(element("div", element("b", title), element("table", *lines), *more))


def _cell(value: Any) -> Markup:
    return element("td", element("code", str(value)), style="text-align:left")


def bars(sizes: Sequence[tuple[str, int]]) -> Markup:
    """
    Draw sizes one above the other, each beginning where the last one ended.
    """
    drawn, rest = sizes[:_MOST], sizes[_MOST:]
    if rest:
        drawn = [*drawn, (f"{len(rest)} more", sum(size for _, size in rest))]
    total = sum(size for _, size in drawn) or 1
    parts, before = list[Markup](), 0
    for row, (label, size) in enumerate(drawn):
        parts += _bar(row, label, size, before / total, size / total)
        before += size
    height = _BAR * len(drawn)
    return element(
        "svg",
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        width=_WIDTH,
        height=height,
        viewBox=f"0 0 {_WIDTH} {height}",
        role="img",
        fill="currentColor",
        font_family="monospace",
        font_size="11",
    )


def _bar(row: int, label: str, size: int, at: float, part: float) -> Iterator[Markup]:
    top, room = row * _BAR, _WIDTH - _LABELS
    text = f"{clipped(shown(label), 20)} {in_units(size)}"
    yield element("text", text, x=0, y=top + 12)
    yield element(
        "rect",
        element("title", f"{label}: {size:,} bytes"),
        x=number(_LABELS + at * room),
        y=top + 3,
        width=number(max(part * room, 1)),
        height=_BAR - 5,
        fill=_FILL,
    )
