"""
Credentials that were given, by registry and by path.
"""

from __future__ import annotations

import pickle

import pytest

from ocikit.auth.given import CredentialsAmbiguous, given
from ocikit.errors import Unsupported
from ocikit.http.credentials import Anonymous, Basic
from ocikit.name.parse import parse_registry, parse_repository

ONE, TEAM, HUB, REST = (Basic(name, "SECRET") for name in ("one", "team", "hub", "rest"))


def test_the_most_specific_counts() -> None:
    """
    A path before its registry, and whoever else knows for what was not given.
    """
    entries = {"r.io": ONE, "r.io/team": TEAM, "https://index.docker.io/v1/": HUB}
    keychain = given(entries, lambda resource: REST)
    assert keychain(parse_repository("r.io/team/app")) == TEAM
    assert keychain(parse_repository("r.io/teams/app")) == ONE
    assert keychain(parse_registry("r.io")) == ONE
    assert keychain(parse_repository("debian")) == HUB
    assert keychain(parse_repository("r.io:5000/team/app")) == REST
    assert given(entries)(parse_registry("ghcr.io")) == Anonymous()


def test_what_is_for_the_only_registry_goes_to_one() -> None:
    """
    A second one is not told what was meant for the first.
    """
    keychain = given({"": ONE, "two.io": TEAM})
    assert keychain(parse_repository("one.io/a")) == ONE
    assert keychain(parse_repository("one.io/b")) == ONE
    assert keychain(parse_repository("two.io/a")) == TEAM
    with pytest.raises(CredentialsAmbiguous, match=r"went to one\.io, and three\.io asks"):
        keychain(parse_repository("three.io/a"))


def test_they_are_not_shown_and_do_not_travel() -> None:
    """
    They are secrets that somebody has typed.
    """
    keychain = given({"r.io": ONE})
    assert repr(keychain) == "Given('r.io')"
    with pytest.raises((Unsupported, TypeError)):
        pickle.dumps(keychain)
