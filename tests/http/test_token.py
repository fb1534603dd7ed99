"""
The token flow: what is asked of whom, with which credentials.
"""

from __future__ import annotations

import base64
import json
import pickle
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from ocikit._records import FrozenMap
from ocikit.content.streams import BytesOpener
from ocikit.http.challenge import Challenge
from ocikit.http.credentials import (
    Anonymous,
    Basic,
    Credentials,
    IdentityToken,
    RegistryToken,
    SecretNotPickled,
)
from ocikit.http.faults import ServerFailed, TooManyRequests, Unauthorized
from ocikit.http.message import Headers, Request, Response
from ocikit.http.realm import CredentialsWithheld, RealmInvalid
from ocikit.http.token import Token, TokenInvalid, run, token_flow
from ocikit.spec.document import DocumentTooLarge
from tests.real.token_server import TokenServer, serve_tokens

BASE = "https://registry.example.com"
REALM = "https://auth.example.com/token"
SCOPES = ("repository:a/b:pull,push", "repository:c:pull")
SECRET = "hunter2-SECRET"
ME = Basic("me", SECRET)
Answer = tuple[int, dict[str, str], bytes]


def _granted(**members: Any) -> Answer:
    return 200, {}, json.dumps({"token": "t-SECRET", **members}).encode()


def _flow(
    credentials: Credentials,
    *answers: Answer,
    realm: str = REALM,
    base: str = BASE,
    service: str = "registry.example.com",
    trusted: tuple[str, ...] = (),
) -> tuple[Token, list[Request]]:
    asked: list[Request] = []
    script = iter(answers)

    def send(request: Request) -> Response:
        asked.append(request)
        status, headers, body = next(script)
        return Response(status=status, headers=Headers(headers), body=BytesOpener(body).open())

    challenge = Challenge("bearer", FrozenMap(realm=realm, service=service))
    flow = token_flow(challenge, credentials, SCOPES, base=base, trusted=trusted)
    return run(flow, send), asked


def _form(request: Request) -> dict[str, list[str]]:
    return parse_qs(request.body.opener.open().read().decode())


def test_anonymous_callers_ask_without_credentials() -> None:
    """
    Distribution's token specification: GET, `service`, one `scope` for each.
    """
    token, (request,) = _flow(Anonymous(), _granted(expires_in=300))
    assert request.method == "GET"
    assert request.url.partition("?")[0] == REALM
    assert parse_qsl(urlsplit(request.url).query) == [
        ("service", "registry.example.com"),
        *(("scope", scope) for scope in SCOPES),
    ]
    assert "Authorization" not in request.headers
    assert token == Token(text="t-SECRET", scopes=SCOPES, lifetime=300)


def test_passwords_go_as_basic() -> None:
    """
    To the token service, when it is the registry's.
    """
    _, (request,) = _flow(ME, _granted())
    sent = request.headers.get("Authorization").removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == f"me:{SECRET}"


def test_the_realms_own_query_stays_but_scope_and_service() -> None:
    """
    Some realms carry an account or a tenant.
    """
    realm = f"{REALM}?tenant=x%20y&scope=evil&service=evil&empty="
    _, (request,) = _flow(Anonymous(), _granted(), realm=realm, service="")
    assert parse_qsl(urlsplit(request.url).query, keep_blank_values=True) == [
        ("tenant", "x y"),
        ("empty", ""),
        *(("scope", scope) for scope in SCOPES),
    ]


def test_identity_tokens_are_exchanged_by_post() -> None:
    """
    distribution, "oauth": form-encoded, scopes joined by spaces.
    """
    token, (request,) = _flow(IdentityToken(SECRET), _granted(refresh_token="next-SECRET"))
    assert (request.method, request.url) == ("POST", REALM)
    assert request.headers.get("Content-Type") == "application/x-www-form-urlencoded"
    assert _form(request) == {
        "grant_type": ["refresh_token"],
        "client_id": ["ocikit"],
        "service": ["registry.example.com"],
        "scope": [" ".join(SCOPES)],
        "refresh_token": [SECRET],
    }
    assert token.identity == IdentityToken("next-SECRET")


@pytest.mark.parametrize("status", [401, 404, 405, 307])
def test_services_that_know_no_post_are_asked_by_get(status: int) -> None:
    """
    Google's answers 404, others 405, Artifactory's 401.
    """
    refused = (status, {"Location": "https://evil.io/"}, b"")
    token, (post, get) = _flow(IdentityToken(SECRET), refused, _granted())
    assert (post.method, get.method) == ("POST", "GET")
    assert get.url.startswith(f"{REALM}?")
    sent = get.headers.get("Authorization").removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == f":{SECRET}"
    assert token.text == "t-SECRET"


def test_a_registry_token_is_its_own() -> None:
    """
    Nothing is asked.
    """
    token, asked = _flow(RegistryToken(SECRET))
    assert (token.text, token.lifetime, asked) == (SECRET, float("inf"), [])


@pytest.mark.parametrize(
    ("members", "text", "lifetime"),
    [
        ({"access_token": "b"}, "b", 60),
        ({"token": "", "access_token": "b"}, "b", 60),
        ({"token": "a", "access_token": ""}, "a", 60),
        ({"expires_in": 3600}, "t-SECRET", 3600),
        ({"expires_in": "3600"}, "t-SECRET", 3600),
        ({"expires_in": 5}, "t-SECRET", 60),
        ({"expires_in": -1}, "t-SECRET", 60),
        ({"expires_in": None}, "t-SECRET", 60),
        ({"expires_in": "nan"}, "t-SECRET", 60),
        ({"expires_in": 10**400}, "t-SECRET", 60),
        ({"expires_in": []}, "t-SECRET", 60),
        ({"refresh_token": 5}, "t-SECRET", 60),
    ],
)
def test_what_services_answer(members: dict[str, Any], text: str, lifetime: float) -> None:
    """
    `token` or `access_token`; a lifetime may be missing, short, or written as a text.
    """
    token, _ = _flow(Anonymous(), _granted(**members))
    assert (token.text, token.lifetime, token.identity) == (text, lifetime, None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>SECRET</html>",
        b'["SECRET"]',
        b'{"details":"SECRET"}',
        b'{"token":5}',
        b'{"token":"SECRET\\r\\nX-Evil: 1"}',
        b'{"token":"SECRET \xc3\xb6"}',
    ],
)
def test_what_is_no_token_is_told_without_showing_it(body: bytes) -> None:
    """
    A token must fit into a header field, and nothing after it.
    """
    with pytest.raises(TokenInvalid) as caught:
        _flow(ME, (200, {}, body))
    assert "SECRET" not in str(caught.value) + repr(caught.value)
    assert REALM in str(caught.value)


def test_answers_are_bounded() -> None:
    """
    S9: a token of 300 MiB.
    """
    with pytest.raises(DocumentTooLarge):
        _flow(Anonymous(), _granted(token="x" * (64 << 10)))


@pytest.mark.parametrize(
    ("status", "error"), [(401, Unauthorized), (429, TooManyRequests), (503, ServerFailed)]
)
def test_refusals_are_the_services(status: int, error: type[Exception]) -> None:
    """
    The error names the service's URL, and shows neither password nor token.
    """
    body = f'{{"details":"password={SECRET} is wrong"}}'.encode()
    with pytest.raises(error) as caught:
        _flow(ME, (status, {}, body))
    assert REALM in str(caught.value)
    assert SECRET not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize("credentials", [ME, IdentityToken(SECRET)])
def test_a_realm_of_another_owner_is_asked_without_credentials(credentials: Credentials) -> None:
    """
    S1, CVE-2026-48978: and the caller is told that they were not sent.
    """
    token, (request,) = _flow(credentials, _granted(), realm="https://evil.io/token")
    assert request.method == "GET"
    assert "Authorization" not in request.headers
    assert request.body.length == 0
    assert token.withheld is not None
    assert token.withheld.realm == "https://evil.io"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_without_credentials_says_why(status: int) -> None:
    """
    "Unauthorized" would send people to check a password that was never sent.
    """
    with pytest.raises(CredentialsWithheld) as caught:
        _flow(ME, (status, {}, b""), realm="https://evil.io/token")
    assert "were not sent to https://evil.io" in str(caught.value)
    assert str(status) in str(caught.value)


def test_who_is_trusted_gets_them() -> None:
    """
    A company's token service on a domain of its own.
    """
    realm = "https://sso.corp.net/token"
    token, (request,) = _flow(ME, _granted(), realm=realm, trusted=("sso.corp.net",))
    assert "Authorization" in request.headers
    assert token.withheld is None


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("/other", True),
        ("https://auth.example.com/other", True),
        ("https://login.example.com/other", True),
        ("https://evil.io/other", False),
    ],
)
def test_redirects_are_judged_like_realms(place: str, told: bool) -> None:
    """
    CVE-2020-15157's kin: a redirect does not carry credentials to another owner.
    """
    token, (_, second) = _flow(ME, (307, {"Location": place}, b""), _granted())
    assert ("Authorization" in second.headers) is told
    assert (token.withheld is None) is told


@pytest.mark.parametrize(
    "place", ["http://auth.example.com/", "https://169.254.169.254/", "file:///x"]
)
def test_redirects_to_where_no_realm_may_be_are_not_followed(place: str) -> None:
    """
    Downgrades and addresses inside.
    """
    with pytest.raises(RealmInvalid):
        _flow(ME, (302, {"Location": place}, b""))


def test_redirects_end() -> None:
    """
    S18: no loop, and no redirect to nowhere.
    """
    with pytest.raises(TokenInvalid, match="redirects"):
        _flow(ME, *[(302, {"Location": "/token"}, b"")] * 9)
    with pytest.raises(TokenInvalid, match="nowhere"):
        _flow(ME, (302, {}, b""))


def test_a_realm_that_may_not_be_named_is_not_asked() -> None:
    """
    The flow fails before its first request.
    """
    with pytest.raises(RealmInvalid):
        _flow(ME, realm="http://auth.example.com/token")
    with pytest.raises(RealmInvalid, match="names none"):
        _flow(ME, realm="")


def test_a_token_shows_no_secret() -> None:
    """
    Neither its own text nor the next identity, and it does not travel.
    """
    token, _ = _flow(ME, _granted(refresh_token="next-SECRET"))
    assert "SECRET" not in repr(token)
    with pytest.raises(SecretNotPickled, match="Token holds a secret"):
        pickle.dumps(token)


@pytest.fixture(scope="module")
def tokens() -> Iterator[TokenServer]:
    """
    A token service of a registry, on loopback.
    """
    with serve_tokens("ada", "pass:wörd") as server:
        yield server


Network = Callable[[Request], Response]


@pytest.fixture(scope="module")
def network() -> Network:
    """
    The network, as small as it can be.
    """
    import urllib.error
    import urllib.request

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def send(request: Request) -> Response:
        data = request.body.opener.open().read() or None
        made = urllib.request.Request(request.url, data, dict(request.headers.pairs))
        made.method = request.method
        try:
            with opener.open(made) as reply:
                return Response(status=reply.status, body=BytesOpener(reply.read()).open())
        except urllib.error.HTTPError as refused:
            with refused:
                return Response(status=refused.code, body=BytesOpener(refused.read()).open())

    return send


def test_a_service_that_we_did_not_write_grants(tokens: TokenServer, network: Network) -> None:
    """
    Anonymous, by password, and by the refresh token that it gave.
    """
    challenge = Challenge("bearer", FrozenMap(realm=f"{tokens.realm}?offline_token=true"))
    base = "http://localhost:1"

    def ask(credentials: Credentials) -> Token:
        return run(token_flow(challenge, credentials, SCOPES, base=base), network)

    assert ask(Anonymous()).identity is None
    granted = ask(Basic("ada", "pass:wörd"))
    assert granted.identity is not None
    assert ask(granted.identity).text
    assert [(r.method, r.user, r.scopes) for r in tokens.requests] == [
        ("GET", "", SCOPES),
        ("GET", "ada", SCOPES),
        ("POST", "ada", SCOPES),
    ]
    with pytest.raises(Unauthorized):
        ask(Basic("ada", "wrong"))
