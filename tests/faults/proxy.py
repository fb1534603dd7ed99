"""
A proxy in front of a real registry, on which things go wrong byte by byte.
"""

from __future__ import annotations

import http.client
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs

from tests.faults.plan import Fault, Schedule
from tests.faults.wire import FORGOTTEN, cut, flipped

#: Seconds for which a line is silent: longer than clients under test wait.
SILENCE = 2.0
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})
_RESET = struct.pack("ii", 1, 0)

#: What goes wrong with a signed address that was used, or is past its time.
EXPIRED = Fault("expired")

Pairs = list[tuple[str, str]]


@attrs.define(eq=False)
class Proxy:
    """
    A running proxy; its schedule may be changed between runs.
    """

    upstream: str
    schedule: Schedule
    #: "127.0.0.1:PORT", where registry requests go.
    host: str = ""
    #: Another origin, where blobs lie under signed addresses.
    storage: str = ""
    _signed: dict[str, Fault | None] = attrs.field(factory=dict)
    _count: int = 0
    _lock: threading.Lock = attrs.field(factory=threading.Lock)

    def sign(self, target: str, fault: Fault | None) -> str:
        """
        Give the signed address of a blob, which is good for one request.
        """
        with self._lock:
            self._count += 1
            path = f"/signed/{self._count}{target}"
            self._signed[path] = fault
        return f"http://{self.storage}{path}"

    def redeem(self, path: str) -> tuple[str, Fault | None]:
        """
        Give what a signed address is of, and what goes wrong with it; once.
        """
        with self._lock:
            fault = self._signed.pop(path, EXPIRED)
        return "/" + path.split("/", 3)[3], fault


class _Broken(Exception):
    """
    The line breaks now.
    """


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy
    _upstream: http.client.HTTPConnection | None = None

    def handle_one_request(self) -> None:
        with suppress(OSError, http.client.HTTPException):
            super().handle_one_request()
            return
        self.close_connection = True

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        if self._upstream is not None:
            self._upstream.close()

    def _serve(self) -> None:
        try:
            self._answer()
        except _Broken:
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    def _answer(self) -> None:
        if self.path.startswith("/signed/"):
            target, fault = self.proxy.redeem(self.path)
            if fault is EXPIRED:
                return self._say(403, [], b"<Error><Code>AccessDenied</Code></Error>")
            return self._pass_on(target, fault, self._body())
        fault = self.proxy.schedule.decide(self.command, self.path)
        if fault is None:
            return self._pass_on(self.path, None, self._body())
        return self._strike(fault)

    def _strike(self, fault: Fault) -> None:
        if fault.name == "reset":
            raise _Broken
        if fault.name == "reset upload":
            return self._break_off(fault.at)
        body = self._body()
        if fault.name.isdigit():
            again = [("Retry-After", "1")] if fault.name == "429" else []
            return self._say(int(fault.name), again, b"")
        if fault.name == "stall":
            time.sleep(SILENCE)
            raise _Broken
        if fault.name in ("expired", "moved"):
            late = EXPIRED if fault.name == "expired" else None
            shaky = Fault("reset body", fault.at) if fault.at < 0.25 else None
            where = self.proxy.sign(self.path, late or shaky)
            return self._say(307, [("Location", where)], b"")
        if fault.name == "forgotten":
            self._ask("DELETE", self.path.partition("?")[0], {}, b"")
            return self._say(404, [("Content-Type", "application/json")], FORGOTTEN)
        if fault.name == "flip upload":
            body = flipped(body, fault.at)
        return self._pass_on(self.path, fault, body)

    def _body(self) -> bytes:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            raise _Broken
        return body

    def _break_off(self, at: float) -> None:
        """
        Let the registry have the beginning of a body, and then nothing more.
        """
        length = int(self.headers.get("Content-Length") or 0)
        part = self.rfile.read(int(length * at))
        host, _, port = self.proxy.upstream.rpartition(":")
        head = [f"{self.command} {self.path} HTTP/1.1"]
        head += [f"{name}: {value}" for name, value in self.headers.items()]
        with socket.create_connection((host, int(port))) as line:
            line.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + part)
        raise _Broken

    def _ask(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, Pairs, bytes]:
        if self._upstream is None:
            self._upstream = http.client.HTTPConnection(self.proxy.upstream)
        # Places that the registry names are to be on this side of the proxy.
        self._upstream.request(method, target, body, {**headers, "Host": self.proxy.host})
        response = self._upstream.getresponse()
        pairs = [(n, v) for n, v in response.getheaders() if n.lower() not in _HOP]
        if method == "HEAD":
            pairs += [("Content-Length", response.headers.get("Content-Length") or "0")]
        return response.status, pairs, response.read()

    def _pass_on(self, target: str, fault: Fault | None, body: bytes) -> None:
        name = fault.name if fault else ""
        gone = {"host", "connection"} | ({"authorization"} if name == "token" else set())
        headers = {n: v for n, v in self.headers.items() if n.lower() not in gone}
        status, pairs, data = self._ask(self.command, target, headers, body)
        if name == "lost":
            raise _Broken
        if name == "500 after":
            return self._say(500, [], b"")
        if name == "bare":
            bare = ("content-type", "docker-content-digest")
            pairs = [(n, v) for n, v in pairs if n.lower() not in bare]
        change = _CHANGES.get(name)
        if change is not None and fault is not None and status < 300:
            data = change(data, fault.at)
        if name in _ENDINGS and fault is not None and status < 300:
            return self._end_early(status, pairs, data, fault)
        return self._say(status, pairs, data)

    def _head(self, status: int, pairs: Pairs) -> None:
        self.send_response_only(status)
        for name, value in pairs:
            self.send_header(name, value)
        self.end_headers()

    def _say(self, status: int, pairs: Pairs, data: bytes) -> None:
        told = any(name == "Content-Length" for name, _ in pairs)
        self._head(status, pairs if told else [*pairs, ("Content-Length", str(len(data)))])
        if self.command != "HEAD":
            self.wfile.write(data)

    def _end_early(self, status: int, pairs: Pairs, data: bytes, fault: Fault) -> None:
        """
        Send a body up to a place; what comes then is said by the fault.
        """
        if fault.name == "cut, no length":
            self._head(status, [*pairs, ("Connection", "close")])
            self.wfile.write(data)
            self.close_connection = True
            return
        self._head(status, [*pairs, ("Content-Length", str(len(data)))])
        self.wfile.write(data[: int(len(data) * fault.at)])
        if fault.name == "stall body":
            time.sleep(SILENCE)
        if fault.name == "end body":
            self.close_connection = True
            return
        raise _Broken

    def log_message(self, format: str, *args: object) -> None:
        pass


_CHANGES: dict[str, Callable[[bytes, float], bytes]] = {
    "cut": cut,
    "cut, no length": cut,
    "stray": lambda data, at: data + bytes(100),
    "flip": flipped,
}
_ENDINGS = frozenset({"reset body", "end body", "stall body", "cut, no length"})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def shutdown_request(self, request: Any) -> None:
        # Shutting it down first would end it in good order.
        request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextmanager
def proxying(upstream: str, schedule: Schedule) -> Iterator[Proxy]:
    """
    Stand before the registry at `upstream` until the block ends.
    """
    proxy = Proxy(upstream, schedule)
    handler = type("Handler", (_Handler,), {"proxy": proxy})
    with _Server(("127.0.0.1", 0), handler) as front, _Server(("127.0.0.1", 0), handler) as back:
        proxy.host = f"127.0.0.1:{front.server_port}"
        proxy.storage = f"127.0.0.1:{back.server_port}"
        for server in (front, back):
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield proxy
        front.shutdown()
        back.shutdown()
