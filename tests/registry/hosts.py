"""
Servers of a world that say other things than they should.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

from ocikit._records import evolve
from ocikit.http.message import Headers, Request, Response, Send
from ocikit.testing.wires import SECRET_FIELDS, World, answer


def world_of(servers: Mapping[str, Send]) -> World:
    """
    Make a world where the field of `gate` is nobody's business but the registry's, too.
    """
    return World(servers, (*SECRET_FIELDS, "X-Gate"))


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


def with_body(response: Response, data: bytes) -> Response:
    """
    Give a response another body; its headers stay as they were.
    """
    return evolve(response, body=io.BytesIO(data))


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
