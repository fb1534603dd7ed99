"""
The gateways of web servers: what they are told, how bodies leave, and what ends early.
"""

from __future__ import annotations

import asyncio
import io
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.content.streams import BytesOpener, Stream
from ocikit.files.opener import FileOpener
from ocikit.http.message import Body, Headers, Request, Response, Send
from ocikit.server.handler import registry
from ocikit.server.web.asgi import asgi
from ocikit.server.web.gateway import target_of
from ocikit.server.web.guard import Exchange
from ocikit.server.web.reply import BodyShort
from ocikit.server.web.wsgi import wsgi
from tests.real.webservers import serving
from tests.server.gateways import Gateway, Loop, over_http
from tests.server.samples import ask, begin, code, digest, push_blob

MIB = 1 << 20


class Zeros(io.RawIOBase):
    """
    So many zeros, which lie nowhere.
    """

    def __init__(self, size: int) -> None:
        self.left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        count = min(len(buffer), self.left)
        buffer[:count] = bytes(count)
        self.left -= count
        return count


def _giving(make: Callable[[], Stream], length: int | None) -> Send:
    def give(request: Request) -> Response:
        headers = () if length is None else (("Content-Length", str(length)),)
        return Response(status=200, headers=Headers(headers), body=make())

    return give


def _bare(send: Send, **more: Any) -> tuple[Any, list[Any]]:
    """
    Begin a GET as a WSGI server does; gives the body and what began it.
    """
    gateway, began = Gateway(wsgi(send), more), list[Any]()
    environ = gateway._environ(Request(method="GET", url="http://r/v2/"), io.BytesIO())  # type: ignore[arg-type]
    return gateway.application(environ, lambda *said: began.extend(said)), began


@given(path=st.binary(max_size=30).map(lambda path: b"/" + path))
def test_a_target_is_read_as_it_was_let_in(path: bytes) -> None:
    """
    What is made of a decoded path decodes to it again, and has nothing that ends a target.
    """
    from urllib.parse import unquote_to_bytes

    target = target_of(b"", path, b"", "")
    assert unquote_to_bytes(target) == path
    assert not set("?# \r\n\0") & set(target)


@pytest.mark.parametrize(
    ("raw", "decoded", "root", "target"),
    [
        (b"/v2/a%2Fb", b"/v2/a/b", b"", "/v2/a%2Fb"),
        (b"/v2/other", b"/v2/a", b"", "/v2/a"),
        (b"/app/v2/a", b"/v2/a", b"/app", "/v2/a"),
        (b"http://r/v2/a", b"/v2/a", b"", "/v2/a"),
        (b"", b"", b"", "/"),
    ],
)
def test_a_raw_target_is_taken_only_for_what_it_says(
    raw: bytes, decoded: bytes, root: bytes, target: str
) -> None:
    """
    An encoded slash stays encoded; a raw target that says something else is not read.
    """
    assert target_of(raw, decoded, root, "") == target


@pytest.mark.parametrize("gateway", [lambda s: Gateway(wsgi(s)), lambda s: Loop(asgi(s))])
def test_a_large_upload_is_never_in_memory(gateway: Callable[[Send], Send]) -> None:
    """
    Of 24 MiB, with a length and in chunks, no more than a few are held at a time.
    """
    seen = []

    def swallow(request: Request) -> Response:
        buffer, count = bytearray(MIB), 0
        with request.body.opener.open() as stream:
            while piece := stream.readinto(buffer):
                count += piece
        seen.append(count)
        return Response(status=200, headers=Headers({"Content-Length": "0"}))

    class Opener:
        def open(self) -> Stream:
            return Zeros(24 * MIB)

    tracemalloc.start()
    try:
        send = gateway(swallow)
        for length in (24 * MIB, None):
            request = Request(
                method="PUT", url="http://r/", body=Body(opener=Opener(), length=length)
            )
            assert send(request).status == 200
        assert tracemalloc.get_traced_memory()[1] < 8 * MIB
    finally:
        tracemalloc.stop()
    assert seen == [24 * MIB, 24 * MIB]


def test_a_download_is_given_piece_by_piece() -> None:
    """
    And is closed, and told, when the server has had enough of it.
    """
    body, log = Zeros(64 * MIB), list[Exchange]()
    gateway = Gateway(wsgi(_giving(lambda: body, 64 * MIB), log=log.append))
    environ = gateway._environ(Request(method="GET", url="http://r/"), io.BytesIO())  # type: ignore[arg-type]
    result: Any = gateway.application(environ, lambda *said: None)
    assert len(next(iter(result))) <= MIB
    assert not body.closed
    result.close()
    assert body.closed
    assert (log[0].status, log[0].sent) == (200, MIB)


@pytest.mark.parametrize("gateway", [lambda s: Gateway(wsgi(s)), lambda s: Loop(asgi(s))])
def test_a_body_that_ends_early_breaks_the_connection(gateway: Callable[[Send], Send]) -> None:
    """
    The server sees an error where the rest should come, which is all it can tell a client.
    """
    send = gateway(_giving(lambda: io.BytesIO(b"short"), 9))
    with pytest.raises(BodyShort):
        send(Request(method="GET", url="http://r/"))


@pytest.mark.parametrize("gateway", [lambda s: Gateway(wsgi(s)), lambda s: Loop(asgi(s))])
def test_a_header_with_a_line_break_is_not_sent(gateway: Callable[[Send], Send]) -> None:
    """
    Servers need not look at what an application gives them.
    """

    def give(request: Request) -> Response:
        return Response(status=200, headers=Headers({"X": "a\r\nSet-Cookie: b"}))

    with pytest.raises(ValueError, match="line break"):
        gateway(give)(Request(method="GET", url="http://r/"))


def test_a_server_that_cannot_end_chunks_is_given_none() -> None:
    """
    411 says what to do; to read on would wait for ever (PEP 3333 knows no chunks).
    """
    send = Gateway(wsgi(registry()), {"wsgi.input_terminated": False})
    body = Body(opener=BytesOpener(b"x"), length=None)
    response = send(Request(method="PUT", url="http://r/v2/a/manifests/t", body=body))
    assert (response.status, code(response)) == (411, "UNSUPPORTED")


@pytest.mark.parametrize("gateway", [lambda s: Gateway(wsgi(s)), lambda s: Loop(asgi(s))])
@pytest.mark.parametrize("length", ["5, 6", "+5", "0x5", "-1", "5 "])
def test_a_length_that_is_none_is_400(gateway: Callable[[Send], Send], length: str) -> None:
    """
    Also where the server in front has let it by.
    """
    response = gateway(registry())(
        Request(
            method="PUT",
            url="http://r/v2/a/manifests/t",
            headers=Headers({"Content-Length": length}),
        )
    )
    assert response.status == 400


def test_files_leave_through_the_wrapper_of_the_server(tmp_path: Path) -> None:
    """
    The whole of a file does; a part does not, for not every server begins where it stands.
    """
    (tmp_path / "file").write_bytes(b"hello world")
    wrapped: list[Any] = []

    def wrapper(file: Any, size: int) -> Iterator[bytes]:
        wrapped.append(file)
        return iter(lambda: file.read(size), b"")

    more = {"wsgi.file_wrapper": wrapper}
    whole = _giving(FileOpener(str(tmp_path / "file")).open, 11)
    assert b"".join(_bare(whole, **more)[0]) == b"hello world"
    assert isinstance(wrapped[0].fileno(), int)
    wrapped[0].close()
    part = _giving(FileOpener(str(tmp_path / "file"), 6).open, 5)
    assert b"".join(_bare(part, **more)[0]) == b"world"
    assert len(wrapped) == 1


def test_files_leave_through_what_asgi_servers_have(tmp_path: Path) -> None:
    """
    By a path where it is the whole of a file, by a handle also a part of one.
    """
    path = tmp_path / "file"
    path.write_bytes(b"hello world")
    whole, part = FileOpener(str(path)), FileOpener(str(path), 6)
    request = Request(method="GET", url="http://r/")
    by_path, by_handle = "http.response.pathsend", "http.response.zerocopysend"
    for opener, size, extension, left in [
        (whole, 11, by_path, [{"type": by_path, "path": str(path)}]),
        (part, 5, by_path, [{"type": "http.response.body", "body": b"world", "more_body": False}]),
    ]:
        loop = Loop(asgi(_giving(opener.open, size)), {extension: {}})
        loop(request)
        assert loop.messages[1:] == left
    loop = Loop(asgi(_giving(part.open, 5)), {by_handle: {}})
    loop(request)
    assert (loop.messages[1]["offset"], loop.messages[1]["count"]) == (6, 5)
    assert loop.messages[1]["file"].closed


def test_an_asgi_server_is_greeted_and_bid_farewell() -> None:
    """
    Its lifespan is answered, and a WebSocket is no way to a registry.
    """
    coming = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    said: list[str] = []

    async def receive() -> dict[str, Any]:
        return next(coming)

    async def emit(message: dict[str, Any]) -> None:
        said.append(message["type"])

    application = asgi(registry())
    asyncio.run(application({"type": "websocket"}, receive, emit))
    asyncio.run(application({"type": "lifespan"}, receive, emit))
    assert said == ["websocket.close", "lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_download_ends_with_its_client() -> None:
    """
    A server may take all that it is given for a client that is gone; it is not all read.
    """
    body, log = Zeros(64 * MIB), list[Exchange]()
    application = asgi(_giving(lambda: body, 64 * MIB), log=log.append)
    gone = asyncio.Event()

    async def go() -> None:
        async def receive() -> dict[str, Any]:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def emit(message: dict[str, Any]) -> None:
            gone.set()
            await asyncio.sleep(0.01)

        scope = Loop(application)._scope(Request(method="GET", url="http://r/"))
        await application(scope, receive, emit)

    asyncio.run(go())
    assert body.left > 50 * MIB
    assert log[0].failure is not None


def test_an_upload_of_a_client_that_says_nothing_ends() -> None:
    """
    It is waited for as long as there is patience, and answered with 408.
    """
    from ocikit.server.web.wire import Patience

    handler = registry()
    application = asgi(handler, patience=Patience(body=0.05))
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        raise AssertionError("it was not to be waited for")

    async def emit(message: dict[str, Any]) -> None:
        said.append(message)

    scope = Loop(application)._scope(Request(method="PATCH", url=f"http://r{begin(handler, 'a')}"))
    scope["headers"] = [(b"content-length", b"5")]
    asyncio.run(application(scope, receive, emit))
    assert said[0]["status"] == 408


@pytest.mark.parametrize(
    "gateway", [lambda s, log: Gateway(wsgi(s, log=log)), lambda s, log: Loop(asgi(s, log=log))]
)
def test_each_request_is_told(gateway: Callable[..., Send]) -> None:
    """
    With what went in and out, as the server of ours tells it.
    """
    log: list[Exchange] = []
    send = gateway(registry(), log.append)
    push_blob(send, "a", b"hello")
    assert ask(send, "GET", f"/v2/a/blobs/{digest(b'hello')}").body.read() == b"hello"
    put, got = log
    assert (put.peer, put.method, put.status, put.received) == ("127.0.0.1", "POST", 201, 5)
    assert (got.target, got.sent) == (f"/v2/a/blobs/{digest(b'hello')}", 5)


@pytest.mark.real
@pytest.mark.parametrize("name", ["gunicorn", "uvicorn"])
def test_a_web_server_serves_a_folder(name: str, tmp_path: Path) -> None:
    """
    As the documentation has it: blobs leave as the files that they lie in, whole and in part.
    """
    data = bytes(range(256)) * 20_000
    made = f'application(disk="{tmp_path}/registry", metrics=True)'
    (tmp_path / "served.py").write_text(
        f"from ocikit.server.app import asgi_application as application\nmade = {made}\n"
    )
    ways = {
        "gunicorn": (f"ocikit.server.app:{made}",),
        "uvicorn": ("--app-dir", str(tmp_path), "served:made"),
    }
    *more, application = ways[name]
    with serving(name, application, *more) as host:
        send = over_http(host)
        blob = push_blob(send, "a", data)
        assert ask(send, "GET", f"/v2/a/blobs/{blob}").body.read() == data
        part = ask(send, "GET", f"/v2/a/blobs/{blob}", Range="bytes=70000-4999999")
        assert part.body.read() == data[70_000:5_000_000]
        assert b"ocikit_sent_bytes_total" in ask(send, "GET", "/metrics").body.read()
