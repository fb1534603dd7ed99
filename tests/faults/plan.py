"""
What goes wrong, as data: which requests are struck, in which way, and how often.
"""

from __future__ import annotations

import random
import threading
from typing import Protocol

import attrs

READS = ("GET blob", "GET manifest")
SENDS = ("PATCH upload", "PUT upload")
#: Every request that belongs to a transfer.
ALL = (*READS, *SENDS, "HEAD blob", "HEAD manifest", "POST upload", "PUT manifest")
PULLED = (*READS, "HEAD manifest")
PUSHED = (*SENDS, "HEAD blob", "HEAD manifest", "POST upload", "PUT manifest")


def kind_of(method: str, target: str) -> str:
    """
    Say what a request is, as "GET blob"; "other" when it moves nothing.
    """
    path = target.partition("?")[0]
    if "/blobs/uploads/" in path:
        return f"{method} upload"
    return next(
        (f"{method} {what}" for what in ("blob", "manifest") if f"/{what}s/" in path), "other"
    )


@attrs.frozen
class Fault:
    """
    One thing that goes wrong with one request.
    """

    name: str
    #: Where in a body it strikes, from 0 to 1.
    at: float = 0.5


class Schedule(Protocol):
    """
    Decides for each request what goes wrong with it.
    """

    struck: int

    def decide(self, method: str, target: str) -> Fault | None:
        """
        Give what goes wrong with this request, None for nothing.
        """
        ...


@attrs.frozen
class Scenario:
    """
    One kind of trouble.
    """

    name: str
    fault: str
    #: The requests that it may strike.
    kinds: tuple[str, ...]
    #: How often it strikes.
    times: int = 1
    #: Whether it strikes once and then again at once, or now and then.
    burst: bool = False
    #: Whether what was struck once is let through the next time.
    once_each: bool = False
    #: Whether whoever is patient enough gets through.
    recoverable: bool = True


@attrs.define
class Trouble:
    """
    A scenario that runs.
    """

    scenario: Scenario
    seed: int
    struck: int = 0
    _last: str = ""
    _random: random.Random = attrs.field(init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def __attrs_post_init__(self) -> None:
        self._random = random.Random(f"{self.scenario.name} {self.seed}")

    def decide(self, method: str, target: str) -> Fault | None:
        """
        Strike half of the requests that may be struck, or the first and those after it.
        """
        plan = self.scenario
        if kind_of(method, target) not in plan.kinds:
            return None
        with self._lock:
            under_way = plan.burst and self.struck > 0
            if self.struck >= plan.times or not (under_way or self._random.random() < 0.5):
                return None
            if plan.once_each and f"{method} {target}" == self._last:
                return None
            self.struck, self._last = self.struck + 1, f"{method} {target}"
            return Fault(plan.fault, self._random.random())


#: What chaos is made of: a fault, and the requests that it fits.
MIX = (
    *(("reset", ALL), ("lost", ALL), ("500", ALL), ("502", ALL), ("503", ALL), ("429", ALL)),
    *((fault, READS) for fault in ("reset body", "end body", "cut", "flip", "stray")),
    *(("reset upload", SENDS), ("flip upload", (*SENDS, "PUT manifest"))),
    *(("500 after", ALL), ("forgotten", SENDS)),
)


@attrs.define
class Chaos:
    """
    Any request may be struck, in any way that fits it.
    """

    rate: float
    seed: int
    struck: int = 0
    _random: random.Random = attrs.field(init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def __attrs_post_init__(self) -> None:
        self._random = random.Random(f"chaos {self.rate} {self.seed}")

    def decide(self, method: str, target: str) -> Fault | None:
        """
        Strike this share of all requests.
        """
        kind = kind_of(method, target)
        fitting = [fault for fault, kinds in MIX if kind in kinds]
        with self._lock:
            if not fitting or self._random.random() >= self.rate:
                return None
            self.struck += 1
            return Fault(self._random.choice(fitting), self._random.random())


@attrs.define
class Calm:
    """
    Nothing goes wrong.
    """

    struck: int = 0

    def decide(self, method: str, target: str) -> Fault | None:
        """
        Strike nothing.
        """
        return None


#: What befalls who reads.
READING = (
    Scenario("reset in a body, up to 3", "reset body", READS, times=3),
    Scenario("end in a body, up to 3", "end body", READS, times=3),
    Scenario("reset before the answer, up to 3", "reset", PULLED, times=3),
    Scenario("body cut, and announced so", "cut", READS),
    Scenario("body cut, no length announced", "cut, no length", READS),
    Scenario("100 bytes too many", "stray", READS),
    Scenario("a bit of a blob flipped", "flip", ("GET blob",)),
    Scenario("a bit of a manifest flipped", "flip", ("GET manifest",)),
    Scenario("503, three in a row", "503", PULLED, times=3, burst=True),
    Scenario("429 with Retry-After, three in a row", "429", PULLED, times=3, burst=True),
    Scenario("500", "500", PULLED),
    Scenario("silence before the answer, twice", "stall", PULLED, times=2),
    Scenario("silence in a body, twice", "stall body", READS, times=2),
    Scenario("a token past its time, twice", "token", PULLED, times=2, once_each=True),
    Scenario("a signed address past its time, up to 3", "expired", ("GET blob",), times=3),
    Scenario("signed addresses for one use, and resets", "moved", ("GET blob",), 8, burst=True),
    Scenario("no type, no digest, said", "bare", (*PULLED, "HEAD blob"), times=1000, burst=True),
)
#: What befalls who writes.
WRITING = (
    Scenario("reset in an upload, up to 3", "reset upload", SENDS, times=3),
    Scenario("reset before the answer, up to 3", "reset", PUSHED, times=3),
    Scenario("done, but the answer lost, up to 2", "lost", PUSHED, times=2),
    Scenario("done, but said to have failed", "500 after", PUSHED),
    Scenario("503, three in a row", "503", PUSHED, times=3, burst=True),
    Scenario("429 with Retry-After, three in a row", "429", PUSHED, times=3, burst=True),
    Scenario("500", "500", PUSHED),
    Scenario("silence, twice", "stall", PUSHED, times=2),
    Scenario("a bit of an upload flipped", "flip upload", SENDS),
    Scenario("a bit of a manifest flipped", "flip upload", ("PUT manifest",)),
    Scenario("the upload forgotten", "forgotten", SENDS),
    Scenario("416 to a part", "416", SENDS),
    Scenario("405 to every HEAD", "405", ("HEAD blob", "HEAD manifest"), times=1000, burst=True),
    Scenario("a token past its time, twice", "token", PUSHED, times=2, once_each=True),
)
#: What nobody can get through; it must not end well.
HOPELESS = (
    Scenario("every blob flipped", "flip", ("GET blob",), 1000, burst=True, recoverable=False),
    Scenario("every blob cut", "cut", ("GET blob",), 1000, burst=True, recoverable=False),
)
