"""
Scopes: what a token is to allow (distribution's token specification, "Scope").
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ocikit.http.challenge import Challenge

PULL: Final = ("pull",)
PUSH: Final = ("pull", "push")
DELETE: Final = ("pull", "push", "delete")
#: What lists the repositories of a registry.
CATALOG: Final = "registry:catalog:*"

_MOST: Final = 64
_LONGEST: Final = 2048


def repository_scope(path: str, actions: Iterable[str] = PULL) -> str:
    """
    Name what is to be done with a repository, by its path within its registry.

    >>> repository_scope("me/app", PUSH)
    'repository:me/app:pull,push'
    """
    return f"repository:{path}:{','.join(actions)}"


def scopes_of(challenge: Challenge) -> tuple[str, ...]:
    """
    Read what a challenge asks for; scopes are divided by spaces.
    """
    given = challenge.parameters.get("scope", "").split()
    return tuple(scope for scope in given if len(scope) <= _LONGEST)[:_MOST]


def merge_scopes(*scopes: str) -> tuple[str, ...]:
    """
    Name each resource once, with all actions, in the order of their first appearance.

    >>> merge_scopes("repository:a:pull", "repository:b:pull", "repository:a:pull,push")
    ('repository:a:pull,push', 'repository:b:pull')
    """
    merged: dict[str, dict[str, None]] = {}
    for scope in scopes:
        resource, actions = _split(scope)
        merged.setdefault(resource, {}).update(dict.fromkeys(actions))
    return tuple(f"{resource}:{','.join(actions)}" for resource, actions in merged.items())


def with_everything(scopes: Iterable[str]) -> tuple[str, ...]:
    """
    Ask for everything instead of for deletion: Quay grants that by no other name.

    >>> with_everything(["repository:a:pull,push,delete", "repository:b:pull"])
    ('repository:a:*', 'repository:b:pull')
    """
    parts = ((scope, *_split(scope)) for scope in scopes)
    return tuple(f"{name}:*" if "delete" in actions else scope for scope, name, actions in parts)


def covers(held: Iterable[str], wanted: Iterable[str]) -> bool:
    """
    Tell whether a token of the scopes `held` was asked for all that is `wanted`.

    >>> covers(["repository:a:pull,push"], ["repository:a:pull"])
    True
    """
    known: dict[str, set[str]] = {}
    for resource, actions in map(_split, held):
        known.setdefault(resource, set()).update(actions)
    return all(
        set(actions) <= known.get(resource, set()) or "*" in known.get(resource, set())
        for resource, actions in map(_split, wanted)
    )


def _split(scope: str) -> tuple[str, list[str]]:
    # A resource's name may hold a port: only its last colon comes before actions.
    resource, _, actions = scope.rpartition(":")
    return resource, [action for action in actions.split(",") if action]
