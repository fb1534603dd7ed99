"""
A registry for one test: in this process, or a real one with names of the test's own.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager

import attrs

from ocikit._records import FrozenMap, evolve
from ocikit.content.image import Content
from ocikit.digest import Digest
from ocikit.http.message import Request, Response, Send
from ocikit.name.records import Pinned
from ocikit.platforms import Platform
from ocikit.registry.client import Client
from ocikit.server.faults.plan import Fault, Faulty, faulty
from ocikit.server.handler import registry
from ocikit.server.memory import Memory
from ocikit.server.storage import Storage
from ocikit.testing.time import VirtualTime

#: More repositories or tags than these no test makes.
_MOST = 10_000


@attrs.frozen
class Exchanged:
    """
    A request that was answered, or None in place of a status when it was not.

    >>> str(Exchanged("GET", "/v2/", 200)), str(Exchanged("GET", "/v2/", None))
    ('GET /v2/ 200', 'GET /v2/ lost')
    """

    method: str
    #: The path and query.
    target: str
    status: int | None

    def __str__(self) -> str:
        return f"{self.method} {self.target} {self.status or 'lost'}"


class TestRegistry:
    """
    A registry as tests see it: a host, a client, and what passed between them.

    >>> from ocikit.content.empty import IMAGE
    >>> registry = TestRegistry()
    >>> pinned = registry.flush("app:1", IMAGE)
    >>> registry.load("app:1") == IMAGE, list(registry.tags)
    (True, ['app:1'])
    >>> registry.count("PUT", "/manifests/")
    1
    """

    # Not a class of tests, whatever its name begins with.
    __test__ = False

    def __init__(
        self,
        host: str = "registry.test",
        *,
        send: Send | None = None,
        prefix: str = "",
        insecure: bool = False,
        storage: Storage | None = None,
        time: VirtualTime | None = None,
    ) -> None:
        """
        Args:
            host: the name in references.
            send: how it is reached; when None it is one in this process.
            prefix: what its repositories begin with.
            insecure: whether it speaks plain HTTP.
            storage: where one in this process keeps its content; in memory when None.
            time: what its client waits by; none for the machine's.
        """
        self.host = host
        self.prefix = prefix
        #: None of one that is elsewhere.
        self.storage = storage or (Memory() if send is None else None)
        self.time = time
        self._inner = send or registry(self.storage)
        self._lock = threading.Lock()
        self._requests: list[Exchanged] = []
        self._faults: Faulty | None = None
        clock = None if time is None else time.clock
        client = Client(send=self.send, insecure=insecure, clock=clock)
        # Threads would only put what is asked here, and what befalls it, in another order.
        self.client = evolve(client, jobs=1) if send is None else client

    def send(self, request: Request) -> Response:
        """
        Answer a request; faults that were asked for befall it.
        """
        status = None
        try:
            response = (self._faults or self._inner)(request)
            status = response.status
        finally:
            target = "/" + request.url.partition("://")[2].partition("/")[2]
            with self._lock:
                self._requests.append(Exchanged(request.method, target, status))
        return response

    def name(self, text: str) -> str:
        """
        Give the full reference of something here: "app:1" is "registry.test/app:1".
        """
        return f"{self.host}/{self.prefix}{text}"

    def flush(self, name: str, content: Content) -> Pinned:
        """
        Put content here under a name, such as "app:1"; see `registry.flush`.
        """
        from ocikit.registry.flush import flush

        return flush(self.name(name), content, client=self.client)

    def load(self, name: str, *, platform: str | Platform | None = None) -> Content:
        """
        Load what is here under a name; see `registry.load`.
        """
        from ocikit.registry.load import load

        return load(self.name(name), platform=platform, client=self.client)

    @property
    def requests(self) -> tuple[Exchanged, ...]:
        """
        What it was asked since the last `forget`.
        """
        with self._lock:
            return tuple(self._requests)

    def forget(self) -> None:
        """
        Forget what it was asked.
        """
        with self._lock:
            self._requests.clear()

    def count(self, method: str, part: str = "") -> int:
        """
        Count the requests of a method whose path has some part.
        """
        return sum(each.method == method and part in each.target for each in self.requests)

    @property
    def tags(self) -> Mapping[str, Digest]:
        """
        All tags of one in this process, as "app:1", with what they point to.

        Raises:
            TypeError: it is elsewhere; ask it by its client.
        """
        if self.storage is None:
            raise TypeError(f"{self.host} is elsewhere: list tags by ocikit.registry.tags")
        found: dict[str, Digest] = {}
        for repository in self.storage.repositories("", _MOST):
            for tag in self.storage.tags(repository, "", _MOST) or ():
                digest = self.storage.tagged(repository, tag)
                if digest is not None:
                    found[f"{repository}:{tag}"] = digest
        return FrozenMap(found)

    @contextmanager
    def faults(self, *faults: Fault, seed: int = 0) -> Generator[Faulty]:
        """
        Let faults befall requests within a `with` block; gives what tells of them.
        """
        sleep = (self.time or VirtualTime()).sleep
        before, self._faults = self._faults, faulty(self._inner, *faults, seed=seed, sleep=sleep)
        try:
            yield self._faults
        finally:
            self._faults = before
