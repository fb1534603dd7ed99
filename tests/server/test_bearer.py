"""
Tokens: granted, scoped, and over (distribution, "Token Authentication Specification").
"""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from ocikit.http.message import Response, Send
from ocikit.server.auth.access import public
from ocikit.server.auth.bearer import TokenAuth, Tokens, token_auth
from ocikit.server.handler import registry
from ocikit.testing.time import VirtualTime
from tests.server.samples import ask, push_image, refused

USERS = {"ada": "secret"}
BASIC = {"Authorization": "Basic " + base64.b64encode(b"ada:secret").decode()}


def _send(time: VirtualTime | None = None) -> TokenAuth:
    handler = registry()
    push_image(handler, "a", "t")
    tokens = Tokens(now=(time or VirtualTime()).clock.now)
    return token_auth(handler, USERS, allow=public, tokens=tokens)


def _granted(response: Response) -> Any:
    assert response.status == 200
    return json.loads(response.body.read())


def _with(token: str, send: Send, path: str = "/v2/a/tags/list", method: str = "GET") -> Response:
    return ask(send, method, path, headers={"Authorization": f"Bearer {token}"})


def test_the_challenge_says_where_and_what_for() -> None:
    """
    `realm`, `service` and `scope` are those of the specification; who pushes also pulls.
    """
    response = ask(_send(), "PUT", "/v2/a/manifests/t")
    assert response.headers.get("WWW-Authenticate") == (
        'Bearer realm="http://registry.test/token",service="ocikit",scope="repository:a:pull,push"'
    )
    assert refused(response) == (401, "UNAUTHORIZED")


def test_a_token_is_good_for_its_scopes_alone() -> None:
    """
    More than was granted is 401 with `insufficient_scope`, so that the client asks again.
    """
    send = _send()
    granted = _granted(ask(send, "GET", "/token?scope=repository:a:pull", headers=BASIC))
    assert granted["token"] == granted["access_token"]
    assert granted["expires_in"] == 300
    assert _with(granted["token"], send).status == 200
    for method, path in [
        ("DELETE", "/v2/a/manifests/t"),
        ("GET", "/v2/b/tags/list"),
        ("GET", "/v2/_catalog"),
    ]:
        response = _with(granted["token"], send, path, method)
        assert response.status == 401
        assert 'error="insufficient_scope"' in response.headers.get("WWW-Authenticate")


def test_several_scopes_come_in_one_token() -> None:
    """
    As several parameters, or as one with spaces; of each what is allowed.
    """
    send = _send()
    query = "scope=repository:a:pull,push&scope=repository:b:pull+registry:catalog:*"
    token = _granted(ask(send, "GET", f"/token?{query}", headers=BASIC))["token"]
    for path in ("/v2/a/tags/list", "/v2/b/manifests/t", "/v2/_catalog"):
        assert _with(token, send, path).status in (200, 404)
    nobodys = _granted(ask(send, "GET", f"/token?{query}"))["token"]
    assert _with(nobodys, send).status == 200
    assert _with(nobodys, send, "/v2/a/blobs/uploads/", "POST").status == 401
    assert _with(nobodys, send, "/v2/_catalog").status == 401


def test_a_token_ends() -> None:
    """
    Its time is told, and kept.
    """
    time = VirtualTime()
    send = _send(time)
    token = _granted(ask(send, "GET", "/token?scope=repository:a:pull"))["token"]
    time.now += 299
    assert _with(token, send).status == 200
    time.now += 1
    assert _with(token, send).status == 401


@pytest.mark.parametrize(
    "form",
    [
        {"grant_type": "password", "username": "ada", "password": "secret"},
        {"grant_type": "refresh_token"},
    ],
)
def test_a_password_or_a_refresh_token_may_be_posted(form: dict[str, str]) -> None:
    """
    OAuth2's form of the same; the refresh token is good for the token service alone.
    """
    send = _send()
    first = _granted(ask(send, "GET", "/token?offline_token=true", headers=BASIC))
    if form["grant_type"] == "refresh_token":
        form = form | {"refresh_token": first["refresh_token"]}
    data = urlencode(form | {"scope": "repository:a:delete"}).encode()
    granted = _granted(ask(send, "POST", "/token", data))
    assert _with(granted["refresh_token"], send).status == 401
    assert _with(granted["token"], send, "/v2/a/manifests/t", "DELETE").status == 202


@pytest.mark.parametrize(
    "form",
    [
        {"grant_type": "password", "username": "ada", "password": "wrong"},
        {"grant_type": "password", "username": "eve", "password": "\0"},
        {"grant_type": "password"},
        {"grant_type": "refresh_token", "refresh_token": "x"},
        {"grant_type": "refresh_token"},
        {},
    ],
)
def test_who_lies_gets_no_token(form: dict[str, str]) -> None:
    """
    Neither does who says nothing, when it is posted.
    """
    response = ask(_send(), "POST", "/token", urlencode(form).encode())
    assert refused(response) == (401, "UNAUTHORIZED")


def test_a_token_of_another_kind_is_none() -> None:
    """
    Another's signature, a changed text, or an access token given as a refresh token.
    """
    send, other = _send(), _send()
    scope = "/token?scope=repository:a:pull"
    token = _granted(ask(send, "GET", scope, headers=BASIC))["token"]
    theirs = _granted(ask(other, "GET", scope, headers=BASIC))["token"]
    body, _, signature = token.partition(".")
    claims = json.loads(base64.urlsafe_b64decode(body)) | {"sub": "root"}
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
    for bad in (theirs, f"{forged}.{signature}", f"{body}.", body, "", ".", "\xff", "a.b"):
        assert _with(bad, send).status == 401
    form = urlencode({"grant_type": "refresh_token", "refresh_token": token}).encode()
    assert ask(send, "POST", "/token", form).status == 401


def test_the_token_service_is_bounded() -> None:
    """
    In what it takes, and in how it is asked.
    """
    assert ask(_send(), "POST", "/token", b"a=" + b"b" * 70_000).status == 413
    assert ask(_send(), "PUT", "/token").status == 405
