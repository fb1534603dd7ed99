"""
Networks that break, lie or stall: each is told as what it is.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ocikit.errors import Unreachable
from ocikit.http.message import Headers, Request
from ocikit.registry.faults import (
    BodyTruncated,
    CertificateUntrusted,
    ConnectionBroken,
    ConnectionFailed,
    TimedOut,
    TLSFailed,
)
from ocikit.registry.settings import Settings
from ocikit.registry.transport import network
from tests.registry.sockets import certified, listening, ok, request_of, resets, says

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789"
HASTE = Settings(connect_timeout=5, idle_timeout=0.3)
BIG = bytes(range(256)) * 12_000


def get(url: str, **headers: str) -> Request:
    return Request(method="GET", url=url, headers=Headers(headers))


EXHAUSTED = """
import os, resource, sys
from ocikit.http.message import Request
from ocikit.registry.transport import network

send, request = network(), Request(method="GET", url=sys.argv[1])
held = [send(request)]
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
try:
    while True:
        held.append(os.dup(0))
except OSError:
    pass
try:
    send(request)
except Exception as error:
    print(type(error).__name__, error)
"""


def test_running_out_of_descriptors_is_told() -> None:
    """
    Trap: it may be the first thing that goes wrong, and what tells of it cannot be loaded then.
    """
    with listening(says(ok(b"x" * 100))) as server:
        command = [sys.executable, "-c", EXHAUSTED, server.url]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ran.stdout.startswith("ConnectionFailed "), ran.stderr
    assert "too many open files" in ran.stdout


def test_a_body_that_ends_early_is_told() -> None:
    """
    http.client takes it for the end.
    """
    with listening(says(CUT)) as server, pytest.raises(BodyTruncated) as caught:
        network()(get(server.url)).body.read()
    assert (caught.value.received, caught.value.expected) == (10, 100)


@pytest.mark.parametrize(
    "answer",
    [CHUNKED + b"9\r\nabc", CHUNKED + b"zz\r\n"],
)
def test_broken_chunks_are_told(answer: bytes) -> None:
    """
    Cut short, or no chunks at all.
    """
    with listening(says(answer)) as server, pytest.raises(ConnectionBroken):
        network()(get(server.url)).body.read()


def test_a_cut_rest_does_not_hurt_who_does_not_want_it() -> None:
    """
    Closing reads little rests, and forgives what is wrong with them.
    """
    with listening(says(CUT), says(ok(b"next"))) as server:
        send = network()
        send(get(server.url)).body.close()
        with send(get(server.url)) as response:
            assert response.body.read() == b"next"


@pytest.mark.parametrize(
    ("talk", "error"),
    [
        (resets, ConnectionBroken),
        (lambda line: None, ConnectionBroken),
        (says(b"SSH-2.0-OpenSSH\r\n"), ConnectionBroken),
        (lambda line: request_of(line) and line.recv(1), TimedOut),
    ],
    ids=["reset", "closed", "not HTTP", "silent"],
)
def test_what_breaks_before_an_answer_is_told(talk: object, error: type[Unreachable]) -> None:
    """
    One leaf for each way to fail; the URL without what is secret in it.
    """
    assert callable(talk)
    with listening(talk) as server, pytest.raises(error, match=r"/v2/\?X-Sig=REDACTED"):
        network(HASTE)(get(f"{server.url}/v2/?X-Sig=secret"))


def test_a_stall_in_the_middle_ends() -> None:
    """
    A server that falls silent is not waited for without end.
    """

    def stall(line: socket.socket) -> None:
        request_of(line)
        line.sendall(CUT)
        line.recv(1)

    with listening(stall) as server, pytest.raises(TimedOut):
        network(HASTE)(get(server.url)).body.read()


def test_a_reset_in_the_middle_is_told() -> None:
    """
    What came before it is the reader's.
    """

    def reset(line: socket.socket) -> None:
        request_of(line)
        line.sendall(CUT)
        resets_now(line)

    def resets_now(line: socket.socket) -> None:
        go.wait(30)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    go = threading.Event()
    with listening(reset) as server, network()(get(server.url)) as response:
        assert response.body.read(10) == b"0123456789"
        go.set()
        with pytest.raises((ConnectionBroken, BodyTruncated)):
            response.body.read()


def test_nobody_there_is_told() -> None:
    """
    A wrong port, an unknown name.
    """
    with socket.socket() as taken:
        # Nobody listens there, and nobody else can meanwhile.
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(ConnectionFailed, match="connection refused"):
            network()(get(url))


def test_plain_on_a_port_for_tls_is_told(tmp_path: Path) -> None:
    """
    And TLS on a plain one: the session chooses by it.
    """

    def puzzled(line: socket.socket) -> None:
        line.recv(10_000)
        line.sendall(ok(status="400 What"))

    with listening(puzzled) as server, pytest.raises(TLSFailed, match="plain HTTP"):
        network()(get(server.url.replace("http:", "https:")))
    # Others wait for the end of what they take for a request.
    with listening(request_of) as server, pytest.raises(TimedOut, match=r"0\.3 s"):
        network(Settings(connect_timeout=0.3))(get(server.url.replace("http:", "https:")))
    context, _ = certified(tmp_path)
    with listening(says(ok()), context=context) as server, pytest.raises(ConnectionBroken):
        network()(get(server.url))


def test_certificates_are_checked(tmp_path: Path) -> None:
    """
    Unknown ones are refused, those of a given file are trusted, or all when asked for.
    """
    context, ca = certified(tmp_path)
    with listening(says(ok(b"in")), context=context) as server:
        url = server.url.replace("http:", "https:")
        with pytest.raises(CertificateUntrusted, match="not trusted"):
            network()(get(url))
        trusting = network(Settings(ca_files=(str(ca),)))
        for send in (trusting, network(insecure=True)):
            with send(get(url)) as response:
                assert response.body.read() == b"in"
