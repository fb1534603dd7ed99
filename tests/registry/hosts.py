"""
A world of servers by host, in which it is known who was told what.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import attrs

from ocikit._records import evolve
from ocikit.http.message import Headers, Request, Response, Send
from tests.registry.wires import answer

#: What no stranger may hear, by the header field that carries it.
SECRET_FIELDS = ("Authorization", "Cookie", "Proxy-Authorization", "X-Gate")


@attrs.define(eq=False)
class World:
    """
    A `Send` to many servers; one that is not there answers 404.
    """

    servers: Mapping[str, Send]
    heard: dict[str, list[Request]] = attrs.field(factory=dict)

    def __call__(self, request: Request) -> Response:
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
        Give what a server was told that is nobody's business but the registry's.
        """
        found = set()
        for request in self.heard.get(host, []):
            found |= {name for name in SECRET_FIELDS if name in request.headers}
            found |= {"certificate"} if request.terms.certificate else set()
        return found


def says(status: int, body: bytes = b"", **headers: str) -> Send:
    """
    A server that has one answer for everything.
    """
    return lambda request: answer(status, body, **headers)


Answer = Callable[[Request, Response], Response]


def twisted(send: Send, change: Answer) -> Send:
    """
    Change what a server answers; `change` is given the request and its response.
    """
    return lambda request: change(request, send(request))


def moved(to: Callable[[Request], str], *parts: str, status: int = 307) -> Answer:
    """
    Send whoever asks for a URL with these parts elsewhere.
    """

    def change(request: Request, response: Response) -> Response:
        reads = request.method in ("GET", "HEAD")
        if not reads or response.status >= 300 or not all(part in request.url for part in parts):
            return response
        response.body.close()
        return answer(status, Location=to(request))

    return change


def with_header(response: Response, name: str, value: str) -> Response:
    """
    Give a response with one field set.
    """
    return evolve(response, headers=response.headers.with_(name, value))


def without(response: Response, *names: str) -> Response:
    """
    Give a response less some fields.
    """
    return evolve(response, headers=response.headers.without(*names))


def gate(registry: object) -> Headers:
    """
    A field of a user's for every registry.
    """
    return Headers({"X-Gate": "gate-SECRET"})
