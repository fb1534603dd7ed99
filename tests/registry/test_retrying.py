"""
Asking again.
"""

from __future__ import annotations

import pytest

from ocikit.errors import OciError, Unreachable
from ocikit.http.faults import ServerFailed, TooManyRequests
from ocikit.http.message import Request, body_of
from ocikit.http.retry import Policy
from ocikit.registry.faults import CertificateUntrusted, ConnectionBroken, ConnectionFailed
from ocikit.registry.retrying import Patience, retried
from ocikit.testing.time import VirtualTime
from ocikit.testing.wires import answer, script

READ = Request(method="GET", url="https://r.io/v2/")
BROKEN = ConnectionBroken(url="https://r.io/", reason="reset")


@pytest.mark.parametrize("failure", [BROKEN, answer(503), answer(429), answer(500)])
def test_asks_again_after_what_may_pass(failure: Exception) -> None:
    """
    One bad moment of a network or registry is nobody's business.
    """
    time = VirtualTime()
    send = retried(script(failure, answer(200)), Policy(), time.clock)
    assert send(READ).status == 200
    assert len(time.slept) == 1


def test_waits_as_long_as_it_is_asked_to() -> None:
    """
    Retry-After goes before the policy's own delay, where it is the longer one.
    """
    time = VirtualTime()
    busy = answer(429, Retry_After="17")
    retried(script(busy, answer(200)), Policy(jitter=0), time.clock)(READ)
    assert time.slept == [17]
    assert busy.body.closed  # type: ignore[attr-defined]


def test_gives_what_it_last_got_when_it_gives_up() -> None:
    """
    The last response is the answer, for others to make an error of.
    """
    send = script(*[answer(503)] * 5)
    assert retried(send, Policy(attempts=5), VirtualTime().clock)(READ).status == 503
    with pytest.raises(ConnectionBroken):
        retried(script(BROKEN, BROKEN), Policy(attempts=2), VirtualTime().clock)(READ)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionFailed(url="https://r.io/", reason="refused"),
        CertificateUntrusted(url="https://r.io/", reason="expired"),
    ],
)
def test_does_not_wait_for_what_will_not_change(error: Unreachable) -> None:
    """
    A wrong port is told at once.
    """
    with pytest.raises(type(error)):
        retried(script(error), Policy(), VirtualTime().clock)(READ)


def test_does_not_repeat_what_may_have_been_done() -> None:
    """
    A POST whose answer was lost may have done its work.
    """
    post = Request(method="POST", url="https://r.io/", body=body_of(b"x"))
    with pytest.raises(ConnectionBroken):
        retried(script(BROKEN), Policy(), VirtualTime().clock)(post)


def test_patience_ends() -> None:
    """
    The error that is raised in the end is the last one.
    """
    time = VirtualTime()
    patience = Patience(Policy(attempts=3, jitter=0), time.clock)
    patience.after(BROKEN)
    patience.after(BROKEN)
    with pytest.raises(ConnectionBroken):
        patience.after(BROKEN)
    assert time.slept == [0.5, 1.0]


@pytest.mark.parametrize(("asked", "slept"), [(9.0, [9.0]), (None, [0.5]), (1e6, None)])
def test_patience_heeds_the_other_side(asked: float | None, slept: list[float] | None) -> None:
    """
    It waits for what a server asks for, but not for ever.
    """
    time = VirtualTime()
    error: OciError = TooManyRequests(method="GET", url="/", status=429, retry_after=asked)
    patience = Patience(Policy(jitter=0), time.clock)
    if slept is None:
        with pytest.raises(TooManyRequests):
            patience.after(error)
    else:
        patience.after(error)
        assert time.slept == slept


def test_what_was_tried_often_enough_elsewhere_is_not_multiplied() -> None:
    """
    A token service that fails has been retried where it was asked.
    """
    failed = ServerFailed(method="GET", url="https://r.io/token", status=503)
    with pytest.raises(ServerFailed):
        retried(script(failed), Policy(), VirtualTime().clock)(READ)
