"""
Faults as data: which requests something befalls, how often, and what.

    plan = (
        Fault(Status(status=503), method="GET", kind="blob", times=2),
        Fault(Drop(of="request", after=1000), method="PATCH", skip=1),
        Fault(Redirected(lifetime=0), kind="blob", every=3, times=None),
    )
    send = faulty(registry(), *plan)

A plan is a tuple of records: it prints, compares, pickles, and is written as JSON. Any
quirk may befall requests too, as `Fault(MountNever())`, but has no name in JSON. What is
made of a plan is a `Send`, for a client in this process or for `serve`.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable

import attrs

from ocikit._records import evolve, record
from ocikit.errors import Invalid
from ocikit.http.message import Middleware, Request, Response, Send
from ocikit.server.faults.mishaps import Latency, Redirected
from ocikit.server.quirks.answers import route_of
from ocikit.server.quirks.elsewhere import expired, is_signed

#: What a request is of that is to no part of a registry: for a token, mostly.
OTHER = "other"
KINDS = (
    *("base", "blob", "catalog", "manifest", "referrers", "tags", "upload", "uploads"),
    OTHER,
)


@attrs.frozen(kw_only=True)
class FaultInvalid(Invalid):
    """
    A fault cannot befall anything.
    """

    field: str
    reason: str

    def __str__(self) -> str:
        return f"fault: {self.field}: {self.reason}"


@record
class Fault:
    """
    Something that befalls some of the requests that fit.

    Raises:
        FaultInvalid: no request could fit, or a number makes no sense.
    """

    befalls: Middleware
    #: Empty for any.
    method: str = attrs.field(default="", kw_only=True)
    #: The part of the registry that is asked, one of `KINDS`; empty for any.
    kind: str = attrs.field(default="", kw_only=True)
    #: A regular expression for the whole name of a repository; empty for any.
    repository: str = attrs.field(default="", kw_only=True)
    #: How many that fit are let through first.
    skip: int = attrs.field(default=0, kw_only=True)
    #: Of those after, each so many-th is befallen, the first included.
    every: int = attrs.field(default=1, kw_only=True)
    #: How often at most; None for ever.
    times: int | None = attrs.field(default=1, kw_only=True)
    #: How likely each time, from 0 to 1.
    chance: float = attrs.field(default=1.0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.kind not in ("", *KINDS):
            raise FaultInvalid(field="kind", reason=f"{self.kind!r} is none of {', '.join(KINDS)}")
        times = 0 if self.times is None else self.times
        for name, value, least in (("skip", self.skip, 0), ("every", self.every, 1)):
            if value < least:
                raise FaultInvalid(field=name, reason=f"expected {least} or more")
        if times < 0 or not 0 <= self.chance <= 1:
            field, reason = ("times", "0 or more") if times < 0 else ("chance", "0 to 1")
            raise FaultInvalid(field=field, reason=f"expected {reason}")
        try:
            re.compile(self.repository)
        except re.error as error:
            raise FaultInvalid(field="repository", reason=f"no expression: {error}") from None

    def fits(self, request: Request) -> bool:
        """
        Tell whether it may befall a request.

        >>> from ocikit.server.faults.mishaps import AnswerLost
        >>> fault = Fault(AnswerLost(), kind="tags", repository="team/.*")
        >>> fault.fits(Request(method="GET", url="http://localhost/v2/team/a/tags/list"))
        True
        """
        route = route_of(request)
        return (
            self.method in ("", request.method)
            and self.kind in ("", route.kind or OTHER)
            and (not self.repository or bool(re.fullmatch(self.repository, route.repository)))
        )


@record
class Strike:
    """
    A request, as "GET" of its path, that a fault befell; `fault` is its place in the plan.
    """

    method: str
    path: str
    fault: int


@attrs.define
class _Count:
    random: random.Random
    fitting: int = 0
    struck: int = 0

    def strikes(self, fault: Fault) -> bool:
        place = self.fitting - fault.skip
        self.fitting += 1
        if place < 0 or place % fault.every or self.random.random() >= fault.chance:
            return False
        if fault.times is not None and self.struck >= fault.times:
            return False
        self.struck += 1
        return True


class Faulty:
    """
    A handler to whose requests faults befall; call it with a request.

    Threads may share it. When several befall a request, the first is met first.
    """

    def __init__(
        self, send: Send, faults: tuple[Fault, ...], seed: int, sleep: Callable[[float], None]
    ) -> None:
        self._send = send
        self._faults = faults
        self._made = tuple(_waiting(fault.befalls, sleep) for fault in faults)
        seeds = [f"{seed} {at}" for at in range(len(faults))]
        self._counts = [_Count(random.Random(each)) for each in seeds]  # noqa: S311 - of tests
        self._lock = threading.Lock()
        self._strikes: list[Strike] = []

    @property
    def strikes(self) -> tuple[Strike, ...]:
        """
        What befell requests so far.
        """
        with self._lock:
            return tuple(self._strikes)

    def __call__(self, request: Request) -> Response:
        """
        Answer a request, or let something befall it.

        Raises:
            LineBroken: the line broke.
        """
        if is_signed(request) and (found := self._redeemed(request)) is not None:
            return expired() if found is request else self._send(found)
        made = self._send
        for at in reversed(self._struck(request)):
            made = self._made[at](made)
        return made(request)

    def _redeemed(self, request: Request) -> Request | None:
        """
        Give what a signed address stands for; itself when it is past its time, and None
        when nothing here signs.
        """
        signers = [f.befalls.signer for f in self._faults if isinstance(f.befalls, Redirected)]
        found = (signer.redeem(request) for signer in signers)
        return next((each for each in found if each is not None), request) if signers else None

    def _struck(self, request: Request) -> list[int]:
        fitting = [at for at, fault in enumerate(self._faults) if fault.fits(request)]
        with self._lock:
            struck = [at for at in fitting if self._counts[at].strikes(self._faults[at])]
            path = request.url.partition("?")[0].partition("://")[2].partition("/")[2]
            self._strikes += (Strike(request.method, f"/{path}", at) for at in struck)
        return struck


def faulty(
    send: Send, *faults: Fault, seed: int = 0, sleep: Callable[[float], None] = time.sleep
) -> Faulty:
    """
    Let faults befall the requests to a handler.

    Args:
        send: a registry, or whatever answers requests.
        faults: what befalls which; counted each for itself.
        seed: of chance, where a fault has one.
        sleep: waits, in seconds; a test may count instead.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.registry import Client, flush, load
    >>> from ocikit.server.handler import registry
    >>> from ocikit.server.faults.mishaps import AnswerLost
    >>> send = faulty(registry(), Fault(AnswerLost(), method="PUT", kind="manifest"))
    >>> client = Client(send=send)
    >>> load(flush("r.io/app:1", IMAGE, client=client), client=client) == IMAGE
    True
    >>> [(strike.method, strike.path) for strike in send.strikes]
    [('PUT', '/v2/app/manifests/1')]
    """
    return Faulty(send, faults, seed, sleep)


def _waiting(befalls: Middleware, sleep: Callable[[float], None]) -> Middleware:
    return evolve(befalls, sleep=sleep) if isinstance(befalls, Latency) else befalls
