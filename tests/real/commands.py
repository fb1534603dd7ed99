"""
skopeo and umoci: independent readers and writers of every format that we handle.
"""

from __future__ import annotations

import pytest

from tests.real.process import Command, require


@pytest.fixture(scope="session")
def skopeo() -> Command:
    """
    Run skopeo: `skopeo("copy", "oci:DIR:TAG", ...)` gives what it printed.
    """
    return Command((require("skopeo", "skopeo"), "--insecure-policy"))


@pytest.fixture(scope="session")
def umoci() -> Command:
    """
    Run umoci: `umoci("unpack", "--image", "DIR:TAG", BUNDLE)` gives what it printed.

    It unpacks files as their owners', which only root may.
    """
    return Command((require("umoci", "umoci", root=True),))
