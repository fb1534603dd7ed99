"""
Ways to ask a registry: by hand over HTTP, and as web servers ask applications.
"""

from __future__ import annotations

import asyncio
import io
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, unquote_to_bytes
from wsgiref.util import FileWrapper
from wsgiref.validate import validator

import attrs

from ocikit.content.streams import chunks
from ocikit.http.message import Headers, Request, Response, Send
from ocikit.server.route import split
from ocikit.server.web import asgi as asgi_module
from ocikit.server.web import wsgi as wsgi_module


def target_of(request: Request) -> str:
    """
    Give what a client sends: what cannot stand in a target is encoded.
    """
    path, query = split(request.url)
    if not request.url.startswith(("/", "http")):
        path = f"/{request.url}"
    target = f"{path}?{query}" if query else path
    return quote(target, safe="".join(map(chr, range(0x21, 0x7F))))


def over_http(host: str, *extra: tuple[str, str]) -> Send:
    """
    Ask a server, on a connection for each request.
    """

    def send(request: Request) -> Response:
        client = HTTPConnection(host, timeout=60)
        try:
            chunked = request.body.length is None
            client.putrequest(
                request.method, target_of(request), skip_host=True, skip_accept_encoding=True
            )
            pairs = [*request.headers, *extra]
            names = {name.lower() for name, _ in pairs}
            if "host" not in names:
                pairs.append(("Host", host))
            if chunked:
                pairs.append(("Transfer-Encoding", "chunked"))
            elif "content-length" not in names and (request.body.length or request.method == "PUT"):
                pairs.append(("Content-Length", str(request.body.length)))
            for name, value in pairs:
                client.putheader(name, value.encode("latin-1"))
            with request.body.opener.open() as body, suppress(BrokenPipeError):
                # Who has refused a body may not read the rest of it.
                client.endheaders(chunks(body, 65536), encode_chunked=chunked)
            found = client.getresponse()
            return Response(
                status=found.status,
                headers=Headers(tuple(found.headers.items())),
                body=io.BytesIO(found.read()),
            )
        finally:
            client.close()

    return send


@attrs.frozen
class Gateway:
    """
    A web server for one WSGI application, without a network.
    """

    application: Callable[..., Iterable[bytes]]
    #: What the server adds to what the application is told.
    more: dict[str, Any] = attrs.field(factory=dict)

    def __call__(self, request: Request) -> Response:
        began: list[Any] = []

        def start_response(status: str, headers: Any, info: Any = None) -> Callable[[bytes], None]:
            began[:] = [status, headers]
            return lambda data: None

        source = Input(request.body.opener.open(), request.body.length)
        environ = self._environ(request, source)
        with warnings.catch_warnings():
            # PEP 3333 leaves methods free, and its referee holds some for misspelt.
            warnings.filterwarnings("ignore", "Unknown REQUEST_METHOD")
            result = self.application(environ, start_response)
        try:
            data = b"".join(result)
        finally:
            getattr(result, "close", lambda: None)()
        status, headers = began
        source.tell()
        return Response(
            status=int(status[:3]), headers=Headers(tuple(headers)), body=io.BytesIO(data)
        )

    def _environ(self, request: Request, source: Input) -> dict[str, Any]:
        path, _, query = target_of(request).partition("?")
        environ = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "registry.test",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": source,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "wsgi.file_wrapper": FileWrapper,
            "wsgi.input_terminated": True,
            **({"RAW_URI": f"{path}?{query}"} if path.startswith("/") else {}),
        }
        if request.body.length is None:
            environ["HTTP_TRANSFER_ENCODING"] = "chunked"
        elif request.body.length:
            environ["CONTENT_LENGTH"] = str(request.body.length)
        for name, value in request.headers:
            key = name.upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
        return {**environ, **self.more}


class Input:
    """
    A body as a server gives it: no more than `length` bytes, and never all at once.
    """

    def __init__(self, stream: Any, length: int | None) -> None:
        self._stream, self._left = stream, length
        self._failure: OSError | None = None

    def tell(self) -> None:
        """
        Raise what went wrong with the body, as its client sees it.
        """
        if self._failure is not None:
            raise self._failure

    def read(self, size: int = -1) -> bytes:
        most = 65536 if size < 0 else min(size, 65536)
        if self._left is not None:
            most = min(most, self._left)
        try:
            data: bytes = self._stream.read(most)
        except OSError as error:
            self._failure = error
            raise
        if self._left is not None:
            self._left -= len(data)
        return data

    def readline(self, size: int = -1) -> bytes:
        raise AssertionError("nobody reads bodies by lines")

    readlines = __iter__ = readline


def over_wsgi(handler: Send) -> Send:
    """
    Ask as a WSGI server does.
    """
    return Gateway(wsgi_module.wsgi(handler))


def over_validator(handler: Send) -> Send:
    """
    Ask as a WSGI server does, with a referee between it and the application.
    """
    return Gateway(validator(wsgi_module.wsgi(handler)))


@attrs.define
class Loop:
    """
    A web server for one ASGI application, without a network.
    """

    application: Any
    extensions: dict[str, Any] = attrs.field(factory=dict)
    #: What was sent by the application, of the last request.
    messages: list[dict[str, Any]] = attrs.field(factory=list)

    def __call__(self, request: Request) -> Response:
        source = Input(request.body.opener.open(), request.body.length)
        self.messages = messages = list[dict[str, Any]]()
        asyncio.run(self._ask(request, source, messages))
        source.tell()
        start, *parts = messages
        pairs = tuple((name.decode(), value.decode("latin-1")) for name, value in start["headers"])
        data = b"".join(part.get("body", b"") for part in parts)
        return Response(status=start["status"], headers=Headers(pairs), body=io.BytesIO(data))

    async def _ask(self, request: Request, source: Input, messages: list[dict[str, Any]]) -> None:
        pieces = self._pieces(source)
        ended = asyncio.Event()

        async def receive() -> dict[str, Any]:
            for message in pieces:
                return message
            await ended.wait()
            return {"type": "http.disconnect"}

        async def emit(message: dict[str, Any]) -> None:
            messages.append(message)

        await self.application(self._scope(request), receive, emit)
        ended.set()

    def _pieces(self, source: Input) -> Iterator[dict[str, Any]]:
        with suppress(OSError):
            while piece := source.read(65536):
                yield {"type": "http.request", "body": piece, "more_body": True}
            yield {"type": "http.request", "body": b"", "more_body": False}
            return
        yield {"type": "http.disconnect"}

    def _scope(self, request: Request) -> dict[str, Any]:
        path, _, query = target_of(request).partition("?")
        headers = [(n.lower().encode(), v.encode("latin-1")) for n, v in request.headers]
        if request.body.length is None:
            headers.append((b"transfer-encoding", b"chunked"))
        elif request.body.length:
            headers.append((b"content-length", str(request.body.length).encode()))
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": headers,
            "server": ("registry.test", 80),
            "client": ("127.0.0.1", 1),
            "extensions": self.extensions,
        }


def over_asgi(handler: Send) -> Send:
    """
    Ask as an ASGI server does.
    """
    return Loop(asgi_module.asgi(handler, threads=4))
