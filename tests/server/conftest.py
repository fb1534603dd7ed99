"""
A registry on loopback, and what it was asked.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import attrs
import pytest

from ocikit.http.message import Send
from ocikit.server.handler import RegistryHandler, registry
from ocikit.server.storage import Storage
from ocikit.server.web.guard import Exchange
from ocikit.server.web.serve import Server, serve
from tests.server import fresh, storages
from tests.server.gateways import over_asgi, over_http, over_validator, over_wsgi
from tests.server.storages import STORAGES


@attrs.frozen
class Served:
    """
    A running registry in memory.
    """

    server: Server
    handler: RegistryHandler
    log: list[Exchange]

    @property
    def host(self) -> str:
        """
        "127.0.0.1:PORT", as references write it.
        """
        return self.server.host

    def exchanges(self, count: int) -> list[Exchange]:
        """
        Give what was logged, once that is `count`: an answer is logged after it is sent.
        """
        for _ in range(1000):
            if len(self.log) >= count:
                break
            time.sleep(0.01)
        return list(self.log)

    def failures(self) -> list[Exchange]:
        """
        Find what went wrong on our side, of all that was asked so far.
        """
        return [each for each in self.log if each.failure is not None or each.status >= 500]


@pytest.fixture
def served() -> Iterator[Served]:
    """
    Serve a registry in memory until the test ends.
    """
    handler, log = registry(), list[Exchange]()
    with serve(handler, log=log.append) as server:
        yield Served(server, handler, log)


@pytest.fixture(params=STORAGES)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """
    Each storage that there is, empty.
    """
    with storages.opened(request.param, tmp_path / "storage") as storage:
        yield storage


@pytest.fixture
def handler(storage: Storage) -> RegistryHandler:
    """
    A registry that is empty, over each storage.
    """
    return registry(storage)


#: Every way by which a registry is asked. What a test asks of `send` goes by each, and to
#: each storage by the first.
WAYS = ("call", "socket", "wsgi", "validator", "asgi", "gunicorn", "uvicorn", "granian")


@pytest.fixture(
    params=[
        *(pytest.param(way, marks=[pytest.mark.real] * (way in WAYS[-3:])) for way in WAYS),
        *STORAGES[1:4],
    ]
)
def send(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Send]:
    """
    A registry that is empty, asked in one of many ways.
    """
    way: str = request.param
    if way in WAYS[-3:]:
        host: str = request.getfixturevalue(way)
        yield over_http(host, (fresh.NAME, uuid4().hex))
    elif way in STORAGES:
        with storages.opened(way, tmp_path / "storage") as storage:
            yield registry(storage)
    elif way == "socket":
        with serve(registry()) as server:
            yield over_http(server.host)
    else:
        ways = {"wsgi": over_wsgi, "validator": over_validator, "asgi": over_asgi}
        yield ways[way](registry()) if way in ways else registry()
