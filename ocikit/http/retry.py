"""
Retry as a value: whether to ask again, and after how long.

The decision is pure: chance and time are handed in, and sleeping is for others.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import attrs

from ocikit._records import record
from ocikit.errors import Invalid
from ocikit.http.message import Request, Response
from ocikit.http.retryafter import retry_after

#: Statuses after which another time may go better.
STATUSES: Final = frozenset({408, 429, 499, 500, 502, 503, 504, 522})
#: Of these, the ones that say that nothing was done.
_UNDONE: Final = frozenset({429, 503})
#: Methods that may be repeated without harm (RFC 9110, 9.2.2).
_IDEMPOTENT: Final = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"})


@attrs.frozen(kw_only=True)
class PolicyInvalid(Invalid):
    """
    A retry policy cannot be followed.
    """

    field: str
    value: float
    reason: str

    def __str__(self) -> str:
        return f"retry policy: {self.field} is {self.value}, {self.reason}"


@record(kw_only=True)
class Policy:
    """
    How often, and how patiently.

    Raises:
        PolicyInvalid: it would not stop, or wait for less than no time.
    """

    #: How often something is tried in all; 1 is never again.
    attempts: int = 5
    #: Seconds before the second attempt, and by what they grow each time, up to `cap`.
    base: float = 0.5
    factor: float = 2.0
    cap: float = 30.0
    #: Which share of a delay chance may add to it.
    jitter: float = 0.25
    #: The longest wait that a server may ask for, in seconds; told more, we give up.
    patience: float = 120.0
    statuses: frozenset[int] = STATUSES

    def __attrs_post_init__(self) -> None:
        least = {"attempts": 1, "base": 0, "factor": 1, "cap": 0, "jitter": 0, "patience": 0}
        for name, bound in least.items():
            value = getattr(self, name)
            if not bound <= value < float("inf"):
                reason = f"expected {bound} or more, and not without end"
                raise PolicyInvalid(field=name, value=value, reason=reason)


#: Try once.
NEVER: Final = Policy(attempts=1)


@record
class Failure:
    """
    No response came.
    """

    #: Whether the request, or a part of it, may have reached the other side.
    sent: bool
    #: Whether another time may go better: not so for a certificate that is not trusted.
    transient: bool = True


@record
class Retry:
    """
    Ask again after that many seconds.
    """

    delay: float


@record
class Stop:
    """
    What came is the answer; `reason` says why, for logs.
    """

    reason: str


Outcome: TypeAlias = Response | Failure
Decision: TypeAlias = Retry | Stop


def decide(
    policy: Policy,
    attempt: int,
    request: Request,
    outcome: Outcome,
    random: float = 0.0,
    now: float | None = None,
) -> Decision:
    """
    Decide after an attempt, counted from 1, whether there is to be another.

    POST and PATCH may have done something even when no response came: they are repeated
    only if they never left, or the other side says that it did nothing (429, 503).

    Args:
        random: chance, from 0 to 1.
        now: seconds since 1970, for a Retry-After that is a date.

    >>> decide(Policy(), 1, Request(method="GET", url="https://r.io"), Response(status=503))
    Retry(delay=0.5)
    """
    reason = _reason_to_stop(policy, attempt, request, outcome)
    if reason:
        return Stop(reason)
    asked = retry_after(outcome.headers, now) if isinstance(outcome, Response) else None
    if asked is not None and asked > policy.patience:
        return Stop(f"the other side asks to wait {asked:.0f} s")
    return Retry(max(backoff(policy, attempt), asked or 0.0) * (1 + policy.jitter * random))


def backoff(policy: Policy, attempt: int) -> float:
    """
    Give the seconds to wait after an attempt, counted from 1, without chance.

    >>> [backoff(Policy(), attempt) for attempt in (1, 2, 3, 99)]
    [0.5, 1.0, 2.0, 30.0]
    """
    try:
        return min(policy.cap, policy.base * float(policy.factor) ** (attempt - 1))
    except OverflowError:
        return policy.cap


def _reason_to_stop(policy: Policy, attempt: int, request: Request, outcome: Outcome) -> str:
    if isinstance(outcome, Response) and outcome.status not in policy.statuses:
        return f"{outcome.status} is final"
    if isinstance(outcome, Failure) and not outcome.transient:
        return "it would fail again"
    if attempt >= policy.attempts:
        return f"that was attempt {attempt} of {policy.attempts}"
    if request.body.length is None:
        return "the body cannot be sent again"
    if request.method not in _IDEMPOTENT and not _is_undone(outcome):
        return f"{request.method} may have been done"
    return ""


def _is_undone(outcome: Outcome) -> bool:
    if isinstance(outcome, Failure):
        return not outcome.sent
    return outcome.status in _UNDONE
