"""
HTTP spoken by hand, and by a client that we did not write.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse

from ocikit.server.web.serve import Server

BIG = bytes(range(256)) * 20_000


@contextmanager
def connected(server: Server) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as wire:
        yield wire


def read_all(wire: socket.socket) -> bytes:
    return b"".join(iter(lambda: wire.recv(65536), b""))


def ask(server: Server, text: str, body: bytes = b"") -> bytes:
    """
    Send bytes, and read until the server has no more to say.
    """
    with connected(server) as wire:
        wire.sendall(text.replace("\n", "\r\n").encode() + body)
        return read_all(wire)


def status_of(reply: bytes) -> int:
    return int(reply.split(b" ", 2)[1])


@contextmanager
def dialled(server: Server) -> Iterator[HTTPConnection]:
    client = HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        yield client
    finally:
        client.close()


def request(
    client: HTTPConnection, method: str, path: str, body: object = None, **headers: str
) -> tuple[HTTPResponse, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    client.request(method, path, body=body, headers=named)  # type: ignore[arg-type]
    response = client.getresponse()
    return response, response.read()
