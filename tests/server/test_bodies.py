"""
Bodies of requests as they come over a connection: by their length, or in chunks.
"""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.server.answers import RequestRefused
from ocikit.server.web.bodies import IncomingBody
from ocikit.server.web.wire import BodyBroken, Wire


def _chunks(parts: list[bytes]) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts if part) + b"0\r\n\r\n"


@given(parts=st.lists(st.binary(max_size=50)), sizes=st.lists(st.integers(1, 60), min_size=1))
def test_chunks_are_read_as_one(parts: list[bytes], sizes: list[int]) -> None:
    """
    Whatever the chunks are and however much is read at a time; what follows stays.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(_chunks(parts) + b"NEXT")
        wire = Wire(ours)
        body, found = IncomingBody(wire, None, None), b""
        while part := body.read(sizes[len(found) % len(sizes)]):
            found += part
        assert found == b"".join(parts)
        assert body.ended
        assert body.seen == len(found)
        rest = bytearray(9)
        assert rest[: wire.readinto(memoryview(rest))] == b"NEXT"


@given(data=st.binary(max_size=200), size=st.integers(1, 300))
def test_a_body_of_known_length_ends_there(data: bytes, size: int) -> None:
    """
    Not one byte of the next request is taken for its own.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data + b"NEXT")
        wire = Wire(ours)
        body, found = IncomingBody(wire, len(data), None), b""
        while part := body.read(size):
            found += part
        assert found == data
        assert body.ended
        rest = bytearray(9)
        assert rest[: wire.readinto(memoryview(rest))] == b"NEXT"


@pytest.mark.parametrize(
    "sent",
    [
        b"x\r\n",
        b"-1\r\n\r\n",
        b"0x5\r\nhello\r\n",
        b"+5\r\nhello\r\n",
        b" 5\r\nhello\r\n",
        b"5\nhello\r\n",
        b"5\r\nhelloX\r\n0\r\n\r\n",
        b"5\r\nhello0\r\n\r\n",
        b"5;" + b"x" * 300 + b"\r\nhello\r\n",
        b"5;a\nb\r\nhello\r\n",
        b"fffffffffffffffff\r\n",
        b"0\r\nTrailer: x\r\n\r\n",
        b"\r\n",
    ],
)
def test_malformed_chunks_are_400(sent: bytes) -> None:
    """
    Bare line feeds, odd sizes, long extensions and trailers: ways to smuggle.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(sent + b"\r\n" * 200)
        with pytest.raises(RequestRefused) as refusal:
            IncomingBody(Wire(ours), None, None).read()
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    ("sent", "length"), [(b"hel", 5), (b"5\r\nhel", None), (b"5\r\nhello", None), (b"", None)]
)
def test_a_body_that_breaks_off_is_no_body(sent: bytes, length: int | None) -> None:
    """
    An end that came too early must never look like the end.
    """
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(sent)
        with pytest.raises(BodyBroken):
            IncomingBody(Wire(ours), length, None).read()


def test_the_client_is_asked_once_and_only_when_it_is_read() -> None:
    """
    RFC 9110, 10.1.1: it waits with its body until it is wanted.
    """
    asked: list[bool] = []
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"hello")
        body = IncomingBody(Wire(ours), 5, lambda: asked.append(True))
        assert asked == []
        assert body.read(2) + body.read() == b"hello"
        assert asked == [True]
