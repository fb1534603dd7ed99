"""
Pictures as one page of HTML, that needs nothing else and runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from ocikit._markup import Markup, element, joined
from ocikit._notebook import short
from ocikit._shown import on_a_line
from ocikit.picture.changes import Changes
from ocikit.picture.graph import Graph
from ocikit.picture.overview import IndexOverview, Overview
from ocikit.picture.page_changes import changes_sections
from ocikit.picture.page_parts import cell, folded, listing, section, table
from ocikit.picture.sizes import Sized, Sizes
from ocikit.picture.spaces import Space
from ocikit.picture.steps import Steps
from ocikit.picture.style import PAGE, POLICY
from ocikit.picture.svg import drawing
from ocikit.picture.text import Picture, because, text
from ocikit.picture.text_overview import index_facts, overview_facts, settings
from ocikit.picture.waste import Waste
from ocikit.picture.waterfall import Waterfall
from ocikit.sizes import counted, in_units

#: A heading of its own for pictures that follow it.
Part: TypeAlias = "Picture | str"

#: So many columns the lines of a page may have.
_COLUMNS: Final = 130
_MOST: Final = 100


def page(title: str, parts: Iterable[Part]) -> str:
    """
    Write a page of pictures.

    It is one file: style and drawings are in it. It loads nothing and runs nothing, and a
    policy in its head forbids both. It goes by what the reader prefers, light or dark. It
    is HTML, and well-formed XML too.

    Args:
        title: of the page.
        parts: pictures in their order; a text between them is a heading.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.picture.overview import overview
    >>> page("<empty>", [overview(IMAGE)])[:15]
    '<!DOCTYPE html>'
    """
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", on_a_line(title)),
        element("style", Markup(PAGE)),
    )
    sections = [made for part in parts for made in _sections(part)]
    footer = element("footer", "Drawn by ocikit. This page loads and runs nothing.")
    body = element("body", element("h1", on_a_line(title)), *sections, footer)
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _sections(part: Part) -> Iterator[Markup]:
    match part:
        case str():
            yield element("h2", on_a_line(part))
        case Overview():
            yield _overview(part)
        case IndexOverview():
            yield _index(part)
        case Waterfall():
            yield _waterfall(part)
        case Waste():
            yield _waste(part)
        case Space():
            note = f"{part.files:,} files, {in_units(part.size)}; colours are those of layers."
            yield section("Where the space goes", element("p", note), drawing(part))
        case Changes():
            yield from changes_sections(part)
        case Graph():
            lines = folded("as text", element("pre", _lines(part)))
            yield section("What is in it, and about it", drawing(part), lines)
        case Sizes():
            yield _sizes(part)
        case Sized():
            yield _waterfall(part.layers)
        case Steps():
            yield _steps(part)


def _lines(graph: Graph) -> Markup:
    # Line breaks are the only ones that are not shown.
    return joined(joined([line, Markup("\n")]) for line in text(graph, width=_COLUMNS).split("\n"))


def _overview(one: Overview) -> Markup:
    facts = [pair for pair in overview_facts(one) if pair[0] != "name"]
    return section("At a look", listing(facts), *_settings(one))


def _settings(one: Overview | IndexOverview) -> Iterator[Markup]:
    for name, pairs in settings(one):
        if pairs:
            more = [("…", counted(len(pairs) - _MOST, "other"))] if len(pairs) > _MOST else []
            yield folded(f"{name}: {len(pairs)}", listing([*pairs[:_MOST], *more]))


def _index(one: IndexOverview) -> Markup:
    rows: list[Sequence[Markup]] = [
        [
            cell(each.what),
            cell(short(each.descriptor.digest)),
            cell("" if each.size is None else in_units(each.size), "n"),
        ]
        for each in one.listed[:_MOST]
    ]
    if len(one.listed) > _MOST:
        rows.append([cell(counted(len(one.listed) - _MOST, "other")), cell(""), cell("")])
    facts = [pair for pair in index_facts(one) if pair[0] != "name"]
    manifests = table(["manifest", "digest", "size"], rows)
    return section("The index", listing(facts), *_settings(one), manifests)


def _waterfall(fall: Waterfall) -> Markup:
    rows = [
        [
            cell(str(each.number), "n"),
            cell(short(each.digest)),
            cell(in_units(each.size), "n"),
            cell("" if each.unpacked is None else in_units(each.unpacked), "n"),
            cell("" if each.files is None else f"{each.files:,}", "n"),
            cell(on_a_line(each.instruction)),
        ]
        for each in fall.bars[:_MOST]
    ]
    names = ["", "digest", "size", "unpacked", "files", "instruction"]
    note = f"{in_units(fall.size)} in {counted(len(fall.bars), 'layer')}, the lowest first."
    return section(
        "Layers", element("p", note), drawing(fall), folded("as a table", table(names, rows))
    )


def _waste(waste: Waste) -> Markup:
    rows: list[Sequence[Markup]] = [
        [
            cell(in_units(each.size), "n"),
            cell(f"{each.files:,}", "n"),
            cell(", ".join(map(str, each.layers[:8]))),
            cell(because(each.there, each.by), "k chg" if each.there else "k del"),
            cell(each.path or "/"),
        ]
        for each in waste.paths
    ]
    parts = [drawing(waste)]
    if rows:
        parts.append(table(["wasted", "files", "in layers", "because", "path"], rows))
    if waste.others:
        others = counted(waste.others, "other")
        parts.append(element("p", f"{others}, {in_units(waste.others_size)}"))
    return section("Wasted space", *parts)


def _sizes(sizes: Sizes) -> Markup:
    note = f"{in_units(sizes.size)} together, what is shared counted once."
    return section("Sizes", drawing(sizes), element("p", note))


def _steps(steps: Steps) -> Markup:
    rows = [
        [
            cell(each.created, "k"),
            cell("" if each.size is None else in_units(each.size), "n"),
            cell(on_a_line(each.instruction)),
            cell(on_a_line(each.comment)),
        ]
        for each in steps.steps[:_MOST]
    ]
    return section("History", table(["created", "size", "instruction", "comment"], rows))
