"""
Hypothesis knows our records by their types, and pays little for it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import find
from hypothesis import strategies as st

from ocikit.testing.types import STRATEGIES, register

_ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(("module", "name"), STRATEGIES)
def test_each_type_is_known(module: str, name: str) -> None:
    """
    By the strategy of the kit, which gives records of that very type.
    """
    register()
    kind: type[Any] = getattr(import_module(module), name)
    assert type(find(st.from_type(kind), lambda _: True)) is kind


def test_the_entry_point_calls_it() -> None:
    """
    As Hypothesis finds it in the installed package.
    """
    assert (
        '[project.entry-points.hypothesis]\n"ocikit" = "ocikit.testing.types:register"'
        in (_ROOT / "pyproject.toml").read_text()
    )


def test_strategies_are_loaded_when_asked_for() -> None:
    """
    What is loaded with Hypothesis are the classes, and what they need.
    """
    code = (
        "import sys, json, hypothesis; from ocikit.testing.types import register; register(); "
        "print(json.dumps([*sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=_ROOT)
    loaded = {name for name in json.loads(done.stdout) if name.startswith("ocikit.")}
    rooms = {name.split(".")[1] for name in loaded}
    assert not rooms & {"mutate", "query", "registry", "server", "http", "auth", "cli"}
    assert not loaded & {"ocikit.testing.strategies", "ocikit.testing.contents"}
