"""
What tests of credentials share.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ocikit.testing.helpers import Helpers
from tests.real.process import require_module


@pytest.fixture
def helpers(tmp_path: Path) -> Helpers:
    """
    A folder for credential helpers, empty at first.
    """
    folder = tmp_path / "helpers"
    folder.mkdir()
    return Helpers(folder)


@pytest.fixture
def environ(helpers: Helpers) -> dict[str, str]:
    """
    A home without credentials, and without a machine of Google's.
    """
    require_module("google.auth")
    # There may be a gcloud in /usr/bin, and somebody logged in.
    return {**helpers.environ, "PATH": str(helpers.folder), "NO_GCE_CHECK": "true"}
