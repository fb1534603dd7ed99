"""
One pull, push or copy over a network that fails, and what became of it.
"""

from __future__ import annotations

import itertools
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import attrs

from ocikit.content import synthetic
from ocikit.content.blob import Blob
from ocikit.content.image import Content, Image
from ocikit.crane.archives import pull
from ocikit.crane.copying import copy
from ocikit.crane.options import Options
from ocikit.crane.places import load
from ocikit.crane.write import push
from ocikit.errors import Missing, OciError
from ocikit.http.credentials import Keychain, anonymous
from ocikit.http.message import Send
from ocikit.mutate.layers import append
from ocikit.query.walk import walk
from ocikit.registry.client import Client
from ocikit.registry.clock import Clock
from ocikit.registry.settings import Settings
from ocikit.server.handler import registry
from tests.faults.plan import Calm, Schedule
from tests.faults.proxy import proxying
from tests.faults.wire import FaultySend

Verb = Literal["pull", "push", "copy"]

#: How much faster than the world's the clock of a client under test runs.
HASTE = 50.0


def _image() -> Image:
    chance = random.Random(1)
    # The first is sent in chunks once it broke, and is gone on with across processes.
    layers = [synthetic.layer(chance, size) for size in (1_300_000, 200_000, 1_000)]
    return append(synthetic.image(chance, size=10), *layers)


IMAGE = _image()


@attrs.frozen
class Outcome:
    """
    What became of a run.
    """

    #: Faults that struck.
    struck: int
    error: OciError | None = None
    #: It said that all is well, and other bytes are there.
    wrong: bool = False
    #: It failed, and something of it can be seen.
    partial: bool = False

    @property
    def is_fine(self) -> bool:
        """
        Whether what was wanted is there.
        """
        return self.error is None and not self.wrong


@attrs.frozen(kw_only=True)
class Ground:
    """
    Where a run goes: the same registry, straight and by two bad roads.
    """

    straight: str
    #: Whence and whither, as a client under test sees them.
    source: str
    target: str
    calm: Client
    tried: Client
    #: Gives the roads what happens on them.
    arm: Callable[[Schedule], None]

    def prepare(self) -> None:
        """
        Put the image where pulls and copies find it.
        """
        push(IMAGE, f"{self.straight}/in:1", Options(client=self.calm))


_numbers = itertools.count()


def run(verb: Verb, ground: Ground, schedule: Schedule, *, archive: bool = False) -> Outcome:
    """
    Do one thing while a schedule decides what goes wrong.

    Args:
        verb: what is done.
        ground: where.
        schedule: what goes wrong.
        archive: whether a pull is into an archive, not into a layout.
    """
    with tempfile.TemporaryDirectory() as folder:
        act, place = _act(verb, ground, f"{folder}/x", archive)
        ground.arm(schedule)
        error: OciError | None = None
        try:
            act()
        except OciError as caught:
            error = caught
        finally:
            ground.arm(Calm())
        seen = _seen(place, Options(client=ground.calm))
    return Outcome(
        struck=schedule.struck,
        error=error,
        wrong=error is None and seen != "whole",
        partial=error is not None and seen == "partial",
    )


def _act(verb: Verb, ground: Ground, path: str, archive: bool) -> tuple[Callable[[], object], str]:
    """
    Give what is to be done, and the place where its result is to be seen.
    """
    options, name = Options(client=ground.tried), f"out{next(_numbers)}:1"
    source, target = f"{ground.source}/in:1", f"{ground.target}/{name}"
    if verb == "push":
        return lambda: push(IMAGE, target, options), f"{ground.straight}/{name}"
    if verb == "copy":
        return lambda: copy(source, target, options), f"{ground.straight}/{name}"
    if archive:
        return lambda: pull([source], path, options), f"docker-archive:{path}"
    return lambda: pull([source], path, options, format="oci"), f"oci:{path}"


def _seen(place: str, options: Options) -> str:
    """
    Say what is at a place: "nothing", the "whole", or a "partial" image.
    """
    try:
        content = load(place, options)
    except Missing:
        return "nothing"
    except OciError:
        return "partial"
    try:
        return "whole" if content == IMAGE and _whole(content) else "partial"
    except OciError:
        return "partial"


def _whole(content: Content) -> bool:
    for found in walk(content):
        if isinstance(found, Blob):
            with found.open() as stream:
                stream.drain()
    return True


def hasty(seed: int) -> Clock:
    """
    A clock on which waiting takes a fiftieth of its time.
    """
    ahead = 0.0
    lock = threading.Lock()

    def sleep(seconds: float) -> None:
        nonlocal ahead
        time.sleep(seconds / HASTE)
        with lock:
            ahead += seconds

    return Clock(now=lambda: time.time() + ahead, sleep=sleep, random=random.Random(seed))


SETTINGS = Settings(chunk_size=400_000, idle_timeout=0.4)


def in_process(seed: int) -> Ground:
    """
    A registry in this process, over a `Send` that fails.
    """
    held = registry()
    road = FaultySend(held, Calm())

    def arm(schedule: Schedule) -> None:
        road.schedule = schedule

    return _ground(("r.io", "one.io", "two.io"), arm, held, road, hasty(seed))


@contextmanager
def behind_proxies(
    host: str, seed: int, keychain: Keychain = anonymous, folder: str = ""
) -> Iterator[Ground]:
    """
    A real registry behind two proxies; repositories are below `folder`, as in "/private".
    """
    with proxying(host, Calm()) as one, proxying(host, Calm()) as two:

        def arm(schedule: Schedule) -> None:
            for proxy in (one, two):
                proxy.schedule = schedule

        places = tuple(f"{place}{folder}" for place in (host, one.host, two.host))
        yield _ground(places, arm, None, None, hasty(seed), keychain)


def _ground(
    places: tuple[str, ...],
    arm: Callable[[Schedule], None],
    calm: Send | None,
    tried: Send | None,
    clock: Clock,
    keychain: Keychain = anonymous,
) -> Ground:
    straight, source, target = places
    return Ground(
        straight=straight,
        source=source,
        target=target,
        calm=Client(send=calm, keychain=keychain),
        tried=Client(send=tried, keychain=keychain, clock=clock, settings=SETTINGS),
        arm=arm,
    )
