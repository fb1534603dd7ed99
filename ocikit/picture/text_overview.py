"""
What a person wants to know of an image, as lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from ocikit._notebook import short
from ocikit._shown import on_a_line
from ocikit.picture.overview import IndexOverview, Overview
from ocikit.picture.tables import Cell, Column, Paint, facts, table
from ocikit.sizes import counted, in_units

#: Of a list of settings so many are shown.
MOST: Final = 40


def overview_facts(one: Overview) -> Iterator[tuple[str, str]]:
    """
    Give what there is to say of an image, by name; what it does not say is left out.
    """
    config = one.config
    said = [
        ("name", one.name),
        ("digest", str(one.digest)),
        ("media type", one.media_type),
        ("artifact type", one.artifact_type),
        ("platform", one.platform),
        ("size", f"{in_units(one.size)} in {counted(one.layers, 'layer')}"),
        ("created", one.created),
        ("author", one.author),
        ("about", str(one.subject.digest) if one.subject else ""),
        ("user", config.user or ("" if one.artifact_type else "root (none is set)")),
        ("directory", config.working_dir),
        ("entrypoint", argv(config.entrypoint)),
        ("command", argv(config.cmd)),
        ("shell", argv(config.shell)),
        ("ports", ", ".join(sorted(config.exposed_ports))),
        ("volumes", ", ".join(sorted(config.volumes))),
        ("stop signal", config.stop_signal),
        ("health check", argv(config.healthcheck.test) if config.healthcheck else ""),
    ]
    yield from ((name, value) for name, value in said if value)


def settings(one: Overview | IndexOverview) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """
    Give the lists of settings that an image has, by name: environment, labels, annotations.
    """
    if isinstance(one, Overview):
        yield "environment", tuple(_pair(each) for each in one.config.env)
        yield "labels", tuple(one.config.labels.items())
    yield "annotations", tuple(one.annotations.items())


def _pair(variable: str) -> tuple[str, str]:
    name, _, value = variable.partition("=")
    return name, value


def argv(words: tuple[str, ...]) -> str:
    """
    Write a command line as a Dockerfile has it.

    >>> argv(("sh", "-c", "a b"))
    '["sh", "-c", "a b"]'
    """
    return json.dumps([*words], ensure_ascii=False) if words else ""


def overview_lines(one: Overview, width: int, paint: Paint) -> Iterator[str]:
    """
    Give the lines about an image.
    """
    yield from facts(_cells(overview_facts(one)), width, paint)
    yield from _settings(one, width, paint)


def _cells(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Cell]]:
    for name, value in pairs:
        yield name, Cell(value, "digest" if name in ("digest", "about") else "plain", path=False)


def _settings(one: Overview | IndexOverview, width: int, paint: Paint) -> Iterator[str]:
    for name, pairs in settings(one):
        if pairs:
            yield paint(name, "title")
            cells = [("  " + on_a_line(key), Cell(value, path=False)) for key, value in pairs]
            yield from facts(cells[:MOST], width, paint)
        if len(pairs) > MOST:
            yield paint(f"  {counted(len(pairs) - MOST, 'other')}", "faint")


def index_facts(one: IndexOverview) -> Iterator[tuple[str, str]]:
    """
    Give what there is to say of an index, by name.
    """
    said = [
        ("name", one.name),
        ("digest", str(one.digest)),
        ("media type", one.media_type),
        ("artifact type", one.artifact_type),
        ("about", str(one.subject.digest) if one.subject else ""),
        ("lists", counted(len(one.listed), "manifest")),
    ]
    yield from ((name, value) for name, value in said if value)


def index_lines(one: IndexOverview, width: int, paint: Paint) -> Iterator[str]:
    """
    Give the lines about an index.
    """
    yield from facts(_cells(index_facts(one)), width, paint)
    yield from _settings(one, width, paint)
    rows = [
        [
            Cell("  " + on_a_line(each.what)),
            Cell(short(each.descriptor.digest), "digest"),
            Cell("-" if each.size is None else in_units(each.size)),
        ]
        for each in one.listed[:MOST]
    ]
    if rows:
        yield paint("manifests", "title")
        columns = [Column(gives=True), Column(), Column(right=True)]
        yield from table(columns, rows, width, paint)
    if len(one.listed) > MOST:
        yield paint(f"  {counted(len(one.listed) - MOST, 'other')}", "faint")
