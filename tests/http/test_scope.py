"""
Scopes of tokens.
"""

from __future__ import annotations

import pytest

from ocikit._records import FrozenMap
from ocikit.http import scope
from ocikit.http.challenge import Challenge


def test_scopes_of_a_repository() -> None:
    """
    distribution, "Token Scope Documentation": type, name, actions.
    """
    assert scope.repository_scope("a/b") == "repository:a/b:pull"
    assert scope.repository_scope("a/b", scope.PUSH) == "repository:a/b:pull,push"
    assert scope.repository_scope("a", scope.DELETE) == "repository:a:pull,push,delete"


@pytest.mark.parametrize(
    ("given", "merged"),
    [
        ((), ()),
        (("repository:a:pull", "repository:a:pull"), ("repository:a:pull",)),
        (("repository:a:pull,push", "repository:a:pull"), ("repository:a:pull,push",)),
        (("repository:a:push", "registry:catalog:*", "repository:a:pull"),
         ("repository:a:push,pull", "registry:catalog:*")),
        (("repository:h.io:5000/a:pull", "repository:h.io:5000/b:pull"),
         ("repository:h.io:5000/a:pull", "repository:h.io:5000/b:pull")),
        (("repository(plugin):a:pull",), ("repository(plugin):a:pull",)),
    ],
)  # fmt: skip
def test_scopes_merge_by_resource(given: tuple[str, ...], merged: tuple[str, ...]) -> None:
    """
    Some services read only the first scope of a name; names may hold a port.
    """
    assert scope.merge_scopes(*given) == merged
    assert scope.covers(merged, given)


@pytest.mark.parametrize(
    ("held", "wanted", "enough"),
    [
        (["repository:a:pull,push"], ["repository:a:push"], True),
        (["repository:a:pull"], ["repository:a:pull,push"], False),
        (["repository:a:pull"], ["repository:b:pull"], False),
        (["repository:a:*"], ["repository:a:delete"], True),
        (["registry:catalog:*"], [scope.CATALOG], True),
        ([], [scope.CATALOG], False),
        ([], [], True),
    ],
)
def test_a_token_serves_for_less_than_it_was_asked_for(
    held: list[str], wanted: list[str], enough: bool
) -> None:
    """
    One token serves pull and push of a repository.
    """
    assert scope.covers(held, wanted) is enough


def test_scopes_of_a_challenge_are_divided_by_spaces_and_bounded() -> None:
    """
    A registry asks for what it wants; not for a request of any length.
    """
    asked = "repository:a:pull,push  repository:b:pull"
    challenge = Challenge("bearer", FrozenMap(scope=asked))
    assert scope.scopes_of(challenge) == ("repository:a:pull,push", "repository:b:pull")
    assert scope.scopes_of(Challenge("bearer")) == ()
    long = Challenge("bearer", FrozenMap(scope=" ".join(["x" * 9999, *["a:b:c"] * 999])))
    assert len(scope.scopes_of(long)) <= 64
    assert all(len(found) <= 2048 for found in scope.scopes_of(long))
