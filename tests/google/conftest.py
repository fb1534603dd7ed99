"""
Registries in this process, of Google's kind and of any, filled without a push for each.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

import attrs
import pytest

from ocikit.content import synthetic
from ocikit.content.blob import Blob
from ocikit.content.image import Content, Image, Index
from ocikit.http.message import Request, Response, Send
from ocikit.query.walk import walk
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from ocikit.server.documents import check
from ocikit.server.handler import registry
from ocikit.server.manifests import stored
from ocikit.server.memory import Memory
from ocikit.server.quirks.profiles import profile
from ocikit.testing.time import VirtualTime
from ocikit.testing.wires import Recorder, client

CHANCE = Random(7)
IMAGE = synthetic.image(CHANCE, layers=1, size=100)
OTHER = synthetic.image(CHANCE, layers=1, size=100)
INDEX = synthetic.index(CHANCE, size=50)


@attrs.define
class Place:
    """
    A registry, what it holds, and a client of it.
    """

    host: str
    storage: Memory
    time: VirtualTime
    wire: Recorder
    client: Client

    def put(self, repository: str, content: Content, *tags: str) -> None:
        """
        Let a repository hold content; its bytes are pushed once, to `seed` alone.
        """
        for each in walk(content):
            if isinstance(each, Blob):
                if not self.storage.mount(repository, each.digest, "seed"):
                    flush(f"{self.host}/seed@{content.digest}", content, client=self.client)
                    assert self.storage.mount(repository, each.digest, "seed")
            else:
                self.keep(repository, each, tags if each.digest == content.digest else ())

    def keep(self, repository: str, content: Image | Index, tags: Iterable[str] = ()) -> None:
        """
        Let a repository hold a manifest.
        """
        raw, kind = content.document.raw, content.media_type
        manifest = stored(content.digest, raw, kind, check(raw, kind))
        self.storage.keep(repository, content.digest, manifest, tags)

    def asked(self) -> list[str]:
        """
        Give what was asked since the last time, as "GET /v2/ 200".
        """
        lines = [line for line in self.wire.lines if "/token" not in line and "/v2/ " not in line]
        self.wire.clear()
        return lines


def place(name: str = "", *, jobs: int = 1, extended: bool = False) -> Place:
    """
    Make a registry of a profile, or one without quirks, whose lists may be extended.
    """
    time = VirtualTime()
    storage = Memory(lambda: time.now)
    send: Send = registry(storage, extended=extended)
    if name:
        send = profile(name)(send)
    wire = Recorder(send)
    host = profile(name).host if name else "r.example"
    return Place(host, storage, time, wire, client(wire, jobs=jobs, time=time))


def by_host(**places: Place) -> Send:
    """
    Let requests go to a registry by the first word of their host; Google's has others.
    """

    def send(request: Request) -> Response:
        word = request.url.partition("://")[2].partition(".")[0]
        return places["gcr" if word == "storage" else word].wire(request)

    return send


@pytest.fixture
def gcr() -> Place:
    """
    A registry as Google's.
    """
    return place("gcr")


@pytest.fixture
def plain() -> Place:
    """
    A registry as others.
    """
    return place()
