"""
Redirects: who is told what, on the way to elsewhere.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.http.answers import LocationInvalid
from ocikit.http.message import Headers, Request, Response
from ocikit.http.origin import origin_of
from ocikit.registry.redirect import MAX_HOPS, RedirectedTooOften, redirected
from ocikit.testing.wires import answer, script

SECRETS = Headers(
    {
        "Authorization": "Bearer secret",
        "Cookie": "secret",
        "Proxy-Authorization": "secret",
        "X-Custom": "secret",
        "Accept": "*/*",
        "Range": "bytes=5-",
    }
)
READ = Request(method="GET", url="https://r.io/v2/a/blobs/x", headers=SECRETS)


def moved(to: str, status: int = 307) -> Response:
    """
    A redirect.
    """
    return answer(status, Location=to)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_stays_with_its_credentials_at_the_same_origin(status: int) -> None:
    """
    A registry that moves a blob within itself is still the registry.
    """
    inside = script(moved("/elsewhere?x=%2F", status), answer(200, b"here"))
    with redirected(inside, script())(READ) as response:
        assert response.body.read() == b"here"
    assert inside.requests[1].url == "https://r.io/elsewhere?x=%2F"
    assert inside.requests[1].headers == SECRETS


@pytest.mark.parametrize(
    "place", ["https://cdn.io/b?sig=1", "https://r.io:8443/b", "https://r.io.evil.io/b"]
)
def test_leaves_credentials_and_custom_headers_behind(place: str) -> None:
    """
    Another origin, be it another port, sees neither credentials nor what a user added
    (CVE-2018-18074, CVE-2025-50181).
    """
    outside = script(answer(200))
    redirected(script(moved(place)), outside)(READ)
    assert outside.requests[0].headers.pairs == (("Accept", "*/*"), ("Range", "bytes=5-"))


def test_never_gives_back_what_it_took() -> None:
    """
    A way over a stranger back to the registry is the stranger's: it goes without
    credentials (CVE-2024-45336).
    """
    inside = script(moved("https://cdn.io/b"))
    outside = script(moved("https://r.io/v2/private/blobs/x"), answer(200))
    redirected(inside, outside)(READ)
    assert "Authorization" not in outside.requests[1].headers


@pytest.mark.parametrize("place", ["http://r.io/b", "http://cdn.io/b", "file:///etc/passwd", ""])
def test_does_not_leave_https(place: str) -> None:
    """
    What was asked for under TLS is not fetched without, nor from a file.
    """
    with pytest.raises(LocationInvalid):
        redirected(script(moved(place)), script())(READ)


def test_ends_a_circle() -> None:
    """
    After a number of hops that no honest way has.
    """
    circle = script(*[moved("/v2/a/blobs/x")] * (MAX_HOPS + 1))
    with pytest.raises(RedirectedTooOften) as caught:
        redirected(circle, script())(READ)
    assert caught.value == RedirectedTooOften(url=READ.url, limit=MAX_HOPS)
    assert len(circle.requests) == MAX_HOPS + 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_does_not_send_writes_on(method: str) -> None:
    """
    Only the registry that was named is written to.
    """
    request = Request(method=method, url="https://r.io/v2/a/blobs/uploads/")
    assert redirected(script(moved("https://cdn.io/")), script())(request).status == 307


def test_closes_what_it_does_not_hand_out() -> None:
    """
    Connections of redirects are given back.
    """
    first = moved("/2")
    redirected(script(first, answer(200)), script())(READ)
    assert first.body.closed  # type: ignore[attr-defined]


HOSTS = st.sampled_from(["https://r.io", "https://cdn.io", "https://r.io:444", "https://x.r.io"])


@given(st.lists(HOSTS, max_size=8))
def test_credentials_reach_one_origin_only(way: list[str]) -> None:
    """
    Along any way: once it has left the registry, no secret travels, even back there.
    """
    seen: list[Request] = []
    places = iter([*(moved(f"{host}/{n}") for n, host in enumerate(way)), answer(200)])

    def send(request: Request) -> Any:
        seen.append(request)
        return next(places)

    redirected(send, send)(READ)
    left = False
    for request in seen:
        left = left or origin_of(request.url) != origin_of(READ.url)
        assert ("Authorization" in request.headers) is not left
