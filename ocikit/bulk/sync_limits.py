"""
How often a registry may be asked, and a `Send` that waits until it may be asked again.

Docker Hub counts what it calls pulls, which are GETs of manifests: not HEADs, not blobs, not
lists. Others count every request.
"""

from __future__ import annotations

import functools
import re
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

import attrs

from ocikit._records import FrozenMap, evolve, record
from ocikit._regex import regex
from ocikit.errors import Invalid
from ocikit.http.message import Request, Response
from ocikit.name.records import Registry
from ocikit.registry.client import Client
from ocikit.registry.process import getpid
from ocikit.registry.session import clock_of, network_of

_RATE: Final = regex(r"([1-9][0-9]{0,8})\s*/\s*([1-9][0-9]{0,5})?\s*(s|m|h|d)", re.ASCII)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
#: Waits that are longer are told, in seconds.
_LONG: Final = 5.0


@attrs.frozen(kw_only=True)
class RateInvalid(Invalid):
    """
    A text is no rate.
    """

    text: str

    def __str__(self) -> str:
        return f"{self.text!r} is no rate; write 600/m, or 100/6h (s, m, h, d)"


@record
class Rate:
    """
    So many in any period of so many seconds.

    >>> Rate.parse("100/6h")
    Rate(count=100, seconds=21600)
    """

    count: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Rate:
        """
        Read `COUNT/PERIOD`.

        Raises:
            RateInvalid: it is none.
        """
        found = _RATE.fullmatch(text.strip())
        if found is None:
            raise RateInvalid(text=text)
        return cls(int(found[1]), int(found[2] or 1) * _SECONDS[found[3]])


@record(kw_only=True)
class Limits:
    """
    How often one registry may be asked; None for as often as one likes.
    """

    #: Requests of any kind.
    requests: Rate | None = None
    #: GETs of manifests, which is what Docker Hub counts.
    pulls: Rate | None = None


def is_pull(request: Request) -> bool:
    """
    Tell whether a registry that counts pulls counts this request.
    """
    return request.method == "GET" and "/manifests/" in request.url


class Turns:
    """
    Whose turn it is: never more than the rate in any period, however long it goes on.
    """

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        #: When the last were let through, or will be.
        self._times: deque[float] = deque(maxlen=rate.count)
        self._lock = threading.Lock()

    def take(self, now: float) -> float:
        """
        Take the next turn; give how many seconds it is away.
        """
        with self._lock:
            full = len(self._times) == self._rate.count
            due = max(now, self._times[0] + self._rate.seconds) if full else now
            self._times.append(due)
            return due - now


@record
class Paced:
    """
    A `Send` that keeps to limits. It is a recipe, and pickles as its client does; turns are
    counted beside it, in each process for itself.
    """

    #: How requests are carried, and by which clock.
    client: Client
    #: By the hosts of registries.
    limits: FrozenMap[str, Limits]
    #: Told of long waits.
    notice: Callable[[str], None] = attrs.field(eq=False, repr=False)

    def __call__(self, request: Request) -> Response:
        """
        Send a request when it may be sent.
        """
        with _MAKING:
            pacing = _pacing(self, getpid())
        return pacing.send(request)


class _Pacing:
    def __init__(self, paced: Paced) -> None:
        self._send = paced.client.send or network_of(paced.client)
        self._clock = clock_of(paced.client)
        self._notice = paced.notice
        self._turns: dict[str, list[tuple[bool, Turns]]] = {}
        for host, limit in paced.limits.items():
            rates = ((False, limit.requests), (True, limit.pulls))
            self._turns[Registry(host).api_host] = [
                (pulls, Turns(rate)) for pulls, rate in rates if rate is not None
            ]

    def send(self, request: Request) -> Response:
        host = request.url.partition("://")[2].partition("/")[0]
        for pulls, turns in self._turns.get(host, ()):
            if not pulls or is_pull(request):
                self._wait(host, turns.take(self._clock.now()))
        return self._send(request)

    def _wait(self, host: str, seconds: float) -> None:
        if seconds > _LONG:
            self._notice(f"{host}: its rate limit is used up; waiting {seconds:.0f} s")
        if seconds > 0:
            self._clock.sleep(seconds)


_MAKING: Final = threading.Lock()


@functools.lru_cache(maxsize=8)
def _pacing(paced: Paced, process: int) -> _Pacing:
    return _Pacing(paced)


def paced(client: Client, limits: FrozenMap[str, Limits], notice: Callable[[str], None]) -> Client:
    """
    Give a client that keeps to limits; the same one when there are none.
    """
    return evolve(client, send=Paced(client, limits, notice)) if limits else client
