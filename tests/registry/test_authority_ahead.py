"""
Who we are, settled before anything is sent.
"""

from __future__ import annotations

import json

import pytest

from ocikit.content.streams import BytesOpener
from ocikit.http.credentials import Anonymous, Basic, Credentials, Resource, authorization
from ocikit.http.faults import Unauthorized
from ocikit.http.message import Body, Request, Response
from ocikit.registry.authority import NotBearer
from ocikit.testing.time import VirtualTime
from ocikit.testing.wires import Recorder, answer, script
from tests.registry.test_authority import (
    BASE,
    PULL,
    PUSH,
    READ,
    REPOSITORY,
    Guard,
    authority,
    knows,
)


def stream() -> Request:
    """
    An upload that can be sent once.
    """
    body = Body(opener=BytesOpener(b"once"), length=None)
    return Request(method="PATCH", url=f"{BASE}/v2/a/b/blobs/uploads/1", body=body)


def test_a_registry_is_asked_before_it_is_sent_a_body() -> None:
    """
    A stream that met a 401 would be lost: who we are is settled before it leaves.
    """
    guard = Guard()
    wire = Recorder(guard)
    send = authority(wire, knows(Basic("me", "pw"))).sender(wire, REPOSITORY, PUSH)
    for _ in range(2):
        assert send(stream()).status == 200
    assert [line.split("?")[0] for line in wire.lines] == [
        "GET /v2/ 401",
        "GET /token",
        *["PATCH /v2/a/b/blobs/uploads/1 200"] * 2,
    ]


def test_an_open_registry_is_asked_once() -> None:
    """
    One that wants nothing is not asked before each body, nor at all when it has answered.
    """
    wire = Recorder(lambda request: answer(200))
    send = authority(wire, knows(Anonymous())).sender(wire, REPOSITORY, PUSH)
    for _ in range(2):
        assert send(stream()).status == 200
    assert [request.method for request in wire.requests] == ["GET", "PATCH", "PATCH"]
    wire.clear()
    send = authority(wire, knows(Anonymous())).sender(wire, REPOSITORY, PUSH)
    send(READ)
    send(stream())
    assert [request.method for request in wire.requests] == ["GET", "PATCH"]


def test_a_stream_is_not_sent_twice() -> None:
    """
    After a 401 in the middle of it nothing is left to be sent, and that is said.
    """
    refusal = answer(401, WWW_Authenticate='Bearer realm="https://r.io/token"')
    wire = script(answer(200), refusal)
    send = authority(wire, knows(Anonymous())).sender(wire, REPOSITORY, PUSH)
    assert send(stream()).status == 401
    assert len(wire.requests) == 2


def test_a_token_is_granted_to_who_asks_for_one() -> None:
    """
    And kept, as if a request had wanted it.
    """
    guard = Guard()
    wire = Recorder(guard)
    who = authority(wire, knows(Basic("me", "pw")))
    assert who.grant(REPOSITORY, PUSH).text == "token-1"
    assert who.grant(REPOSITORY, PULL).text == "token-1"
    assert who.sender(wire, REPOSITORY, PULL)(READ).status == 200


@pytest.mark.parametrize(("header", "scheme"), [("Basic realm=x", "basic"), ("", "nothing")])
def test_no_token_is_granted_where_none_is_asked_for(header: str, scheme: str) -> None:
    """
    A password, or nothing at all, is another matter.
    """
    wire = script(answer(401, WWW_Authenticate=header))
    with pytest.raises(NotBearer, match=f"asks for {scheme}"):
        authority(wire, knows(Basic("me", "pw"))).grant(REPOSITORY, PULL)


def test_a_password_that_has_had_its_time_is_looked_up_again() -> None:
    """
    Helpers of clouds give passwords for some hours: a process that lives longer asks anew,
    and one whose password is simply wrong gives up.
    """
    passwords = iter(["old", "new", "new"])
    good = Basic("me", "new")

    def keychain(resource: Resource) -> Credentials:
        return Basic("me", next(passwords))

    def wire(request: Request) -> Response:
        right = request.headers.get("Authorization") == authorization(good)
        return answer(200) if right else answer(401, WWW_Authenticate="Basic realm=x")

    recorder = Recorder(wire)
    send = authority(recorder, keychain).sender(recorder, REPOSITORY, PULL)
    assert send(READ).status == 401
    assert send(READ).status == 200
    good = Basic("me", "other")
    assert send(READ).status == 401


def test_an_identity_that_has_had_its_time_is_given_up() -> None:
    """
    What a token service gave to be asked with next time is good until it says otherwise;
    then it is asked as it was at first.
    """
    guard, forms = Guard(lifetime=60), []

    def wire(request: Request) -> Response:
        if request.method == "POST":
            forms.append(request)
            return answer(400, b'{"error": "invalid_grant"}')
        response = guard(request)
        if request.url.startswith(guard.realm):
            granted = {**json.loads(response.body.read()), "refresh_token": "next"}
            return answer(200, json.dumps(granted).encode())
        return response

    time = VirtualTime()
    send = authority(wire, knows(Basic("me", "pw")), time).sender(wire, REPOSITORY, PULL)
    assert send(READ).status == 200
    time.now += 1000
    assert send(READ).status == 200
    assert len(forms) == 1
    assert guard.told == ["Basic bWU6cHc=", "Basic bWU6cHc="]


def test_a_wrong_password_is_told_once() -> None:
    """
    When nothing else is known, a token service is not asked again.
    """
    guard = Guard()

    def wire(request: Request) -> Response:
        return answer(401) if request.url.startswith(guard.realm) else guard(request)

    recorder = Recorder(wire)
    with pytest.raises(Unauthorized):
        authority(recorder, knows(Basic("me", "pw"))).sender(recorder, REPOSITORY, PULL)(READ)
    assert [line.split("?")[0] for line in recorder.lines][1:] == ["GET /token"]
