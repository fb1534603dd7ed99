"""
A registry on loopback, and what it was asked.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import attrs
import pytest

from ocikit.server.connection import Exchange
from ocikit.server.handler import RegistryHandler, registry
from ocikit.server.serve import Server, serve


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


@pytest.fixture
def send() -> RegistryHandler:
    """
    A registry that is empty.
    """
    return registry()
