"""
Whatever names, labels and histories say: it is shown, and does nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given

from ocikit._shown import cells, clipped, escaped, on_a_line, shown
from ocikit.picture.graph import Graph
from ocikit.picture.overview import IndexOverview, Overview
from ocikit.picture.page import page
from ocikit.picture.sizes import Sized
from ocikit.picture.steps import Steps
from ocikit.picture.svg import svg
from ocikit.picture.tables import Role
from ocikit.picture.text import Picture, text
from ocikit.picture.text_graph import dot, mermaid
from tests.picture.drawings import NASTY, pictures, words

HARMLESS = pictures(["alpha", "beta", "gamma", "delta"])
PLAIN = (Overview, IndexOverview, Steps, Sized)


class _Elements(HTMLParser):
    """
    The elements that a browser would make, with the names of their attributes.
    """

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def _xml(source: str) -> list[str]:
    made = ElementTree.fromstring(source.removeprefix("<!DOCTYPE html>"))
    return [each.tag.rpartition("}")[2].lower() for each in made.iter()]


@given(words())
def test_pages_have_the_elements_that_we_made(given_words: list[str]) -> None:
    """
    Law: words change no element and no attribute, whether a page is read as HTML or XML.
    """
    title = given_words[0]
    made = page(title, [given_words[1], *pictures(given_words)])
    found = _Elements(made).found
    assert found == _Elements(page("title", ["heading", *HARMLESS])).found
    assert _xml(made) == [tag for tag, _ in found]


def test_pages_run_and_load_nothing() -> None:
    """
    No script, no handler, no address; and the policy allows this one style sheet alone.
    """
    made = page("title", HARMLESS)
    elements = _Elements(made).found
    assert not {tag for tag, _ in elements} & {"script", "iframe", "img", "link", "a", "form"}
    names = {name for _, attributes in elements for name in attributes}
    assert not {name for name in names if name.startswith("on")} | (
        names & {"src", "href", "style"}
    )
    assert "url(" not in made
    assert "@import" not in made
    style = re.findall("<style>(.*?)</style>", made, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    assert len(style) == 1
    assert f"default-src &#x27;none&#x27;; style-src &#x27;sha256-{digest}&#x27;" in made


@given(words())
def test_drawings_have_the_elements_that_we_made(given_words: list[str]) -> None:
    """
    Law: the same of drawings that stand alone.
    """
    for mine, harmless in zip(pictures(given_words), HARMLESS, strict=True):
        if not isinstance(mine, PLAIN) and not isinstance(harmless, PLAIN):
            assert _xml(svg(mine)) == _xml(svg(harmless))


@given(words())
def test_text_does_not_play_with_terminals(given_words: list[str]) -> None:
    """
    Law: but for the ends of our own lines all is printable, and there are as many lines.
    """
    for mine, harmless in zip(pictures(given_words), HARMLESS, strict=True):
        for width in (70, 140):
            lines = text(mine, width=width).split("\n")
            assert all(line.isprintable() for line in lines)
            assert len(lines) == text(harmless, width=width).count("\n") + 1
            assert all(cells(line) <= width or "sha256:" in line for line in lines)


@given(words())
def test_languages_of_graphs_are_not_broken_out_of(given_words: list[str]) -> None:
    """
    Law: every line is a node, an edge, or the frame; names stay within their quotes.
    """
    graph = next(each for each in pictures(given_words) if isinstance(each, Graph))
    node = r'  n\d+ \[label="(?:[^"\\]|\\.)*"(?:, style=dashed)?\];'
    edge = r"  n\d+ -> n\d+(?: \[style=dashed, label=\"about\"\])?;"
    for line in dot(graph).splitlines()[3:-1]:
        assert re.fullmatch(f"{node}|{edge}", line)
    node, edge = (
        r'  n\d+\["[^"\[\]{}<>]*<br/>[^"\[\]{}<>]*"\]',
        r"  n\d+ (?:-->|-\. about \.->) n\d+",
    )
    for line in mermaid(graph).splitlines()[1:]:
        assert re.fullmatch(f"{node}|{edge}", line)


def test_colours_are_around_texts_and_not_in_them() -> None:
    """
    Who paints is given texts that are fit to be shown, and knows what they are.
    """
    told: list[tuple[str, Role]] = []

    def paint(piece: str, role: Role) -> str:
        told.append((piece, role))
        return f"<{piece}>"

    def plain(piece: str, role: Role) -> str:
        return piece

    for each in pictures(NASTY[4:8]):
        assert text(each, paint=paint).replace("<", "").replace(">", "") == text(
            each, paint=plain
        ).replace("<", "").replace(">", "")
    assert all(piece.isprintable() for piece, _ in told)
    assert {role for _, role in told} >= {"title", "faint", "digest", "bar", "removed", "changed"}


@given(words())
def test_what_is_shown_is_short_and_printable(given_words: list[str]) -> None:
    """
    Law: texts are printable, and cut to the columns they may take; so are heaps of marks.
    """
    for word in given_words:
        for made in (shown(word), on_a_line(word)):
            for keep_end in (False, True):
                cut = clipped(made, 20, keep_end=keep_end)
                assert cut.isprintable()
                assert cells(cut) <= 20
                assert len(cut) <= 200
        assert not set("<>\"'") & set(escaped(word))


@pytest.mark.parametrize(
    ("text", "width", "keep_end", "cut"),
    [
        ("abc", 3, False, "abc"),
        ("abcd", 3, False, "ab…"),
        ("日本語", 5, False, "日本…"),
        ("日本語", 4, False, "日…"),
        ("abcdefgh", 6, True, "ab…fgh"),
        ("abcdef", 4, True, "abc…"),
        ("a", 1, False, "a"),
        ("ab", 1, False, "…"),
    ],
)
def test_texts_are_cut_where_it_is_said(text: str, width: int, keep_end: bool, cut: str) -> None:
    """
    At the end, or in the middle; letters of two columns are not halved.
    """
    assert clipped(text, width, keep_end=keep_end) == cut


def test_every_kind_of_picture_is_tried() -> None:
    """
    No picture that can be drawn is forgotten here.
    """
    from typing import get_args

    kinds = {str(each).rpartition(".")[2] for each in get_args(Picture)} or {
        name.strip(' "') for name in str(Picture).split("|")
    }
    assert kinds - {type(each).__name__ for each in HARMLESS} == {"Sized"}
