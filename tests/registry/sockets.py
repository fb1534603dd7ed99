"""
Servers that say exactly what they are told to, byte for byte, on loopback.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import attrs

from ocikit.testing.certificates import CertificateAuthority
from tests.real.process import short_folder

Talk = Callable[[socket.socket], object]


@attrs.define
class Raw:
    """
    A running server.
    """

    port: int
    #: The first bytes that each connection sent.
    heard: list[bytes] = attrs.field(factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def listening(*talks: Talk, context: ssl.SSLContext | None = None) -> Iterator[Raw]:
    """
    Serve connections, each by its talk in their order; the last serves all others.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        raw = Raw(listener.getsockname()[1])
        ended = threading.Event()

        def converse(wire: socket.socket, talk: Talk) -> None:
            with suppress(OSError, ssl.SSLError):
                wire.settimeout(30)
                with context.wrap_socket(wire, server_side=True) if context else wire as line:
                    talk(line)

        def serve() -> None:
            while not ended.is_set():
                wire, _ = listener.accept()
                talk = talks[min(raw.connections, len(talks) - 1)]
                raw.connections += 1
                threading.Thread(target=converse, args=(wire, talk), daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield raw
        finally:
            ended.set()
            # Closing a listener does not wake who waits for it.
            with suppress(OSError), socket.create_connection(("127.0.0.1", raw.port), 5):
                pass
            thread.join()


@contextmanager
def on_a_socket(talk: Talk) -> Iterator[str]:
    """
    Serve connections on a unix socket; gives its path.
    """
    with short_folder("lines") as folder, socket.socket(socket.AF_UNIX) as listener:
        path = str(folder / "sock")
        listener.bind(path)
        listener.listen()

        def converse(line: socket.socket) -> None:
            with suppress(OSError), line:
                talk(line)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    line, _ = listener.accept()
                    threading.Thread(target=converse, args=(line,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield path
        listener.shutdown(socket.SHUT_RDWR)


def request_of(line: socket.socket) -> bytes:
    """
    Read a request's head and, as its Content-Length says, its body.
    """
    data = b""
    while b"\r\n\r\n" not in data:
        more = line.recv(65536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [
        int(field.split(b":")[1])
        for field in head.split(b"\r\n")
        if field.lower().startswith(b"content-length:")
    ]
    while lengths and len(body) < lengths[0]:
        body += more_of(line, 1 << 20)
    return head + b"\r\n\r\n" + body


def more_of(line: socket.socket, most: int = 65536) -> bytes:
    """
    Read what comes next, up to so many bytes.

    Raises:
        ConnectionError: nothing will. Who asked again would never hear anything else, and
            be busy asking for as long as the process lives.
    """
    data = line.recv(most)
    if not data:
        raise ConnectionError("the client left in the middle of a request")
    return data


def says(*answers: bytes, raw: list[bytes] | None = None) -> Talk:
    """
    Answer one request after another on one connection, then close it.
    """

    def talk(line: socket.socket) -> None:
        for answer in answers:
            request = request_of(line)
            if not request:
                return
            if raw is not None:
                raw.append(request)
            line.sendall(answer)

    return talk


def resets(line: socket.socket) -> None:
    """
    Break the connection as a crash does.
    """
    request_of(line)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def ok(body: bytes = b"", *fields: str, status: str = "200 OK") -> bytes:
    """
    Write a response.
    """
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def certified(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """
    Make a server's TLS for 127.0.0.1, and the file of whom to trust for it.
    """
    authority = CertificateAuthority(folder)
    return authority.context(), authority.file


@contextmanager
def breaking(host: str, limit: int, *, sent: bool) -> Iterator[str]:
    """
    Stand before a server, and reset each connection after so many bytes.

    `sent` counts what goes to the server, else what comes from it is counted.
    """
    name, _, port = host.rpartition(":")

    def relay(line: socket.socket) -> None:
        with socket.create_connection((name, int(port))) as server:
            for wire in (line, server):
                # What waits here to be sent is lost with the connection, and not counted.
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 << 10)
            if not _relay(line, server, line if sent else server, limit):
                for wire in (line, server):
                    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with listening(relay) as raw:
        yield f"127.0.0.1:{raw.port}"


@contextmanager
def holding(host: str, limit: int, go: threading.Event) -> Iterator[str]:
    """
    Stand before a server, and hold back what comes from it after so many bytes in all,
    until it may go on.
    """
    name, _, port = host.rpartition(":")
    left = [limit]

    def relay(line: socket.socket) -> None:
        with socket.create_connection((name, int(port))) as server:
            while True:
                for wire in _readable(line, server):
                    data = wire.recv(65536)
                    if not data:
                        return
                    left[0] -= len(data) if wire is server else 0
                    if left[0] < 0:
                        go.wait(60)
                    (server if wire is line else line).sendall(data)

    with listening(relay) as raw:
        yield f"127.0.0.1:{raw.port}"


def _readable(*wires: socket.socket) -> list[socket.socket]:
    # Unlike select, poll takes descriptors of any number.
    waiting = select.poll()
    for wire in wires:
        waiting.register(wire, select.POLLIN)
    ready = {descriptor for descriptor, _ in waiting.poll()}
    return [wire for wire in wires if wire.fileno() in ready]


def _relay(line: socket.socket, server: socket.socket, counted: socket.socket, limit: int) -> bool:
    others = {line: server, server: line}
    while True:
        for wire in _readable(*others):
            data = wire.recv(65536)
            if not data:
                return True
            limit -= len(data) if wire is counted else 0
            if limit < 0:
                return False
            others[wire].sendall(data)
