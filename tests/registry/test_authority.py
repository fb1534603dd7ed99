"""
Credentials: to whom they are shown, when, and how often they are asked for.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest

from ocikit.http.credentials import (
    Anonymous,
    Basic,
    Credentials,
    Keychain,
    RegistryToken,
    Resource,
)
from ocikit.http.faults import Answered
from ocikit.http.message import Request, Response, Send, body_of
from ocikit.http.realm import CredentialsWithheld, RealmInvalid
from ocikit.name.parse import parse_repository
from ocikit.registry.authority import Authority
from ocikit.testing.time import VirtualTime
from ocikit.testing.wires import Recorder, answer, script

BASE = "https://r.io"
REPOSITORY = parse_repository("r.io/a/b")
READ = Request(method="GET", url=f"{BASE}/v2/a/b/manifests/1")
PULL, PUSH = ("repository:a/b:pull",), ("repository:a/b:pull,push",)


def knows(credentials: Credentials) -> Keychain:
    """
    A keychain of one.
    """
    return lambda resource: credentials


@attrs.define(eq=False)
class Guard:
    """
    A registry and token service in one, which counts.
    """

    realm: str = "https://r.io/token"
    lifetime: int = 60
    #: Scopes, in a challenge, of its own wish.
    wishes: str = ""
    tokens: Iterator[int] = attrs.field(factory=lambda: iter(range(1, 1000)))
    good: set[str] = attrs.field(factory=set)
    asked: list[dict[str, list[str]]] = attrs.field(factory=list)
    told: list[str] = attrs.field(factory=list)

    def __call__(self, request: Request) -> Response:
        shown = request.headers.get("Authorization")
        if request.url.startswith(self.realm):
            self.asked.append(parse_qs(urlsplit(request.url).query))
            self.told.append(shown)
            token = f"token-{next(self.tokens)}"
            self.good.add(f"Bearer {token}")
            grant = {"token": token, "expires_in": self.lifetime}
            return answer(200, json.dumps(grant).encode())
        if shown in self.good:
            return answer(200)
        scope = f',scope="{self.wishes}"' if self.wishes else ""
        header = f'Bearer realm="{self.realm}",service="r"{scope}'
        return answer(401, WWW_Authenticate=header)


def authority(send: Send, keychain: Keychain, time: VirtualTime | None = None) -> Authority:
    """
    Who we are to r.io.
    """
    return Authority(BASE, keychain, send, (time or VirtualTime()).clock)


def test_a_token_is_asked_for_once() -> None:
    """
    One 401, one token; from then on it is shown before it is asked for.
    """
    guard = Guard()
    wire = Recorder(guard)
    who = authority(wire, knows(Basic("me", "pw")))
    for _ in range(3):
        assert who.sender(wire, REPOSITORY, PULL)(READ).status == 200
    assert [line.split("?")[0] for line in wire.lines] == [
        "GET /v2/a/b/manifests/1 401",
        "GET /token",
        *["GET /v2/a/b/manifests/1 200"] * 3,
    ]
    assert guard.asked == [{"service": ["r"], "scope": ["repository:a/b:pull"]}]
    assert guard.told == ["Basic bWU6cHc="]


def test_a_token_for_more_does_for_less() -> None:
    """
    Who may push may pull; who may pull needs another token to push.
    """
    guard = Guard()
    who = authority(guard, knows(Anonymous()))
    for scopes in (PULL, PUSH, PULL, PUSH):
        who.sender(guard, REPOSITORY, scopes)(READ)
    assert [asked["scope"] for asked in guard.asked] == [["repository:a/b:pull"], [PUSH[0]]]


def test_what_a_challenge_wishes_is_added() -> None:
    """
    A registry knows best what it wants to see; what was wanted before is kept.
    """
    guard = Guard(wishes="repository:a/b:pull repository:c:pull")
    who = authority(guard, knows(Anonymous()))
    who.sender(guard, REPOSITORY, PUSH)(READ)
    assert guard.asked[0]["scope"] == ["repository:a/b:pull,push", "repository:c:pull"]


def test_a_token_is_renewed_before_it_ends() -> None:
    """
    A transfer that begins in its last second is not refused in the middle.
    """
    guard, time = Guard(lifetime=100), VirtualTime()
    send = authority(guard, knows(Anonymous()), time).sender(guard, REPOSITORY, PULL)
    send(READ)
    time.now += 89
    send(READ)
    assert len(guard.asked) == 1
    time.now += 2
    send(READ)
    assert len(guard.asked) == 2


def test_a_token_that_is_refused_is_replaced_once() -> None:
    """
    A registry may forget a token before its time; one that never takes any is told so.
    """
    guard = Guard()
    wire = Recorder(guard)
    send = authority(wire, knows(Anonymous())).sender(wire, REPOSITORY, PULL)
    send(READ)
    guard.good.clear()
    wire.clear()
    assert send(READ).status == 200
    assert [line.split("?")[0] for line in wire.lines] == [
        "GET /v2/a/b/manifests/1 401",
        "GET /token",
        "GET /v2/a/b/manifests/1 200",
    ]
    guard.good = frozenset()  # type: ignore[assignment]
    with pytest.raises(AttributeError):
        send(READ)


def test_a_refusal_is_handed_back() -> None:
    """
    A registry that refuses the token that it asked for is not asked a third time.
    """
    wire = Recorder(lambda r: Guard()(r) if "token" in r.url else Guard()(READ))
    send = authority(wire, knows(Anonymous())).sender(wire, REPOSITORY, PULL)
    assert send(READ).status == 401
    assert len(wire.requests) == 3


def test_threads_ask_for_one_token() -> None:
    """
    Four uploads that begin together log in once, and again together.
    """
    guard = Guard()
    who = authority(guard, knows(Anonymous()))
    meeting = threading.Barrier(8)

    def together(request: Request) -> Response:
        response = guard(request)
        meeting.wait(30)
        return response

    sends = [who.sender(together, REPOSITORY, PULL) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert {r.status for r in pool.map(lambda send: send(READ), sends)} == {200}
    assert len(guard.asked) == 1


def test_basic_is_shown_when_it_was_asked_for() -> None:
    """
    No credentials go out unasked; once asked for they go along, so that no upload is
    sent in vain.
    """
    wire = script(answer(401, WWW_Authenticate='Basic realm="r"'), answer(200), answer(201))
    send = authority(wire, knows(Basic("me", "pw"))).sender(wire, REPOSITORY, PUSH)
    assert send(READ).status == 200
    assert send(Request(method="POST", url=f"{BASE}/v2/a/b/blobs/uploads/")).status == 201
    shown = [request.headers.get("Authorization") for request in wire.requests]
    assert shown == ["", "Basic bWU6cHc=", "Basic bWU6cHc="]


@pytest.mark.parametrize(
    "url", ["https://cdn.io/v2/", "http://r.io/v2/", "https://r.io:5000/v2/", "https://r.io.e/v2/"]
)
def test_another_origin_sees_nothing_and_is_not_met(url: str) -> None:
    """
    An upload's Location may be anywhere (CVE-2026-50151); nor may such a server send us
    to a token service.
    """
    wire = script(
        answer(401, WWW_Authenticate='Basic realm="r"'),
        answer(200),
        answer(401, WWW_Authenticate='Bearer realm="https://evil.io/token"'),
    )
    send = authority(wire, knows(Basic("me", "pw"))).sender(wire, REPOSITORY, PUSH)
    send(READ)
    upload = Request(method="PUT", url=url, body=body_of(b"x"))
    assert send(upload).status == 401
    assert wire.requests[-1] == upload


def test_credentials_do_not_go_to_a_strange_token_service() -> None:
    """
    A registry may name any realm; who sees credentials is not for it to say.
    """
    guard = Guard(realm="https://evil.io/token")
    send = authority(guard, knows(Basic("me", "pw"))).sender(guard, REPOSITORY, PULL)
    assert send(READ).status == 200
    assert guard.told == [""]


def test_it_is_told_why_credentials_did_not_help() -> None:
    """
    Without a hint nobody would find out that the realm is to be trusted by name.
    """
    guard = Guard(realm="https://evil.io/token")
    wire = Recorder(
        lambda r: answer(403) if r.headers.get("Authorization") in guard.good else guard(r)
    )
    send = authority(wire, knows(Basic("me", "pw"))).sender(wire, REPOSITORY, PULL)
    with pytest.raises(CredentialsWithheld, match=r"trust that host by name"):
        send(READ)


def test_a_trusted_token_service_sees_them() -> None:
    """
    Whoever runs a registry may have its tokens elsewhere.
    """
    guard = Guard(realm="https://auth.elsewhere.io/token")
    who = Authority(
        BASE, knows(Basic("me", "pw")), guard, VirtualTime().clock, ("auth.elsewhere.io",)
    )
    who.sender(guard, REPOSITORY, PULL)(READ)
    assert guard.told == ["Basic bWU6cHc="]


def test_a_realm_must_not_lower_the_guard() -> None:
    """
    A token service of a secure registry is secure.
    """
    guard = Guard(realm="http://r.io/token")
    with pytest.raises(RealmInvalid, match="plain HTTP"):
        authority(guard, knows(Anonymous())).sender(guard, REPOSITORY, PULL)(READ)


def test_a_registry_token_is_its_own() -> None:
    """
    `registrytoken` in a credentials file is shown as it is; no service is asked.
    """
    guard = Guard()
    guard.good.add("Bearer mine")
    send = authority(guard, knows(RegistryToken("mine"))).sender(guard, REPOSITORY, PULL)
    assert send(READ).status == 200
    assert guard.asked == []


def test_a_registry_that_says_nothing_is_asked_at_its_door() -> None:
    """
    Google's registries answer 401 without saying what they want, but for `/v2/`.
    """
    guard = Guard()

    def silent(request: Request) -> Response:
        response = guard(request)
        return answer(401) if response.status == 401 and request.url == READ.url else response

    wire = Recorder(silent)
    assert authority(wire, knows(Anonymous())).sender(wire, REPOSITORY, PULL)(READ).status == 200
    assert [line.split("?")[0] for line in wire.lines] == [
        "GET /v2/a/b/manifests/1 401",
        "GET /v2/ 401",
        "GET /token",
        "GET /v2/a/b/manifests/1 200",
    ]


@pytest.mark.parametrize("scheme", ["", "Negotiate", "Digest realm=x", "Bearer service=x"])
def test_what_cannot_be_met_is_handed_back(scheme: str) -> None:
    """
    A challenge of a kind that nobody here knows is the answer.
    """
    wire = script(*[answer(401, WWW_Authenticate=scheme)] * 2)
    send = authority(wire, knows(Basic("me", "pw"))).sender(wire, REPOSITORY, PULL)
    assert send(READ).status == 401


def test_anonymous_does_not_guess_a_password() -> None:
    """
    Nobody has a name to show to a registry that wants one.
    """
    wire = script(answer(401, WWW_Authenticate="Basic"))
    send = authority(wire, knows(Anonymous())).sender(wire, REPOSITORY, PULL)
    assert send(READ).status == 401


def test_a_token_service_that_refuses_is_heard() -> None:
    """
    Wrong passwords are found out by the token service, and it says so.
    """

    def wire(request: Request) -> Response:
        if "token" in request.url:
            return answer(401, b'{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}')
        return Guard()(request)

    with pytest.raises(Answered, match="UNAUTHORIZED"):
        authority(wire, knows(Basic("me", "pw"))).sender(wire, REPOSITORY, PULL)(READ)


def test_each_repository_has_its_own_credentials() -> None:
    """
    Two robots of one registry may each see their own repository only.
    """

    def keychain(resource: Resource) -> Credentials:
        return Basic(str(resource), "pw")

    guard = Guard()
    who = authority(guard, keychain)
    for name in ("r.io/a", "r.io/b"):
        repository = parse_repository(name)
        who.sender(guard, repository, (f"repository:{repository.path}:pull",))(READ)
    assert len(set(guard.told)) == 2
