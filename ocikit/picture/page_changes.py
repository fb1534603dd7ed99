"""
What differs between two images, as sections of a page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ocikit._markup import Markup, element
from ocikit._notebook import short
from ocikit._shown import on_a_line
from ocikit.digest import Digest
from ocikit.picture.changes import Changes, LayerChange
from ocikit.picture.page_parts import cell, folded, listing, section, table
from ocikit.picture.svg import drawing
from ocikit.picture.svg_changes import CLASSES
from ocikit.picture.text_changes import SIGNS, growth, side_of, tallied
from ocikit.sizes import counted, in_units


def changes_sections(found: Changes) -> Iterator[Markup]:
    """
    Give the sections about what differs, children of indexes after the whole.
    """
    if found.name:
        yield element("h2", found.name)
    yield _summary(found)
    if found.settings:
        yield _settings(found)
    if found.layers:
        names = ["layer", "", "before", "after", "instruction"]
        yield section("Layers", table(names, [_layer(each) for each in found.layers]))
    if found.read:
        yield _files(found)
    for each in found.inside:
        yield from changes_sections(each)


def _summary(found: Changes) -> Markup:
    pairs = [("before", _side(found.before)), ("after", _side(found.after))]
    if found.layers:
        grown = growth(found.after_size - found.before_size)
        sizes = f"{in_units(found.before_size)} to {in_units(found.after_size)} ({grown})"
        pairs.append(("size", sizes))
    if found.before == found.after:
        pairs.append(("result", "the same"))
    return listing(pairs)


def _side(digest: Digest | None) -> str:
    return str(digest) if digest else "nothing"


def _settings(found: Changes) -> Markup:
    rows = [
        [
            cell(each.where),
            _value(each.left, "del"),
            _value(each.right, "add"),
        ]
        for each in found.settings
    ]
    parts = [table(["setting", "before", "after"], rows)]
    if found.other_settings:
        parts.append(element("p", counted(found.other_settings, "other")))
    return section("Settings", *parts)


def _value(side: str | None, kind: str) -> Markup:
    # A word of ours is not broken for want of room, as texts without blanks may be.
    return cell("nothing", f"k {kind}") if side is None else cell(side, kind)


def _layer(each: LayerChange) -> Sequence[Markup]:
    how = side_of(each)
    sides = ((each.before, each.before_size), (each.after, each.after_size))
    return [
        cell(each.name, "k"),
        cell("same", "k") if each.same else cell(how, f"k {CLASSES[how]}"),
        *(cell(f"{short(one)} {in_units(size)}" if one else "") for one, size in sides),
        cell(on_a_line(each.instruction)),
    ]


def _files(found: Changes) -> Markup:
    rows = [
        [
            cell(SIGNS[each.how], CLASSES[each.how]),
            cell("" if each.before is None else in_units(each.before), "n"),
            cell("" if each.after is None else in_units(each.after), "n"),
            cell(growth(each.growth), "n"),
            cell(each.path),
            cell(", ".join(each.facts)),
        ]
        for each in found.files
    ]
    parts = [element("p", tallied(found))]
    if rows:
        names = ["", "before", "after", "grown", "path", "differs in"]
        parts += [drawing(found), folded("as a table", table(names, rows))]
    others = sum(each.count for each in found.tallies) - len(found.files)
    if others:
        parts.append(element("p", counted(others, "other")))
    return section("Files", *parts)
