"""
skopeo and umoci: independent readers and writers of every format that we handle.
"""

from __future__ import annotations

import pytest

from tests.real.process import Command, require, unavailable


@pytest.fixture(scope="session")
def skopeo() -> Command:
    """
    Run skopeo: `skopeo("copy", "oci:DIR:TAG", ...)` gives what it printed.
    """
    return Command((require("skopeo", "skopeo"), "--insecure-policy"))


@pytest.fixture(scope="session")
def gnu_tar() -> Command:
    """
    Run GNU tar: `gnu_tar("-cf", "-", PATH)` gives what it printed.
    """
    tar = Command((require("tar", "tar"),))
    if "GNU" not in tar("--version"):
        unavailable("this machine's tar is not GNU's: apt-get install tar")
    return tar


@pytest.fixture(scope="session")
def umoci() -> Command:
    """
    Run umoci: `umoci("unpack", "--image", "DIR:TAG", BUNDLE)` gives what it printed.

    It unpacks files as their owners', which only root may.
    """
    return Command((require("umoci", "umoci", root=True),))
