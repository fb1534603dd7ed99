"""
What tests of credentials share.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ocikit.testing.helpers import Helpers


@pytest.fixture
def helpers(tmp_path: Path) -> Helpers:
    """
    A folder for credential helpers, empty at first.
    """
    folder = tmp_path / "helpers"
    folder.mkdir()
    return Helpers(folder)
