"""
What a user meets first: the names, and what importing them costs.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest

import ocikit


def test_all_names_are_there() -> None:
    """
    Every public name of the front door can be had, and none is missing from the list.
    """
    for name in ocikit.__all__:
        assert getattr(ocikit, name) is not None
    assert set(dir(ocikit)) == {*ocikit.__all__, "__version__"}


def test_unknown_name_is_an_attribute_error() -> None:
    """
    A misspelt name fails as it does for any module.
    """
    with pytest.raises(AttributeError, match="no attribute 'registy'"):
        ocikit.registy  # noqa: B018


def test_version_is_the_distribution_s() -> None:
    """
    The version in the code and that of the installed distribution are one.
    """
    assert metadata.version("ocikit") == ocikit.__version__


@pytest.mark.parametrize("module", ["ocikit", "ocikit.mutate", "ocikit.name", "ocikit.crane"])
def test_importing_is_light(module: str) -> None:
    """
    Importing costs neither the network stack, nor the codec, nor the command line.
    """
    heavy = ["urllib3", "cattrs", "click", "rich", "hypothesis", "pytest", "ssl"]
    code = f"import sys, {module}; print(*[m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
