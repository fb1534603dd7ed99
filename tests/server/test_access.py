"""
What each request needs, and that nobody gets more: the same for accounts and tokens.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from ocikit.http.message import Request, Response, Send
from ocikit.server.auth.access import Rule, needed, public
from ocikit.server.auth.basic import basic_auth
from ocikit.server.auth.bearer import token_auth
from ocikit.server.handler import RegistryHandler, registry
from tests.server.samples import BASE, ask, digest, push_blob, push_image, refused

NOBODY = digest(b"none")
#: Every verb of the API, and what it needs in the repository "a" ("" for none).
VERBS = [
    ("GET", "/v2/", ""),
    ("GET", "/v2/_catalog", "*"),
    ("GET", "/v2/a/tags/list", "pull"),
    ("GET", f"/v2/a/referrers/{NOBODY}", "pull"),
    ("GET", "/v2/a/manifests/t", "pull"),
    ("HEAD", "/v2/a/manifests/t", "pull"),
    ("PUT", "/v2/a/manifests/t", "push"),
    ("DELETE", "/v2/a/manifests/t", "delete"),
    ("GET", f"/v2/a/blobs/{NOBODY}", "pull"),
    ("HEAD", f"/v2/a/blobs/{NOBODY}", "pull"),
    ("DELETE", f"/v2/a/blobs/{NOBODY}", "delete"),
    ("POST", "/v2/a/blobs/uploads/", "push"),
    ("GET", "/v2/a/blobs/uploads/x", "push"),
    ("PATCH", "/v2/a/blobs/uploads/x", "push"),
    ("PUT", "/v2/a/blobs/uploads/x", "push"),
    ("DELETE", "/v2/a/blobs/uploads/x", "push"),
    ("BREW", "/v2/a/manifests/t", "push"),
]
USERS = {"ada": "pä:ss", "bob": "word"}


def _roles(user: str, repository: str, action: str) -> bool:
    """
    ada may do all in "a" and list the catalog, bob may pull from "a", others nothing.
    """
    if user == "ada":
        return repository in ("a", "")
    return user == "bob" and repository == "a" and action == "pull"


def _basic(user: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{USERS.get(user, '')}".encode()).decode()


def _bearer(send: Send, user: str, *scopes: str) -> str:
    query = urlencode([("scope", scope) for scope in scopes])
    headers = {"Authorization": _basic(user)} if user else {}
    response = ask(send, "GET", f"/token?{query}", headers=headers)
    return f"Bearer {json.loads(response.body.read())['token']}"


Asking = Callable[[str, str, str, str], Response]


def _asking(kind: str, handler: RegistryHandler, allow: Rule) -> Asking:
    """
    Give how a user asks something, in either way.
    """
    if kind == "basic":
        basic = basic_auth(handler, USERS, allow=allow)

        def by_password(user: str, method: str, path: str, action: str) -> Response:
            return ask(basic, method, path, headers={"Authorization": _basic(user)} if user else {})

        return by_password
    bearer = token_auth(handler, USERS, allow=allow)

    def by_token(user: str, method: str, path: str, action: str) -> Response:
        scope = "registry:catalog:*" if action == "*" else f"repository:a:{action}"
        headers = {"Authorization": _bearer(bearer, user, scope)}
        return ask(bearer, method, path, headers=headers)

    return by_token


@pytest.mark.parametrize(("method", "path", "action"), VERBS)
def test_what_each_verb_needs(method: str, path: str, action: str) -> None:
    """
    To read is to pull, an upload is a push in all its steps, and deletion is its own.
    """
    found = [each.action for each in needed(Request(method=method, url=BASE + path))]
    assert found == ([action] if action else [])


@pytest.mark.parametrize("kind", ["basic", "bearer"])
@pytest.mark.parametrize(("method", "path", "action"), VERBS)
@pytest.mark.parametrize("user", ["ada", "bob", ""])
def test_every_role_and_verb(kind: str, method: str, path: str, action: str, user: str) -> None:
    """
    Each user may do what the rule allows, and nothing else gets as far as the registry.
    """
    asking = _asking(kind, registry(), _roles)
    status = asking(user, method, path, action).status
    if action:
        allowed = _roles(user, "" if action == "*" else "a", action)
    else:
        # Whoever has a token may look in, also one that is good for nothing.
        allowed = bool(user) or kind == "bearer"
    assert (status not in (401, 403)) == allowed


@pytest.mark.parametrize("kind", ["basic", "bearer"])
def test_nothing_is_mounted_that_may_not_be_pulled(kind: str) -> None:
    """
    Who may push to one repository reads no other through a mount, named or found.
    """
    handler = registry()
    name = push_blob(handler, "secret", b"data")
    asking = _asking(kind, handler, _roles)
    for source in ("&from=secret", ""):
        path = f"/v2/a/blobs/uploads/?mount={name}{source}"
        assert asking("ada", "POST", path, "pull,push").status == 202
    push_blob(handler, "a", b"data")
    path = f"/v2/a/blobs/uploads/?mount={name}"
    assert asking("ada", "POST", path, "pull,push").status == 201


@pytest.mark.parametrize("kind", ["basic", "bearer"])
def test_everybody_may_pull_from_a_public_registry(kind: str) -> None:
    """
    And users may do the rest.
    """
    handler = registry()
    raw = push_image(handler, "a", "t")
    asking = _asking(kind, handler, public)
    assert asking("", "GET", "/v2/a/manifests/t", "pull").body.read() == raw
    assert asking("", "DELETE", "/v2/a/manifests/t", "delete").status == 401
    assert asking("bob", "DELETE", "/v2/a/manifests/t", "delete").status == 202


@pytest.mark.parametrize(
    "text",
    [
        "Basic",
        "Basic !",
        "Basic " + base64.b64encode(b"ada").decode(),
        "Basic " + base64.b64encode(b"ada:wrong").decode(),
        "Basic " + base64.b64encode(b"eve:\0").decode(),
        "Basic " + base64.b64encode(b":").decode(),
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        "Bearer x",
        "Digest username=ada",
        "\xff",
    ],
)
def test_wrong_credentials_are_401(text: str) -> None:
    """
    Also where nobody in particular would have been let in: they were meant to be right.
    """
    send = basic_auth(registry(), USERS, allow=public)
    response = ask(send, "GET", "/v2/a/tags/list", headers={"Authorization": text})
    assert response.headers.get("WWW-Authenticate") == 'Basic realm="ocikit", charset="UTF-8"'
    assert response.headers.get("Docker-Distribution-API-Version") == "registry/2.0"
    assert refused(response) == (401, "UNAUTHORIZED")


def test_a_known_user_is_403() -> None:
    """
    To ask again for credentials would be no use.
    """
    asking = _asking("basic", registry(), _roles)
    assert refused(asking("bob", "PUT", "/v2/a/manifests/t", "push")) == (403, "DENIED")


@pytest.mark.parametrize("make", [basic_auth, token_auth])
def test_secrets_are_not_shown(make: Callable[..., object]) -> None:
    """
    Passwords and keys are in no representation, which may end in a log.
    """
    shown = repr(make(registry(), {"ada": "geheim"}))
    assert "geheim" not in shown
    assert "key" not in shown


@pytest.mark.parametrize("make", [basic_auth, token_auth])
def test_a_malformed_path_is_still_told(make: Callable[..., Send]) -> None:
    """
    It leads nowhere, with credentials or without.
    """
    assert refused(ask(make(registry(), USERS), "GET", "/v2/UPPER/tags/list"))[0] == 400
