"""
An engine that answers as it is told, and remembers what it was asked.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import attrs


@attrs.define
class Fake:
    """
    A running engine; `answers` are by method and path without version.
    """

    address: str = ""
    version: str = "1.41"
    answers: dict[str, Any] = attrs.field(factory=dict)
    asked: list[str] = attrs.field(factory=list)


def _handler(fake: Fake) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def address_string(self) -> str:
            return "client"

        def log_message(self, format: str, *args: Any) -> None:
            """
            Nobody reads it.
            """

        def do_GET(self) -> None:
            fake.asked.append(f"{self.command} {self.path}")
            if self.path == "/_ping":
                self._answer(200, b"OK")
                return
            path = "/" + self.path.split("/", 2)[2]
            found = fake.answers.get(f"{self.command} {path}")
            status, body = (404, {"message": "none"}) if found is None else (200, found)
            self._answer(status, json.dumps(body).encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            if fake.version:
                self.send_header("Api-Version", fake.version)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    for method in ("POST", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.do_GET)
    return Handler


class _Unix(HTTPServer):
    address_family = socket.AF_UNIX

    def server_bind(self) -> None:
        self.socket.bind(self.server_address)

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        wire, _ = super().get_request()
        return wire, ("client", 0)


@contextmanager
def fake_engine(*, path: Path | None = None, tls: ssl.SSLContext | None = None) -> Generator[Fake]:
    """
    Run one on a unix socket, or on a port of this machine, with TLS or without.
    """
    fake = Fake()
    handler = _handler(fake)
    server = HTTPServer(("127.0.0.1", 0), handler) if path is None else _at(path, handler)
    fake.address = f"127.0.0.1:{server.server_port}" if path is None else str(path)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        with suppress(OSError):
            server.shutdown()
        server.server_close()
        thread.join()


def _at(path: Path, handler: type[BaseHTTPRequestHandler]) -> HTTPServer:
    server = _Unix(("", 0), handler, bind_and_activate=False)
    server.server_address = str(path)  # type: ignore[assignment]  # of a unix socket it is a path
    server.server_bind()
    server.server_activate()
    return server
