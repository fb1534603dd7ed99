"""
Each clause of the table has its test, over every storage and by every way to ask.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from tests.server.clauses.conftest import PAIRS
from tests.server.clauses.table import CLAUSES, WITHOUT
from tests.server.conftest import WAYS
from tests.server.storages import STORAGES

FOLDER = Path(__file__).parent / "clauses"


@attrs.frozen
class Quoting:
    """
    A test, the text that it quotes, and the fixtures that it is given.
    """

    name: str
    text: str
    given: frozenset[str]


def quoting() -> Iterator[Quoting]:
    """
    Find the tests of clauses.
    """
    for path in sorted(FOLDER.glob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                given = frozenset(each.arg for each in node.args.args)
                text = " ".join((ast.get_docstring(node) or "").split())
                yield Quoting(f"{path.name}::{node.name}", text, given)


TESTS = list(quoting())
ROWS = [(section, words) for section, all_words in CLAUSES.items() for words in all_words]


@pytest.mark.parametrize(("section", "words"), ROWS)
def test_each_clause_is_quoted_by_a_test(section: str, words: str) -> None:
    """
    A clause without a test would be a promise that nobody looks after.
    """
    assert [each.name for each in TESTS if words in each.text and f"({section})" in each.text]


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.name)
def test_each_test_quotes_a_clause(test: Quoting) -> None:
    """
    What is quoted is in the table, and what is asked is asked of all storages.
    """
    assert [words for section, words in ROWS if words in test.text and f"({section})" in test.text]
    assert test.given & {"send", "serving", "storage"}


def test_what_has_no_test_has_a_reason() -> None:
    """
    It is quoted by none, and it is said why.
    """
    for (section, words), why in WITHOUT.items():
        assert why
        assert section in CLAUSES
        assert not [each.name for each in TESTS if words in each.text]


def test_each_storage_and_each_way_is_paired() -> None:
    """
    Not each with each, for that would take minutes: each at least once.
    """
    assert {kind for kind, _ in PAIRS} == set(STORAGES)
    assert {way for _, way in PAIRS} == set(WAYS)
