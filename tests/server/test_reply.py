"""
Responses: every kind of body leaves by its shortest way, whole or not at all.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import pytest

from ocikit.content.streams import Stream
from ocikit.files.opener import FileOpener
from ocikit.http.message import Headers, Request, Response
from ocikit.server.web.guard import Exchange
from ocikit.server.web.serve import Server, serve
from tests.server.raw import BIG, ask, dialled, request


@attrs.frozen
class _Fixed:
    """
    A handler that always gives the same.
    """

    answer: Callable[[], Response]

    def __call__(self, request: Request) -> Response:
        return self.answer()


class _Plain(io.RawIOBase):
    """
    A stream that is nothing but a stream.
    """

    def __init__(self, data: bytes) -> None:
        self._inner = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        return self._inner.readinto(buffer)  # type: ignore[arg-type]


@contextmanager
def _serving(
    body: Callable[[], Stream], *headers: tuple[str, str], status: int = 200
) -> Iterator[tuple[Server, list[Exchange]]]:
    def answer() -> Response:
        return Response(status=status, headers=Headers(headers), body=body())

    log: list[Exchange] = []
    with serve(_Fixed(answer), log=log.append) as server:
        yield server, log


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("kind", ["memory", "file", "stream"])
@pytest.mark.parametrize("data", [BIG, b"", b"small"])
def test_every_kind_of_body_leaves_whole(
    tmp_path: Path, told: bool, kind: str, data: bytes
) -> None:
    """
    From memory, from a part of a file (through sendfile), and from any stream; without a
    length in chunks, that a client still knows the end by.
    """
    path = tmp_path / "file"
    path.write_bytes(b"before" + data + b"after")
    opener = FileOpener(str(path), 6, len(data))
    opens: dict[str, Callable[[], Stream]] = {
        "memory": lambda: io.BytesIO(data),
        "file": opener.open,
        "stream": lambda: _Plain(data),
    }
    headers = [("Content-Length", str(len(data)))] if told else []
    with _serving(opens[kind], *headers) as (server, log), dialled(server) as client:
        for _ in range(2):
            assert request(client, "GET", "/")[1] == data
        assert request(client, "HEAD", "/")[1] == b""
        text = "GET / HTTP/1.0\n\n"
        assert ask(server, text).partition(b"\r\n\r\n")[2] == data
    assert [each.failure for each in log] == [None] * 4


@pytest.mark.parametrize("kind", [_Plain, io.BytesIO])
def test_a_body_that_ends_early_breaks_the_connection(kind: Callable[[bytes], Stream]) -> None:
    """
    That is the only way to tell a client that what it has is not all.
    """
    with _serving(lambda: kind(b"short"), ("Content-Length", "9")) as (server, log):
        reply = ask(server, "GET / HTTP/1.1\nHost: r\n\n")
        assert not reply.endswith(b"shortshort")
        assert len(reply.partition(b"\r\n\r\n")[2]) < 9
    assert log[0].failure is not None


def test_a_header_with_a_line_break_is_not_sent() -> None:
    """
    Else what came from a client could write the rest of the response.
    """
    with _serving(lambda: io.BytesIO(b""), ("X", "a\r\nSet-Cookie: b")) as (server, log):
        assert b"Set-Cookie" not in ask(server, "GET / HTTP/1.1\nHost: r\n\n")
    assert isinstance(log[0].failure, ValueError)
