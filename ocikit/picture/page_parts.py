"""
What pages are put together of: sections, tables, lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ocikit._markup import Markup, element


def section(title: str, *inside: Markup) -> Markup:
    """
    Make a section with a heading.
    """
    return element("section", element("h2", title), *inside)


def folded(summary: str, inside: Markup) -> Markup:
    """
    Make what is only seen when somebody asks for it; browsers need no script for that.
    """
    return element("details", element("summary", summary), inside)


def cell(text: str, kind: str = "") -> Markup:
    """
    Make a cell of a table.
    """
    return element("td", text, class_=kind) if kind else element("td", text)


def table(names: Sequence[str], rows: Iterable[Sequence[Markup]]) -> Markup:
    """
    Make a table with a line of names.
    """
    head = element("tr", *(element("th", name) for name in names))
    return element(
        "table",
        element("thead", head),
        element("tbody", *(element("tr", *row) for row in rows)),
    )


def listing(pairs: Iterable[tuple[str, str]]) -> Markup:
    """
    Make a table of names and what they are.
    """
    rows = (element("tr", element("th", name), cell(value)) for name, value in pairs)
    return element("table", element("tbody", *rows))
