"""
Heads of requests are read strictly (RFC 9112): what two readers could understand
differently, nobody gets past us.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from ocikit.server.answers import RequestRefused
from ocikit.server.web.wire import Head, Wire, parse

HOST = "Host: r\r\n"


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, Wire]]:
    """
    A client's socket, and what the server reads of it.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield theirs, Wire(ours)


def _status(text: str) -> int:
    with pytest.raises(RequestRefused) as refusal:
        parse(text)
    return refusal.value.status


def test_a_head_is_read() -> None:
    """
    Names keep their case, values lose the space around them, and come in order.
    """
    head = parse(f"PATCH /v2/?a=b HTTP/1.1\r\n{HOST}X-A: \t1 2\t\r\nx-a:\r\nContent-Length: 5\r\n")
    assert (head.method, head.target, head.minor, head.length) == ("PATCH", "/v2/?a=b", 1, 5)
    assert head.headers.pairs[1:3] == (("X-A", "1 2"), ("x-a", ""))
    assert head.keeps
    assert not head.waits


@pytest.mark.parametrize(
    ("headers", "minor", "keeps", "waits"),
    [
        ("Connection: close\r\n", 1, False, False),
        ("Connection: Keep-Alive, Close\r\n", 1, False, False),
        ("", 0, False, False),
        ("Expect: 100-continue\r\n", 1, True, True),
        ("Expect: 100-continue\r\n", 0, False, False),
    ],
)
def test_what_the_client_wants(headers: str, minor: int, keeps: bool, waits: bool) -> None:
    """
    RFC 9112, 9.3 and RFC 9110, 10.1.1: HTTP/1.0 neither stays nor waits.
    """
    head = parse(f"GET / HTTP/1.{minor}\r\n{HOST}{headers}")
    assert (head.keeps, head.waits) == (keeps, waits)


def test_chunks_have_no_length() -> None:
    """
    The coding is known by its name in any case.
    """
    assert parse(f"PUT / HTTP/1.1\r\n{HOST}Transfer-Encoding: Chunked\r\n").length is None


@pytest.mark.parametrize(
    "headers",
    [
        # Two lengths, or none that is a number: smugglers' ways.
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5_0\r\n",
        "Content-Length: \xb2\r\n",
        "Content-Length:\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        # Headers that are none.
        "Folded: a\r\n b\r\n",
        " Space: before\r\n",
        "Space : after\r\n",
        "NoColon\r\n",
        ": no name\r\n",
        "Bare: a\nB: c\r\n",
        "Bare: a\rB: c\r\n",
        "Null: a\0b\r\n",
        "N\xe4me: a\r\n",
        # Hosts.
        "Host: r\r\n",
        "Host: evil/path\r\n",
    ],
)
def test_an_ambiguous_head_is_400(headers: str) -> None:
    """
    It is refused, not guessed at.
    """
    assert _status(f"PUT / HTTP/1.1\r\n{HOST}{headers}") == 400


@pytest.mark.parametrize(
    "coding", ["gzip", "gzip, chunked", "chunked, chunked", "xchunked", "identity", ""]
)
def test_another_coding_is_501(coding: str) -> None:
    """
    RFC 9112, 6.1: "A server that receives a request message with a transfer coding it does
    not understand SHOULD respond with 501".
    """
    assert _status(f"PUT / HTTP/1.1\r\n{HOST}Transfer-Encoding: {coding}\r\n") == 501


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("GET / HTTP/1.1 ", 400),
        ("GET  / HTTP/1.1", 400),
        ("GET / HTTP/1.1\nHost: r", 400),
        ("GET /", 400),
        ("GET", 400),
        ("", 400),
        ("G(T / HTTP/1.1", 400),
        ("GET /ä HTTP/1.1", 400),
        ("GET / HTTP/11", 400),
        ("GET / http/1.1", 400),
        ("GET / HTTP/2.0", 505),
        ("PRI * HTTP/2.0", 505),
        ("GET / HTTP/0.9", 505),
        (f"GET /{'a' * 9000} HTTP/1.1", 414),
    ],
)
def test_a_request_line_that_is_none(line: str, status: int) -> None:
    """
    It has a method, a target and a version, one space apart, and is not too long.
    """
    assert _status(f"{line}\r\n{HOST}") == status


@pytest.mark.parametrize("text", ["GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a b\r\n"])
def test_one_host_is_needed(text: str) -> None:
    """
    RFC 9112, 3.2: a server MUST respond with a 400 to a request that lacks it.
    """
    assert _status(text) == 400
    assert parse("GET / HTTP/1.0\r\n").target == "/"


def test_heads_come_one_after_the_other(pair: tuple[socket.socket, Wire]) -> None:
    """
    In any pieces, with an empty line before them, and nothing after the last.
    """
    client, wire = pair
    one, two = (f"GET /{n} HTTP/1.1\r\n{HOST}\r\n".encode() for n in (1, 2))
    client.sendall(b"\r\n" + one + two[:9])
    first = wire.head()
    client.sendall(two[9:])
    second = wire.head()
    assert isinstance(first, Head)
    assert isinstance(second, Head)
    assert (first.target, second.target) == ("/1", "/2")
    client.shutdown(socket.SHUT_WR)
    assert wire.head() is None


def test_a_head_that_ends_early_is_none(pair: tuple[socket.socket, Wire]) -> None:
    """
    Who goes away amid a head wants no answer.
    """
    client, wire = pair
    client.sendall(b"GET / HTTP/1.1\r\n")
    client.shutdown(socket.SHUT_WR)
    assert wire.head() is None


def test_tls_is_refused_at_once(pair: tuple[socket.socket, Wire]) -> None:
    """
    Clients try TLS first: its first byte is enough to tell them, and they try again.
    """
    client, wire = pair
    client.sendall(b"\x16\x03\x01")
    with pytest.raises(RequestRefused, match="TLS"):
        wire.head()


def test_a_head_without_end_is_431(pair: tuple[socket.socket, Wire]) -> None:
    """
    RFC 6585, 5: it is refused as soon as it is too long.
    """
    client, wire = pair
    client.sendall(b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000)
    with pytest.raises(RequestRefused) as refusal:
        wire.head()
    assert refusal.value.status == 431
