"""
The names of the verbs.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from ocikit import crane


def test_verbs_are_callable_whatever_was_loaded() -> None:
    """
    Trap: a module of a verb's name would hide the verb once it is imported.
    """
    folder = Path(crane.__file__ or "").parent
    for module in folder.glob("[a-z]*.py"):
        importlib.import_module(f"ocikit.crane.{module.stem}")
    for name in crane.__all__:
        assert callable(getattr(crane, name))
    assert dir(crane) == crane.__all__
