"""
Wires to test a client over: recorded, scripted, to many hosts, and broken.

A wire is a `Send`. Those here remember what was asked, so that a test can say what a
client may ask, in which order, and of whom.

    wire = Recorder(registry())
    flush("r.io/app:1", image, client=client(wire))
    assert wire.lines[-1] == "PUT /v2/app/manifests/1 201"
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias
from urllib.parse import urlsplit

import attrs

from ocikit.errors import Unreachable
from ocikit.http.credentials import Keychain, anonymous
from ocikit.http.message import Headers, Request, Response, Send
from ocikit.registry.client import Client
from ocikit.registry.faults import ConnectionBroken
from ocikit.registry.settings import Settings
from ocikit.testing.time import VirtualTime

#: What a script does with a request: answer, raise, or find out.
Step: TypeAlias = Response | Exception | Callable[[Request], Response]
#: Header fields that only who they are for may hear.
SECRET_FIELDS = ("Authorization", "Cookie", "Proxy-Authorization")


def target(request: Request) -> str:
    """
    Give the path and query of a request.

    >>> target(Request(method="GET", url="https://r.io/v2/a/tags/list?n=1"))
    '/v2/a/tags/list?n=1'
    """
    split = urlsplit(request.url)
    return split.path + (f"?{split.query}" if split.query else "")


def methods(requests: Iterable[Request]) -> list[str]:
    """
    Give what was asked, as "GET /v2/".

    >>> methods([Request(method="GET", url="https://r.io/v2/")])
    ['GET /v2/']
    """
    return [f"{request.method} {target(request)}" for request in requests]


def answer(status: int, body: bytes = b"", **headers: str) -> Response:
    """
    Make a response; underscores in names of header fields stand for dashes.

    >>> answer(200, b"{}", Content_Type="application/json").headers.get("Content-Length")
    '2'
    """
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    if body or "Content_Length" not in headers:
        pairs.append(("Content-Length", str(len(body))))
    return Response(status=status, headers=Headers(pairs), body=io.BytesIO(body))


def client(
    send: Send,
    *,
    jobs: int = 1,
    keychain: Keychain = anonymous,
    time: VirtualTime | None = None,
    settings: Settings | None = None,
) -> Client:
    """
    Make a client of a wire: nobody in particular, one request at a time, and no time lost.

    >>> from ocikit.registry import tags
    >>> list(tags("r.io/app", client=client(script(answer(200, b'{"tags":["1"]}')))))
    ['1']
    """
    return Client(
        send=send,
        keychain=keychain,
        jobs=jobs,
        clock=(time or VirtualTime()).clock,
        settings=settings or Settings(),
    )


@attrs.define(eq=False)
class Recorder:
    """
    A wire that remembers what passed.

    >>> wire = Recorder(lambda request: answer(404))
    >>> _ = wire(Request(method="GET", url="https://r.io/v2/"))
    >>> wire.lines
    ['GET /v2/ 404']
    """

    send: Send
    requests: list[Request] = attrs.field(factory=list)
    responses: list[Response] = attrs.field(factory=list)

    def __call__(self, request: Request) -> Response:
        """
        Send a request, and remember both.
        """
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

    @property
    def kinds(self) -> list[str]:
        """
        The same without digests and names, as "GET manifest 200" and "POST upload 202".
        """
        return [
            f"{request.method} {_kind(request.url)} {response.status}"
            for request, response in zip(self.requests, self.responses, strict=True)
        ]

    def clear(self) -> None:
        """
        Forget what passed.
        """
        self.requests.clear()
        self.responses.clear()


@attrs.define(eq=False)
class Script:
    """
    A wire that answers from a list, and complains when it is asked for more.

    >>> wire = Script([answer(200)])
    >>> wire(Request(method="GET", url="https://r.io/v2/")).status, wire.steps
    (200, [])
    """

    steps: list[Step]
    requests: list[Request] = attrs.field(factory=list)

    def __call__(self, request: Request) -> Response:
        """
        Do the next step.

        Raises:
            AssertionError: there is none.
        """
        self.requests.append(request)
        assert self.steps, f"nothing was to be asked after {request.method} {request.url}"
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, Response) else step(request)


def script(*steps: Step) -> Script:
    """
    Make a wire that answers in this order: responses, errors to raise, or functions.

    >>> wire = script(answer(503), answer(200, b"{}"))
    >>> [wire(Request(method="GET", url="https://r.io/v2/")).status for _ in "12"]
    [503, 200]
    """
    return Script(list(steps))


class Broken(io.BytesIO):
    """
    A body that ends in a broken connection.

    >>> body = Broken(b"one")
    >>> body.read(3)
    b'one'
    >>> body.read()
    Traceback (most recent call last):
    ocikit.registry.faults.ConnectionBroken: ...reset by peer...
    """

    def __init__(self, data: bytes, error: Unreachable | None = None) -> None:
        super().__init__(data)
        self._error = error or ConnectionBroken(url="https://r.io/", reason="reset by peer")

    def readinto(self, buffer: object, /) -> int:
        """
        Read, or raise at the end.
        """
        count = super().readinto(buffer)  # type: ignore[arg-type]  # any buffer is good
        if not count:
            raise self._error
        return count

    def read(self, size: int | None = -1, /) -> bytes:
        """
        Read, or raise at the end.
        """
        data = super().read(size)
        if not data:
            raise self._error
        return data


@attrs.define(eq=False)
class World:
    """
    A wire to many servers, which tells who was told what; one that is not there is 404.

    >>> world = World({"r.io": lambda request: answer(200)})
    >>> secret = Headers({"Authorization": "Basic c2VjcmV0"})
    >>> hosts = ("r.io", "other.io")
    >>> [world(Request(method="GET", url=f"https://{host}/v2/", headers=secret)).status
    ...  for host in hosts]
    [200, 404]
    >>> world.asked("other.io"), world.told("other.io")
    (['GET /v2/'], {'Authorization'})
    """

    servers: Mapping[str, Send]
    #: Fields that are nobody's business but the registry's.
    secret: tuple[str, ...] = SECRET_FIELDS
    heard: dict[str, list[Request]] = attrs.field(factory=dict)

    def __call__(self, request: Request) -> Response:
        """
        Send a request to the server of its host.
        """
        host = urlsplit(request.url).netloc
        self.heard.setdefault(host, []).append(request)
        server = self.servers.get(host)
        return answer(404) if server is None else server(request)

    def asked(self, host: str) -> list[str]:
        """
        Give what a server was asked, as "GET /v2/".
        """
        return [f"{r.method} {urlsplit(r.url).path}" for r in self.heard.get(host, [])]

    def told(self, host: str) -> set[str]:
        """
        Give what a server was told that is secret: names of fields, or "certificate".
        """
        found: set[str] = set()
        for request in self.heard.get(host, []):
            found |= {name for name in self.secret if name in request.headers}
            found |= {"certificate"} if request.terms.certificate else set[str]()
        return found


def _kind(url: str) -> str:
    path, _, query = url.partition("?")
    if "/uploads/" in path:
        return "mount" if "mount=" in query else "upload"
    return "blob" if "/blobs/" in path else "manifest" if "/manifests/" in path else "/v2/"
