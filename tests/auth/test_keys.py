"""
Keys of credentials files.
"""

from __future__ import annotations

import pytest

from ocikit.auth.keys import canonical_key, levels, matching, registry_of, written_key
from ocikit.name.parse import parse_repository
from ocikit.name.records import Registry


@pytest.mark.parametrize(
    ("key", "canonical"),
    [
        ("ghcr.io", "ghcr.io"),
        ("GHCR.io", "ghcr.io"),
        ("ghcr.io/", "ghcr.io"),
        ("https://ghcr.io", "ghcr.io"),
        ("http://ghcr.io/v1/", "ghcr.io"),
        ("HTTPS://ghcr.io/v2", "ghcr.io"),
        ("https://index.docker.io/v1/", "docker.io"),
        ("index.docker.io/v1", "docker.io"),
        ("index.docker.io", "docker.io"),
        ("registry-1.docker.io", "docker.io"),
        ("docker.io", "docker.io"),
        ("docker.io/me", "docker.io/me"),
        ("localhost:5000", "localhost:5000"),
        ("https://r.io:443", "r.io:443"),
        ("[::1]:5000", "[::1]:5000"),
        ("quay.io/ns/app", "quay.io/ns/app"),
        ("https://quay.io/v2/ns", "quay.io/ns"),
        ("quay.io/v1beta/x", "quay.io/v1beta/x"),
        ("", ""),
    ],
)
def test_one_registry_has_many_spellings(key: str, canonical: str) -> None:
    """
    Docker's ConvertToHostname, podman's paths, and three names of Docker Hub.
    """
    assert canonical_key(key) == canonical


def test_levels_go_from_the_most_specific_to_the_registry() -> None:
    """
    containers-auth.json(5), "FORMAT".
    """
    hub = parse_repository("debian")
    assert levels(hub) == ("docker.io/library/debian", "docker.io/library", "docker.io")
    assert levels(Registry("localhost:5000")) == ("localhost:5000",)
    assert registry_of(hub) == Registry("docker.io")


def test_the_usual_spelling_wins() -> None:
    """
    Of several keys that mean the same, tools keep that one up to date.
    """
    hub = Registry("docker.io")
    keys = ["index.docker.io", "x.io", written_key(hub), "docker.io", "docker.io/me"]
    assert matching(keys, "docker.io", written_key(hub)) == [
        "https://index.docker.io/v1/",
        "index.docker.io",
        "docker.io",
    ]
    assert written_key(parse_repository("quay.io/ns/app")) == "quay.io/ns/app"
