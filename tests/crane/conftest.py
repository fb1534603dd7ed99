"""
Verbs over a registry in this process, without a socket.
"""

from __future__ import annotations

import attrs
import pytest

from ocikit._records import evolve
from ocikit.crane.options import Options
from ocikit.http.credentials import anonymous
from ocikit.http.message import Request
from ocikit.registry.client import Client
from ocikit.server.handler import registry
from ocikit.testing.wires import Recorder


@attrs.define
class Reach:
    """
    A way to places that remembers what it told and what it asked.
    """

    wire: Recorder
    notices: list[str]
    options: Options

    def but(self, **changes: object) -> Options:
        """
        Give these options with changes.
        """
        return evolve(self.options, **changes)

    def asked(self) -> list[str]:
        """
        Give what was asked since the last time, as "GET /v2/ 200".
        """
        lines = self.wire.lines
        self.wire.clear()
        return lines

    @property
    def requests(self) -> list[Request]:
        """
        What was asked.
        """
        return self.wire.requests


@pytest.fixture
def reach() -> Reach:
    """
    Options whose registries are all one, in memory.
    """
    wire, notices = Recorder(registry()), list[str]()
    client = Client(send=wire, keychain=anonymous)
    return Reach(wire, notices, Options(client=client, notice=notices.append))
