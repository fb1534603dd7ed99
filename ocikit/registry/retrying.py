"""
Ask again, as a retry policy decides.
"""

from __future__ import annotations

from ocikit.errors import OciError, Unreachable
from ocikit.http.faults import Answered
from ocikit.http.message import Request, Response, Send
from ocikit.http.retry import Failure, Outcome, Policy, Stop, backoff, decide
from ocikit.registry.clock import Clock
from ocikit.registry.faults import CertificateUntrusted, ConnectionFailed, TLSFailed
from ocikit.registry.redirect import RedirectedTooOften


def retried(send: Send, policy: Policy, clock: Clock) -> Send:
    """
    Send a request until the policy takes what comes for the answer.
    """

    def persistent(request: Request) -> Response:
        attempt = 1
        while True:
            outcome: Outcome
            error: OciError | None = None
            try:
                outcome = send(request)
            except Unreachable as caught:
                error, outcome = caught, _failure(caught)
            chance, now = clock.random.random(), clock.now()
            decision = decide(policy, attempt, request, outcome, chance, now)
            if isinstance(decision, Stop):
                if error is not None:
                    raise error
                assert isinstance(outcome, Response)
                return outcome
            if isinstance(outcome, Response):
                outcome.body.close()
            clock.sleep(decision.delay)
            attempt += 1

    return persistent


def _failure(error: Unreachable) -> Failure:
    # The last two were tried again already where they happened.
    lasts = is_unsent(error) or isinstance(error, RedirectedTooOften | Answered)
    return Failure(sent=not is_unsent(error), transient=not lasts)


def is_unsent(error: Unreachable) -> bool:
    """
    Tell whether a request failed before it left, which would only happen again.
    """
    return isinstance(error, CertificateUntrusted | ConnectionFailed | TLSFailed)


class Patience:
    """
    Waits between attempts at something that takes more than one request.
    """

    def __init__(self, policy: Policy, clock: Clock) -> None:
        self._policy = policy
        self._clock = clock
        self._attempt = 0

    def after(self, error: OciError) -> None:
        """
        Wait before the next attempt, for as long as the other side asked, or longer.

        Raises:
            OciError: the error that was given, when there were attempts enough.
        """
        self._attempt += 1
        asked = error.retry_after if isinstance(error, Answered) else None
        if self._attempt >= self._policy.attempts or (asked or 0) > self._policy.patience:
            raise error
        delay = max(backoff(self._policy, self._attempt), asked or 0)
        self._clock.sleep(delay * (1 + self._policy.jitter * self._clock.random.random()))
