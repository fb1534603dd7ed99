"""
The front doors of rooms.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from pathlib import Path

import pytest

import ocikit
from ocikit._doors import Door

DOORS = sorted(
    f"ocikit.{path.parent.name}"
    for path in Path(ocikit.__file__).parent.glob("*/__init__.py")
    if "door(" in path.read_text()
)


def _told_to_type_checkers(name: str) -> dict[str, str]:
    source = Path(importlib.import_module(name).__file__ or "").read_text()
    return {
        alias.name: str(node.module)
        for guarded in ast.parse(source).body
        if isinstance(guarded, ast.If)
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


@pytest.mark.parametrize("name", DOORS)
def test_checkers_and_python_are_told_the_same(name: str) -> None:
    """
    Law: each name comes from the module from which a type checker takes it, and from one.
    """
    module = importlib.import_module(name)
    told = _told_to_type_checkers(name)
    assert isinstance(module, Door)
    assert sorted(told) == sorted(module.__all__)
    for each, place in told.items():
        found = getattr(module, each)
        if place == name:
            assert found is importlib.import_module(f"{name}.{each}")
        else:
            assert found is getattr(importlib.import_module(place), each)


@pytest.mark.parametrize("name", DOORS)
def test_verbs_are_verbs_whatever_was_loaded(name: str) -> None:
    """
    Trap: Python names a submodule in its package, and would hide a verb of its name.
    """
    module = importlib.import_module(name)
    before = {each: getattr(module, each) for each in module.__all__}
    for found in pkgutil.iter_modules(module.__path__, f"{name}."):
        importlib.import_module(found.name)
    assert {each: getattr(module, each) for each in module.__all__} == before
    assert dir(module) == sorted(module.__all__)


def test_a_misspelt_name_is_an_attribute_error() -> None:
    """
    As of any module; and what only begins with underscores is not looked for in files.
    """
    with pytest.raises(AttributeError, match=r"module 'ocikit\.query' has no attribute 'dif'"):
        importlib.import_module("ocikit.query").dif  # noqa: B018
    assert not hasattr(importlib.import_module("ocikit.query"), "__wrapped__")
