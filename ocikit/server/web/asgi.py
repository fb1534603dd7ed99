"""
A handler as an ASGI application (ASGI 3), for uvicorn, granian, hypercorn and others.

The handler runs in threads of its own: those with a body, which may be slow, in others
than those without, so that however many uploads there are a registry still answers.
Bodies are streamed in both directions. What lies in a file leaves through the server's
`http.response.pathsend` or `http.response.zerocopysend`, where it has them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Any, Final, TypeAlias

from ocikit.content.streams import CHUNK
from ocikit.files.opener import FileWindow
from ocikit.http.message import Body, Headers, Request, Response, Send
from ocikit.server.answers import RequestRefused, refuse
from ocikit.server.web.body import OnceOpener
from ocikit.server.web.gateway import (
    GatewayBody,
    answer_whole,
    file_of,
    length_of,
    target_of,
)
from ocikit.server.web.guard import Exchange, Log, quiet, safe_headers
from ocikit.server.web.reply import BodyShort
from ocikit.server.web.wire import BodyBroken, Patience

Scope: TypeAlias = dict[str, Any]
Message: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Emit: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Emit], Coroutine[Any, Any, None]]

_BARE: Final = (204, 304)
#: Seconds that a thread waits for the loop beyond those that the loop waits for a client.
_MORE: Final = 5.0
_SENDFILE: Final = "http.response.zerocopysend"
_SENDPATH: Final = "http.response.pathsend"


def asgi(
    send: Send, *, log: Log = quiet, patience: Patience | None = None, threads: int = 64
) -> Application:
    """
    Make an ASGI application of a handler.

    Args:
        send: the handler.
        log: is told of each request when it is done.
        patience: how long the next piece of a body is waited for.
        threads: how many requests with a body are handled at once, and as many without.

    >>> from ocikit.server.handler import registry
    >>> said = []
    >>> async def receive() -> dict[str, object]:
    ...     return {"type": "http.request"}
    >>> async def emit(message: dict[str, object]) -> None:
    ...     said.append(message.get("status") or message["body"])
    >>> scope = {"type": "http", "method": "GET", "path": "/v2/", "headers": []}
    >>> asyncio.run(asgi(registry())(scope, receive, emit))
    >>> said
    [200, b'{}']
    """
    uploads = ThreadPoolExecutor(threads, "upload")
    others = ThreadPoolExecutor(threads, "request")
    waits = (patience or Patience()).body

    async def application(scope: Scope, receive: Receive, emit: Emit) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, emit)
            uploads.shutdown(wait=False)
            others.shutdown(wait=False)
        elif scope["type"] == "http":
            turn = _Turn(scope, receive, emit, waits)
            await turn.run(send, uploads if turn.length != 0 else others, log)
        elif scope["type"] == "websocket":
            await emit({"type": "websocket.close", "code": 1002})

    return application


async def _live(receive: Receive, emit: Emit) -> None:
    while True:
        kind = (await receive())["type"]
        await emit({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


class _Turn:
    """
    One request, until its response has left or its client has gone.
    """

    def __init__(self, scope: Scope, receive: Receive, emit: Emit, waits: float) -> None:
        self._scope, self._receive, self._emit, self._waits = scope, receive, emit, waits
        self._begun = time.monotonic()
        self._headers = Headers(_fields(scope))
        self._loop = asyncio.get_running_loop()
        self._ahead, self._more = b"", True
        self._pool: Executor | None = None
        self._sent = 0
        self._refusal: RequestRefused | None = None
        #: The length of the body; None when it is not known.
        self.length: int | None = 0
        try:
            self.length = _length(scope, self._headers)
        except RequestRefused as refusal:
            self._refusal = refusal
        self._body = GatewayBody(self._read, self.length)

    async def run(self, send: Send, pool: Executor, log: Log) -> None:
        response, failure = Response(status=0), None
        try:
            response, failure = await self._answered(send, pool)
            try:
                await self._respond(response)
            finally:
                await self._loop.run_in_executor(pool, response.body.close)
        except BodyShort as error:
            failure = error
            raise
        except OSError as error:
            # The client is gone: there is nobody to tell.
            failure = error
        except BaseException as error:
            failure = error
            raise
        finally:
            log(self._exchange(response.status, failure))

    async def _answered(self, send: Send, pool: Executor) -> tuple[Response, BaseException | None]:
        if self._refusal is not None:
            return refuse(self._refusal), None
        body = Body(opener=OnceOpener(self._body), length=self.length)
        request = Request(
            method=self._scope["method"],
            url=_url(self._scope, self._headers),
            headers=self._headers,
            body=body,
        )
        self._pool = pool
        return await self._loop.run_in_executor(pool, answer_whole, send, request, self._body)

    def _read(self, size: int) -> bytes:
        # Called by the thread of the handler, while the loop goes on.
        while not self._ahead and self._more:
            future = asyncio.run_coroutine_threadsafe(self._next(), self._loop)
            # A loop that has ended would never answer.
            self._ahead = future.result(self._waits + _MORE)
        piece, self._ahead = self._ahead[:size], self._ahead[size:]
        return piece

    async def _next(self) -> bytes:
        try:
            message = await asyncio.wait_for(self._receive(), self._waits)
        except TimeoutError:
            raise TimeoutError("the client is too slow") from None
        if message["type"] == "http.disconnect":
            raise BodyBroken(f"the client went away after {self._body.seen} bytes")
        self._more = message.get("more_body", False)
        data: bytes = message.get("body", b"")
        return data

    async def _respond(self, response: Response) -> None:
        headers = [(n.lower().encode(), v.encode("latin-1")) for n, v in safe_headers(response)]
        await self._emit(
            {"type": "http.response.start", "status": response.status, "headers": headers}
        )
        if self._scope["method"] == "HEAD" or response.status in _BARE:
            await self._end()
            return
        message = _by_file(file_of(response), self._scope.get("extensions") or {})
        if message is not None:
            self._sent = int(response.headers.get("Content-Length"))
            await self._emit(message)
            return
        await self._stream(response)

    async def _stream(self, response: Response) -> None:
        text = response.headers.get("Content-Length")
        left = int(text) if text else None
        gone = self._watch()
        try:
            while left != 0:
                size = CHUNK if left is None else min(CHUNK, left)
                piece = await self._loop.run_in_executor(self._pool, response.body.read, size)
                left = None if left is None else left - len(piece)
                if gone is not None and gone.done():
                    raise BodyBroken("the client went away")
                if not piece:
                    break
                self._sent += len(piece)
                await self._part(piece, more=left != 0)
        finally:
            if gone is not None:
                gone.cancel()
        if left:
            # A connection that breaks is all that tells the client that this is not the whole.
            raise BodyShort(f"the body ended {left} bytes before its end")
        if left is None or not self._sent:
            await self._end()

    def _watch(self) -> asyncio.Future[Message] | None:
        # A server may say nothing when what it is given can no longer be sent. What is
        # left of a body is in the way of hearing that the client has gone.
        if self._more and self.length != 0:
            return None
        return asyncio.ensure_future(self._receive_end())

    async def _receive_end(self) -> Message:
        # The body of a request that has none is still told of, once.
        for _ in range(2):
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return message
            if message.get("more_body"):
                break
        forever: asyncio.Future[Message] = self._loop.create_future()
        return await forever

    async def _part(self, piece: bytes, *, more: bool) -> None:
        await self._emit({"type": "http.response.body", "body": piece, "more_body": more})

    async def _end(self) -> None:
        await self._part(b"", more=False)

    def _exchange(self, status: int, failure: BaseException | None) -> Exchange:
        client: Iterable[Any] = self._scope.get("client") or ("",)
        return Exchange(
            peer=str(next(iter(client))),
            method=self._scope["method"],
            target=_target(self._scope),
            status=status,
            received=self._body.seen,
            sent=self._sent,
            seconds=time.monotonic() - self._begun,
            failure=failure,
        )


def _by_file(file: FileWindow | None, extensions: Scope) -> Message | None:
    if file is None:
        return None
    if _SENDFILE in extensions:
        where = {"offset": file.start, "count": file.size}
        return {"type": _SENDFILE, "file": file, **where, "more_body": False}
    if _SENDPATH in extensions and file.path and file.is_whole:
        return {"type": _SENDPATH, "path": file.path}
    return None


def _fields(scope: Scope) -> tuple[tuple[str, str], ...]:
    decode = partial(str, encoding="latin-1")
    return tuple((decode(name).title(), decode(value)) for name, value in scope["headers"])


def _length(scope: Scope, headers: Headers) -> int | None:
    lengths = headers.all("Content-Length")
    chunked = "Transfer-Encoding" in headers
    if not lengths and not scope.get("http_version", "1.1").startswith("1"):
        # HTTP/2 needs no length: the end of a body is seen.
        return 0 if scope["method"] in ("GET", "HEAD") else None
    return length_of(", ".join(lengths), chunked=chunked)


def _target(scope: Scope) -> str:
    root, path = scope.get("root_path", ""), scope["path"]
    return target_of(
        scope.get("raw_path") or b"",
        path.removeprefix(root).encode(),
        root.encode(),
        scope.get("query_string", b"").decode("latin-1"),
    )


def _url(scope: Scope, headers: Headers) -> str:
    server = scope.get("server") or ("localhost", None)
    name = server[0] if server[1] is None else f"{server[0]}:{server[1]}"
    return f"{scope.get('scheme', 'http')}://{headers.get('Host') or name}{_target(scope)}"
