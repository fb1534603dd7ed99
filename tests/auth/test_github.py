"""
GitHub's token, for GitHub's registry.
"""

from __future__ import annotations

import pytest

from ocikit.auth.github import github
from ocikit.http.credentials import Anonymous, Basic
from ocikit.name.parse import parse_repository
from ocikit.name.records import Registry

TOKEN = {"GITHUB_TOKEN": "SECRET", "GITHUB_ACTOR": "me"}


def test_the_token_is_the_password() -> None:
    """
    With the actor as the user, if there is one.
    """
    assert github(TOKEN)(parse_repository("ghcr.io/me/app")) == Basic("me", "SECRET")
    alone = github({"GITHUB_TOKEN": "SECRET\n"})
    assert alone(Registry("ghcr.io")) == Basic("unset", "SECRET")
    assert "SECRET" not in repr(alone)


@pytest.mark.parametrize(
    "host", ["ghcr.io.evil.io", "xghcr.io", "docker.pkg.github.com", "ghcr.io:444", "docker.io"]
)
def test_no_other_host_gets_it(host: str) -> None:
    """
    CVE-2024-35192's kin: look-alikes.
    """
    assert github(TOKEN)(Registry(host)) == Anonymous()


def test_without_a_token_there_are_no_credentials() -> None:
    """
    An empty variable is as good as none.
    """
    assert github({"GITHUB_TOKEN": " "})(Registry("ghcr.io")) == Anonymous()
