"""
Whether to ask again.
"""

from __future__ import annotations

import pytest

from ocikit.content.streams import BytesOpener
from ocikit.http.message import Body, Headers, Request, Response
from ocikit.http.retry import (
    NEVER,
    STATUSES,
    Failure,
    Outcome,
    Policy,
    PolicyInvalid,
    Retry,
    Stop,
    backoff,
    decide,
)

GET = Request(method="GET", url="https://r.io/v2/")
POLICY = Policy()


def _answer(status: int, retry_after: str = "") -> Response:
    headers = {"Retry-After": retry_after} if retry_after else {}
    return Response(status=status, headers=Headers(headers))


REFUSED, BROKEN = Failure(sent=False), Failure(sent=True)

TABLE: list[tuple[str, Outcome, bool]] = [
    *[("GET", _answer(status), True) for status in sorted(STATUSES)],
    *[("GET", _answer(status), False) for status in (200, 301, 400, 401, 403, 404, 416, 501)],
    *[(method, _answer(503), True) for method in ("HEAD", "PUT", "DELETE", "POST", "PATCH")],
    *[(method, _answer(429), True) for method in ("HEAD", "PUT", "DELETE", "POST", "PATCH")],
    *[(method, _answer(500), True) for method in ("HEAD", "PUT", "DELETE")],
    *[(method, _answer(500), False) for method in ("POST", "PATCH")],
    *[(method, _answer(502), False) for method in ("POST", "PATCH")],
    *[(method, BROKEN, True) for method in ("GET", "HEAD", "PUT", "DELETE")],
    *[(method, BROKEN, False) for method in ("POST", "PATCH")],
    *[(method, REFUSED, True) for method in ("GET", "PUT", "POST", "PATCH")],
    ("GET", Failure(sent=False, transient=False), False),
]


@pytest.mark.parametrize(("method", "outcome", "again"), TABLE)
def test_what_is_repeated(method: str, outcome: Outcome, again: bool) -> None:
    """
    RFC 9110, 9.2.2: what may have been done and cannot be done twice is left alone.
    """
    decision = decide(POLICY, 1, Request(method=method, url=GET.url), outcome)
    assert isinstance(decision, Retry) is again


def test_a_body_that_flows_once_is_not_sent_twice() -> None:
    """
    It is spent: what would be sent is empty, and might be taken for all there is.
    """
    once = Body(opener=BytesOpener(b"x"), length=None)
    request = Request(method="PUT", url=GET.url, body=once)
    assert decide(POLICY, 1, request, _answer(503)) == Stop("the body cannot be sent again")


@pytest.mark.parametrize(
    ("retry_after", "delay"), [("", 0.5), ("0", 0.5), ("0.1", 0.5), ("7", 7.0), ("120", 120.0)]
)
def test_a_server_may_ask_for_more_time_but_not_for_less(retry_after: str, delay: float) -> None:
    """
    Retry-After is honoured; never to hammer on.
    """
    assert decide(POLICY, 1, GET, _answer(429, retry_after)) == Retry(delay)


def test_a_server_that_asks_for_too_much_is_not_waited_for() -> None:
    """
    Docker Hub may ask for hours: better to fail and say so.
    """
    assert decide(POLICY, 1, GET, _answer(429, "121")) == Stop("the other side asks to wait 121 s")


def test_a_date_is_waited_for() -> None:
    """
    Against the time that is handed in.
    """
    answer = _answer(503, "Wed, 21 Oct 2015 12:01:00 GMT")
    assert decide(POLICY, 1, GET, answer, now=1445428850.0) == Retry(10.0)


def test_delays_grow_to_a_cap() -> None:
    """
    Exponentially, and without overflow.
    """
    policy = Policy(base=1, factor=3, cap=10)
    assert [backoff(policy, n) for n in (1, 2, 3, 4, 10**9)] == [1, 3, 9, 10, 10]


def test_chance_adds_its_share() -> None:
    """
    Many clients that failed together do not come back together.
    """
    policy = Policy(base=1, jitter=0.5)
    assert decide(policy, 1, GET, _answer(503), random=1.0) == Retry(1.5)
    assert decide(policy, 1, GET, _answer(503), random=0.0) == Retry(1.0)


def test_attempts_end() -> None:
    """
    The last attempt's outcome is the answer.
    """
    assert isinstance(decide(POLICY, 4, GET, BROKEN), Retry)
    assert decide(POLICY, 5, GET, BROKEN) == Stop("that was attempt 5 of 5")
    assert isinstance(decide(NEVER, 1, GET, BROKEN), Stop)


@pytest.mark.parametrize(
    "fields",
    [
        {"attempts": 0},
        {"attempts": float("inf")},
        {"base": -1},
        {"factor": 0.5},
        {"cap": float("nan")},
        {"jitter": -0.1},
        {"patience": float("inf")},
    ],
)
def test_policies_that_would_not_stop_cannot_be_made(fields: dict[str, float]) -> None:
    """
    Nor those that would wait for less than no time.
    """
    (name,) = fields
    with pytest.raises(PolicyInvalid, match=name):
        Policy(**fields)  # type: ignore[arg-type]
