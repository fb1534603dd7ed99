"""
Answers without end, without haste, or before their time.
"""

from __future__ import annotations

import socket
import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from ocikit.content.streams import BytesOpener
from ocikit.http.message import Body, Request
from ocikit.registry.faults import HeadTooLarge, TooSlow
from ocikit.registry.received import MAX_HEAD
from ocikit.registry.settings import Settings
from ocikit.registry.transport import network
from tests.registry.sockets import listening, ok, request_of, says

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#: Ten bytes come in the time in which a hundred thousand should.
HASTE = Settings(idle_timeout=0.3, least_speed=1 << 20)


def get(url: str) -> Request:
    return Request(method="GET", url=url)


def pours(begin: bytes, *again: bytes) -> Callable[[socket.socket], None]:
    """
    Answer with something that never ends.
    """

    def talk(line: socket.socket) -> None:
        request_of(line)
        line.sendall(begin)
        while True:
            line.sendall(b"".join(again) * 100)

    return talk


@pytest.mark.parametrize(
    ("begin", "again"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </style>\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 100),
        (b"HTTP/1.1 200 OK\r\n", b"X-Many: x\r\n"),
        (b"HTTP/1.1 200 OK\r\n", b"X-Large: " + b"x" * 60_000 + b"\r\n"),
    ],
    ids=["100", "103", "line", "fields", "head"],
)
def test_heads_end(begin: bytes, again: bytes) -> None:
    """
    Endless answers before the answer, endless lines, endless fields.
    """
    with listening(pours(begin, again)) as server, pytest.raises(HeadTooLarge, match="header"):
        network()(get(server.url))


def test_trailers_end() -> None:
    """
    What comes after the last chunk is of no interest, and not read without end.
    """
    with listening(pours(CHUNKED + b"3\r\nabc\r\n0\r\n", b"X: y\r\n")) as server:
        response = network()(get(server.url))
        with pytest.raises(HeadTooLarge):
            response.body.read()


def test_a_document_takes_the_room_of_what_it_has() -> None:
    """
    Not of what it might have, up to which it is asked for.
    """
    with listening(says(ok(b"small"))) as server, network()(get(server.url)) as response:
        tracemalloc.start()
        try:
            assert response.body.read(1 << 20) == b"small"
            assert response.body.read(1 << 20) == b""
            assert tracemalloc.get_traced_memory()[1] < 1 << 17
        finally:
            tracemalloc.stop()


def test_a_large_head_is_read() -> None:
    """
    A hundred fields of a kilobyte are unusual, and harmless.
    """
    fields = [f"X-{number}: {'x' * 1000}" for number in range(90)]
    with listening(says(ok(b"body", *fields))) as server:
        response = network()(get(server.url))
        assert response.body.read() == b"body"
    assert len(response.headers.get("x-89")) == 1000
    assert sum(map(len, fields)) < MAX_HEAD


@pytest.mark.parametrize("early", [b"100 Continue", b"102 Processing", b"103 Early Hints"])
def test_the_answer_is_the_last_one(early: bytes) -> None:
    """
    RFC 9110, 15.2: any number of informational answers come before the answer.

    http.client takes all but a 100 for the answer, and would take the real one for that
    of the next request.
    """
    before = b"HTTP/1.1 " + early + b"\r\nLink: </style>\r\n\r\n"
    with listening(says(before * 3 + ok(b"one"), ok(b"two"))) as server:
        send = network()
        for expected in (b"one", b"two"):
            with send(get(server.url)) as response:
                assert (response.status, response.body.read()) == (200, expected)
                assert "Link" not in response.headers
        assert server.connections == 1


def drips(begin: bytes) -> Callable[[socket.socket], None]:
    """
    Answer a byte at a time, each before anybody's patience ends.
    """

    def talk(line: socket.socket) -> None:
        request_of(line)
        line.sendall(begin)
        while True:
            time.sleep(0.02)
            line.sendall(b"x")

    return talk


@pytest.mark.parametrize(
    "begin",
    [
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n",
        CHUNKED + b"f4240\r\n",
        CHUNKED + b"1;",
    ],
    ids=["head", "body", "chunk", "extension"],
)
def test_what_drips_is_given_up(begin: bytes) -> None:
    """
    A silence is never long enough, and yet it would take for ever.
    """

    def read(url: str) -> None:
        with network(HASTE)(get(url)) as response:
            response.body.read()

    with listening(drips(begin)) as server, pytest.raises(TooSlow, match="bytes in"):
        read(server.url)


def test_a_slow_reader_is_not_a_slow_server() -> None:
    """
    Only the time in which the network was waited for counts.
    """
    data = bytes(3 << 20)
    with listening(says(ok(data))) as server:
        with network(HASTE)(get(server.url)) as response:
            found = bytearray()
            for pause in (0.2, 0.2, 0.2, 0):
                time.sleep(pause)
                found += response.body.read(1 << 20)
        assert bytes(found) == data


def test_thinking_is_not_dripping() -> None:
    """
    A server may take its time before it answers, up to the idle timeout.
    """

    def talk(line: socket.socket) -> None:
        request_of(line)
        time.sleep(0.3)
        line.sendall(ok(b"at last"))

    haste = Settings(idle_timeout=5, least_speed=1 << 20)
    with listening(talk) as server, network(haste)(get(server.url)) as response:
        assert response.body.read() == b"at last"


def test_what_is_sent_must_be_taken() -> None:
    """
    A server that reads a little now and then holds an upload for ever.
    """

    def sips(line: socket.socket) -> None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        while line.recv(2000):
            time.sleep(0.01)

    data = bytes(64 << 20)
    body = Body(opener=BytesOpener(data), length=len(data))
    with listening(sips) as server, pytest.raises(TooSlow):
        network(HASTE)(Request(method="PUT", url=server.url, body=body))


def test_any_speed_will_do_if_asked_for() -> None:
    """
    A least speed of 0 is for lines that are really so slow.
    """

    def pieces() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"
        yield from [b"x"] * 20

    def talk(line: socket.socket) -> None:
        request_of(line)
        for piece in pieces():
            time.sleep(0.03)
            line.sendall(piece)

    patient = Settings(idle_timeout=0.3, least_speed=0)
    with listening(talk) as server, network(patient)(get(server.url)) as response:
        assert response.body.read() == b"x" * 20
