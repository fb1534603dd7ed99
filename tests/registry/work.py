"""
One blob, put into a registry over a wire where things go wrong.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import attrs

from ocikit.content.blob import Blob, of_bytes
from ocikit.http.message import Request, Response, Send
from ocikit.http.retry import Policy
from ocikit.http.scope import PUSH
from ocikit.name.parse import parse_repository
from ocikit.progress import Meter, Update, add
from ocikit.registry.blobs import SMALL, put_blob
from ocikit.registry.faults import ConnectionBroken
from ocikit.registry.parallel import Stop
from ocikit.registry.session import reach
from ocikit.registry.settings import Settings
from ocikit.registry.target import Target
from ocikit.server.handler import registry
from ocikit.testing.time import VirtualTime
from ocikit.testing.wires import Recorder, answer, client, target

REPOSITORY = parse_repository("r.io/a")
LITTLE = of_bytes(random.Random(1).randbytes(1000), "application/octet-stream")
LARGE = of_bytes(random.Random(1).randbytes(SMALL + 1000), "application/octet-stream")
FORGOTTEN = b'{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}'
GARBLED = b'{"errors":[{"code":"DIGEST_INVALID"}]}'
BROKEN = ConnectionBroken(url="https://r.io/", reason="reset by peer")

Change = Callable[[Response], Response] | Response | None


@attrs.define(eq=False)
class Faulty:
    """
    A `Send` in which chosen requests go wrong.

    `choose` is given each request and how often it was sent before, and gives what to
    do to its response, or one to give instead, or None; it may raise instead.
    """

    send: Send
    choose: Callable[[Request, int], Change]
    seen: dict[tuple[str, str], int] = attrs.field(factory=dict)

    def __call__(self, request: Request) -> Response:
        key = (request.method, target(request))
        before = self.seen.get(key, 0)
        self.seen[key] = before + 1
        change = self.choose(request, before)
        if isinstance(change, Response):
            return change
        response = self.send(request)
        return change(response) if change else response


Choose = Callable[[Request, int], Change]


class Work:
    """
    One blob, put into a registry over a wire where things go wrong.
    """

    def __init__(
        self, choose: Choose | None = None, chunk: int = 4 << 20, chunk_min: int = 0
    ) -> None:
        self.held = registry(chunk_min=chunk_min)
        self.wire = Recorder(Faulty(self.held, choose or (lambda request, before: None)))
        self.time = VirtualTime()
        self.updates: list[Update] = []
        self.client = client(
            self.wire,
            time=self.time,
            settings=Settings(retry=Policy(attempts=4), chunk_size=chunk),
        )

    def put(self, blob: Blob) -> None:
        put_blob(
            Target(
                client=self.client,
                repository=REPOSITORY,
                access=reach(self.client, REPOSITORY, PUSH),
                report=self.updates.append,
                stop=Stop(),
            ),
            blob,
        )

    def has(self, blob: Blob) -> bool:
        url = f"https://r.io/v2/a/blobs/{blob.digest}"
        return self.held(Request(method="HEAD", url=url)).status == 200

    @property
    def methods(self) -> list[str]:
        return [request.method for request in self.wire.requests]

    @property
    def meter(self) -> Meter:
        meter = Meter()
        for update in self.updates:
            meter = add(meter, update)
        return meter


def once(method: str, change: Callable[[Response], Response] | Exception) -> Choose:
    """
    Let the first request of a method go wrong.
    """
    gone: list[str] = []

    def choose(request: Request, before: int) -> Change:
        if request.method != method or gone:
            return None
        gone.append(method)
        if isinstance(change, Exception):
            raise change
        return change

    return choose


def lost(response: Response) -> Response:
    """
    The other side did it, but its answer does not arrive.
    """
    raise BROKEN


def status(code: int, body: bytes = b"") -> Callable[[Response], Response]:
    """
    Another answer, after the thing was done.
    """
    return lambda response: answer(code, body)
