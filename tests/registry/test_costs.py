"""
What many questions cost, counted by the server: requests, tokens, connections.
"""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ocikit.content.empty import IMAGE
from ocikit.crane.options import Options
from ocikit.crane.read import digests
from ocikit.http.credentials import Basic
from ocikit.registry.client import Client
from ocikit.registry.head import head, heads
from ocikit.registry.load import load
from tests.registry.sockets import Raw, listening, ok, request_of

TOKEN = b'{"token":"t","expires_in":300}'
DESCRIBED = (f"Docker-Content-Digest: {IMAGE.digest}", f"Content-Type: {IMAGE.media_type}")


class Counted:
    """
    A registry with a token service, which has one image under every tag.
    """

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def talk(self, line: socket.socket) -> None:
        """
        Answer what comes over one connection.
        """
        while request := request_of(line):
            method, path = request.decode().split(" ")[:2]
            kind = "token" if path.startswith("/token") else path.split("/")[-2]
            with self._lock:
                self.asked[f"{method} {kind}"] += 1
            line.sendall(self._answer(request, method, kind))

    def _answer(self, request: bytes, method: str, kind: str) -> bytes:
        if kind == "token":
            return ok(TOKEN)
        if b"Authorization: Bearer t" not in request:
            host = request.partition(b"Host: ")[2].partition(b"\r\n")[0].decode()
            realm = f'WWW-Authenticate: Bearer realm="http://{host}/token"'
            return ok(b"", realm, status="401 Unauthorized")
        whole = ok(IMAGE.document.raw, *DESCRIBED)
        return whole.partition(b"{")[0] if method == "HEAD" else whole


@contextmanager
def counting() -> Iterator[tuple[str, Counted, Raw]]:
    """
    Run it.
    """
    counted = Counted()
    with listening(counted.talk) as raw:
        yield f"127.0.0.1:{raw.port}", counted, raw


def knowing(jobs: int = 1) -> Client:
    """
    A client that nobody used yet.
    """
    return Client(keychain=lambda resource: Basic("me", "pw"), jobs=jobs)


@pytest.mark.parametrize(("ask", "kind"), [(head, "HEAD manifests"), (load, "GET manifests")])
def test_a_hundred_questions_cost_a_hundred_requests(ask: object, kind: str) -> None:
    """
    Over one connection, after one knock at the door and one token.
    """
    client = knowing()
    with counting() as (host, counted, raw):
        for number in range(100):
            assert callable(ask)
            ask(f"{host}/a:{number}", client=client)
        assert counted.asked == {"GET v2": 1, "GET token": 1, kind: 100}
        assert raw.connections == 1


def test_a_thousand_questions_share_a_few_connections() -> None:
    """
    As many connections as there are jobs, and a token for all.
    """
    jobs = 8
    client = knowing(jobs)
    with counting() as (host, counted, raw):
        names = [f"{host}/a:{number}" for number in range(1000)]
        found = [each for _, each in heads(names, client=client)]
        assert found == [IMAGE.descriptor] * 1000
        assert list(digests(names, Options(client=client))) == found
        assert counted.asked == {"GET v2": 1, "GET token": 1, "HEAD manifests": 2000}
        assert raw.connections <= jobs
