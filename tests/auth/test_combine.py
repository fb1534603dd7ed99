"""
Keychains of keychains.
"""

from __future__ import annotations

import pickle

import pytest

from ocikit.auth.combine import first_of
from ocikit.auth.github import github
from ocikit.errors import Missing
from ocikit.http.credentials import Anonymous, Basic, Credentials, Resource, anonymous
from ocikit.name.records import Registry

R = Registry("r.io")


def _me(resource: Resource) -> Credentials:
    return Basic("me", "pw")


def _broken(resource: Resource) -> Credentials:
    raise Missing("no")


def test_the_first_that_has_credentials_wins() -> None:
    """
    Those after it are not even asked.
    """
    assert first_of(anonymous, _me, _broken)(R) == Basic("me", "pw")
    assert first_of(anonymous)(R) == first_of()(R) == Anonymous()


def test_one_that_fails_ends_the_search() -> None:
    """
    Others must not be told in its place.
    """
    with pytest.raises(Missing):
        first_of(_broken, _me)(R)


def test_a_combination_is_a_record() -> None:
    """
    It pickles when its parts do.
    """
    keychain = first_of(github(), anonymous)
    assert pickle.loads(pickle.dumps(keychain)) == keychain
