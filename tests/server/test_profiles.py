"""
Profiles: records by name, around any handler.
"""

from __future__ import annotations

import pickle

import pytest

from ocikit.http.message import Request
from ocikit.server.handler import registry
from ocikit.server.quirks.profiles import PROFILES, ProfileUnknown, profile


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_profiles_are_values(name: str) -> None:
    """
    They pickle, compare, hash and say what they are of.
    """
    found = profile(name)
    assert found.name == name
    assert found.about
    again = pickle.loads(pickle.dumps(found))
    assert again == found
    assert hash(again) == hash(found)


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_one_is_not_another(name: str) -> None:
    """
    What one counts is not counted by the next that is made of it.
    """
    one, other = profile(name)(registry()), profile(name)(registry())
    request = Request(method="GET", url="https://r.io/v2/a/b/manifests/1")
    for _ in range(25):
        one(request).body.close()
    assert other(request).status in (401, 403, 404)


def test_a_name_that_is_none() -> None:
    """
    Those that there are, are named.
    """
    with pytest.raises(ProfileUnknown, match="no profile 'acr'; there are artifact_registry, "):
        profile("acr")
