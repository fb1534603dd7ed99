"""
Who may do what, from a small file of TOML.

Each rule allows some users some actions in some repositories; what no rule allows, nobody
may do::

    [[rules]]
    users = ["ada", "ci-*"]            # "*" are all who have logged in
    repositories = ["team/**"]         # * is within a component, ** are any
    actions = ["pull", "push"]         # and "delete", "catalog"

    [[rules]]
    anonymous = true                   # everybody, logged in or not
    repositories = ["public/**"]
    actions = ["pull"]
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

import attrs

from ocikit._records import record
from ocikit.errors import Invalid
from ocikit.server.auth.access import Rule
from ocikit.tree.globs import expression

ACTIONS: Final = ("pull", "push", "delete", "catalog")
_MEMBERS: Final = ("users", "anonymous", "repositories", "actions")


@attrs.frozen(kw_only=True)
class RulesInvalid(Invalid):
    """
    A file of rules cannot be read as such.
    """

    path: str
    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.where}: {self.reason}"


@record(kw_only=True)
class Allowed:
    """
    What some users may do in some repositories.
    """

    users: tuple[str, ...] = ()
    anonymous: bool = False
    repositories: tuple[str, ...] = ("**",)
    actions: tuple[str, ...]
    _patterns: tuple[re.Pattern[str], ...] = attrs.field(
        init=False,
        eq=False,
        repr=False,
        default=attrs.Factory(
            lambda self: tuple(map(expression, self.repositories)), takes_self=True
        ),
    )

    def __call__(self, user: str, repository: str, action: str) -> bool:
        """
        Whether this rule allows it.
        """
        if not (self.anonymous or (user and any(fnmatchcase(user, each) for each in self.users))):
            return False
        if action == "*":
            return "catalog" in self.actions
        return action in self.actions and any(each.fullmatch(repository) for each in self._patterns)


@record
class Rules:
    """
    Rules, of which one has to allow what is done; call it as a `Rule`.
    """

    rules: tuple[Rule, ...]

    def __call__(self, user: str, repository: str, action: str) -> bool:
        """
        Whether any rule allows it.
        """
        return any(rule(user, repository, action) for rule in self.rules)


def read_rules(text: str, path: str = "rules") -> Rules:
    """
    Read a file of rules.

    Raises:
        RulesInvalid: it is no TOML, or says what no rule can.

    >>> rules = read_rules('''
    ... [[rules]]
    ... users = ["ada"]
    ... repositories = ["team/**"]
    ... actions = ["pull", "push"]
    ... ''')
    >>> rules("ada", "team/app", "push"), rules("ada", "other/app", "push")
    (True, False)
    """
    import tomllib

    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesInvalid(path=path, where="TOML", reason=str(error)) from None
    unknown = set(value) - {"rules"}
    if unknown or not isinstance(value.get("rules"), list):
        reason = "there is nothing but [[rules]]" if unknown else "there have to be [[rules]]"
        raise RulesInvalid(path=path, where=", ".join(sorted(unknown)) or "$", reason=reason)
    rules = enumerate(value["rules"], 1)
    return Rules(tuple(_rule(rule, path, f"rule {number}") for number, rule in rules))


def _rule(value: Any, path: str, where: str) -> Allowed:
    if not isinstance(value, dict):
        raise RulesInvalid(path=path, where=where, reason="expected a table")
    for name in value:
        if name not in _MEMBERS:
            reason = f"there is no {name!r}, but {', '.join(_MEMBERS)}"
            raise RulesInvalid(path=path, where=where, reason=reason)
    anonymous = value.get("anonymous", False)
    if not isinstance(anonymous, bool):
        raise RulesInvalid(path=path, where=f"{where}, anonymous", reason="expected true or false")
    made = {name: _texts(value, name, path, where) for name in value if name != "anonymous"}
    if "actions" not in value or not (anonymous or "users" in value):
        reason = "it needs `actions`, and `users` or `anonymous = true`"
        raise RulesInvalid(path=path, where=where, reason=reason)
    for action in made["actions"]:
        if action not in ACTIONS:
            reason = f"{action!r} is none of {', '.join(ACTIONS)}"
            raise RulesInvalid(path=path, where=f"{where}, actions", reason=reason)
    return Allowed(
        users=made.get("users", ()),
        anonymous=anonymous,
        repositories=made.get("repositories", ("**",)),
        actions=made["actions"],
    )


def _texts(value: Mapping[str, Any], name: str, path: str, where: str) -> tuple[str, ...]:
    found = value[name]
    if not (isinstance(found, list) and all(isinstance(each, str) for each in found)):
        reason = "expected a list of texts"
        raise RulesInvalid(path=path, where=f"{where}, {name}", reason=reason)
    return tuple(found)
