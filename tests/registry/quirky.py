"""
A registry with one quirk, and a client of it whose requests are seen.
"""

from __future__ import annotations

import random

from ocikit.content import synthetic
from ocikit.http.credentials import Basic
from ocikit.http.message import Headers, Middleware, Request, Response, Send
from ocikit.registry.client import Client
from ocikit.registry.settings import Settings
from ocikit.server.auth.bearer import token_auth
from ocikit.server.handler import registry
from ocikit.testing.wires import Recorder, client

IMAGE = synthetic.image(random.Random(1), layers=2, size=3000)
INDEX = synthetic.index(random.Random(2), size=500)
LARGE = synthetic.image(random.Random(3), layers=1, size=3 << 20)


class Quirky:
    """
    A registry with quirks, each around what comes before it.
    """

    def __init__(
        self, *quirks: Middleware, tokens: bool = False, settings: Settings | None = None
    ) -> None:
        self.plain: Send = registry()
        made: Send = token_auth(self.plain, {"me": "secret"}) if tokens else self.plain
        for quirk in quirks:
            made = quirk(made)
        self.wire = Recorder(made)
        self.client: Client = client(
            self.wire, keychain=lambda resource: Basic("me", "secret"), settings=settings
        )
        #: A client of what is behind the quirks.
        self.straight: Client = client(self.plain)

    def ask(self, method: str, path: str, **headers: str) -> Response:
        """
        Ask past the client.
        """
        pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        return self.wire.send(
            Request(method=method, url=f"https://r.io{path}", headers=Headers(pairs))
        )

    def answers(self, *parts: str) -> list[int]:
        """
        Give the statuses of what was asked whose lines have all these parts.
        """
        lines = [line for line in self.wire.lines if all(part in line for part in parts)]
        return [int(line.rpartition(" ")[2]) for line in lines]
