"""
Rules: who may do what, and what no file of them may say.
"""

from __future__ import annotations

import pytest

from ocikit.server.app import Guards, guarded
from ocikit.server.auth.accounts import accounts
from ocikit.server.auth.rules import RulesInvalid, read_rules
from ocikit.server.handler import registry
from tests.server.samples import ask, push_image

TEXT = """
[[rules]]
users = ["ada", "ci-*"]
repositories = ["team/**"]
actions = ["pull", "push"]

[[rules]]
anonymous = true
repositories = ["public/*"]
actions = ["pull"]

[[rules]]
users = ["*"]
actions = ["catalog"]
"""


@pytest.mark.parametrize(
    ("user", "repository", "action", "allowed"),
    [
        ("ada", "team/app", "push", True),
        ("ada", "team/a/b", "pull", True),
        ("ci-7", "team/app", "push", True),
        ("ada", "team/app", "delete", False),
        ("ada", "teams/app", "pull", False),
        ("bob", "team/app", "pull", False),
        ("", "team/app", "pull", False),
        ("", "public/app", "pull", True),
        ("bob", "public/app", "pull", True),
        ("", "public/a/b", "pull", False),
        ("", "public/app", "push", False),
        ("bob", "", "*", True),
        ("", "", "*", False),
    ],
)
def test_what_rules_allow(user: str, repository: str, action: str, allowed: bool) -> None:
    """
    What any rule allows; "*" is whoever has logged in, and nobody else.
    """
    assert read_rules(TEXT)(user, repository, action) == allowed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules = 1", "have to be"),
        ("", "have to be"),
        ("[[rules]", "TOML"),
        ("[[rule]]\nactions = []", "nothing but"),
        ('[[rules]]\nusers = ["a"]', "it needs `actions`"),
        ('[[rules]]\nactions = ["pull"]', "anonymous = true"),
        ('[[rules]]\nusers = "ada"\nactions = ["pull"]', "list of texts"),
        ('[[rules]]\nusers = ["ada"]\nactions = ["read"]', "none of pull"),
        ('[[rules]]\nuser = ["ada"]\nactions = ["pull"]', "there is no 'user'"),
        ('[[rules]]\nanonymous = "yes"\nactions = ["pull"]', "true or false"),
    ],
)
def test_rules_that_cannot_be(text: str, said: str) -> None:
    """
    A rule that was meant and not read would let somebody in, or keep somebody out.
    """
    with pytest.raises(RulesInvalid, match=said):
        read_rules(text, "rules.toml")


@pytest.mark.parametrize("scheme", ["basic", "token"])
def test_everybody_may_pull_where_that_is_said(scheme: str) -> None:
    """
    Who is no user reads, and writes nothing.
    """
    handler = registry()
    push_image(handler, "a", "t", b"layer")
    users = accounts({"ada": "secret"})
    for anonymous in (False, True):
        guards = Guards(
            users=users, scheme="token" if scheme == "token" else "basic", anonymous_pull=anonymous
        )
        send = guarded(handler, guards)
        if scheme == "basic":
            assert ask(send, "GET", "/v2/a/manifests/t").status == (200 if anonymous else 401)
        assert ask(send, "POST", "/v2/a/blobs/uploads/").status == 401
        assert ask(send, "GET", "/v2/").status == 401
