"""
Wires to test a client over: recorded, scripted, slow of nothing but a counted clock.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

import attrs

from ocikit.errors import Unreachable
from ocikit.http.credentials import Keychain, anonymous
from ocikit.http.message import Headers, Request, Response, Send
from ocikit.registry.client import Client
from ocikit.registry.faults import ConnectionBroken
from ocikit.registry.settings import Settings
from ocikit.testing.time import VirtualTime


@attrs.define(eq=False)
class Recorder:
    """
    A `Send` that remembers what passed.
    """

    send: Send
    requests: list[Request] = attrs.field(factory=list)
    responses: list[Response] = attrs.field(factory=list)

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        response = self.send(request)
        self.responses.append(response)
        return response

    @property
    def lines(self) -> list[str]:
        """
        What passed, as "GET /v2/ 200".
        """
        return [
            f"{request.method} {target(request)} {response.status}"
            for request, response in zip(self.requests, self.responses, strict=True)
        ]

    def clear(self) -> None:
        self.requests.clear()
        self.responses.clear()


def target(request: Request) -> str:
    """
    Give the path and query of a request.
    """
    split = urlsplit(request.url)
    return split.path + (f"?{split.query}" if split.query else "")


def client(
    send: Send,
    *,
    jobs: int = 1,
    keychain: Keychain = anonymous,
    time: VirtualTime | None = None,
    settings: Settings | None = None,
) -> Client:
    """
    Make a client of a wire: nobody in particular, and no time lost.
    """
    time = time or VirtualTime()
    return Client(
        send=send,
        keychain=keychain,
        jobs=jobs,
        clock=time.clock,
        settings=settings or Settings(),
    )


def answer(status: int, body: bytes = b"", **headers: str) -> Response:
    """
    Make a response; underscores in names of header fields stand for dashes.
    """
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    if body or "Content_Length" not in headers:
        pairs.append(("Content-Length", str(len(body))))
    return Response(status=status, headers=Headers(pairs), body=io.BytesIO(body))


Step = Response | Exception | Callable[[Request], Response]


@attrs.define(eq=False)
class Script:
    """
    A `Send` that answers from a list, and complains when it is asked for more.
    """

    steps: list[Step]
    requests: list[Request] = attrs.field(factory=list)

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        assert self.steps, f"nothing was to be asked after {request.method} {request.url}"
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, Response) else step(request)


def script(*steps: Step) -> Script:
    """
    Make a wire that answers in this order.
    """
    return Script(list(steps))


class Broken(io.BytesIO):
    """
    A body that ends in a broken connection.
    """

    def __init__(self, data: bytes, error: Unreachable | None = None) -> None:
        super().__init__(data)
        self._error = error or ConnectionBroken(url="https://r.io/", reason="reset by peer")

    def readinto(self, buffer: object, /) -> int:
        count = super().readinto(buffer)  # type: ignore[arg-type]
        if not count:
            raise self._error
        return count

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if not data:
            raise self._error
        return data


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


def with_body(response: Response, data: bytes) -> Response:
    """
    Give a response another body; its headers stay as they were.
    """
    return attrs.evolve(response, body=io.BytesIO(data))


def methods(requests: Iterable[Request]) -> list[str]:
    """
    Give what was asked, as "GET /v2/".
    """
    return [f"{request.method} {target(request)}" for request in requests]


def kinds(wire: Recorder) -> list[str]:
    """
    What passed, digests and uploads left out.
    """
    return [
        f"{request.method} {_kind(request.url)} {response.status}"
        for request, response in zip(wire.requests, wire.responses, strict=True)
    ]


def _kind(url: str) -> str:
    path, _, query = url.partition("?")
    if "/uploads/" in path:
        return "mount" if "mount=" in query else "upload"
    return "blob" if "/blobs/" in path else "manifest" if "/manifests/" in path else "/v2/"
