"""
A handler as a WSGI application (PEP 3333), for gunicorn, granian, cheroot and others.

Bodies are streamed in both directions. What lies in a file leaves through the server's
`wsgi.file_wrapper`, which may send it without a copy. A server that does not end bodies
in chunks by itself (`wsgi.input_terminated`) cannot take them: wsgiref's is one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
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
from ocikit.server.web.guard import Exchange, Log, phrase, quiet, safe_headers
from ocikit.server.web.reply import BodyShort
from ocikit.server.web.wire import BodyBroken

Environ: TypeAlias = dict[str, Any]
StartResponse: TypeAlias = Callable[..., Any]
Application: TypeAlias = Callable[[Environ, StartResponse], Iterable[bytes]]

_BARE: Final = (204, 304)


def wsgi(send: Send, *, log: Log = quiet) -> Application:
    """
    Make a WSGI application of a handler; `log` is told of each request when it is done.

    >>> from wsgiref.util import setup_testing_defaults
    >>> from ocikit.server.handler import registry
    >>> environ: dict[str, object] = {"PATH_INFO": "/v2/"}
    >>> setup_testing_defaults(environ)
    >>> b"".join(wsgi(registry())(environ, lambda status, headers: print(status)))
    200 OK
    b'{}'
    """

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        turn = _Turn(environ, log)
        response = turn.answered(send)
        try:
            start_response(_status(response), _headers(response))
        except BaseException as error:
            turn.failure = error
            turn.close()
            raise
        return _leaving(turn, response)

    return application


class _Turn:
    """
    One request: its response, and what is told of it when that has left.
    """

    def __init__(self, environ: Environ, log: Log) -> None:
        self.environ, self._log, self._begun = environ, log, time.monotonic()
        self._body = GatewayBody(_reader(environ), 0)
        self._response = Response(status=0)
        self._closed = False
        self.failure: BaseException | None = None
        self.sent = 0

    def answered(self, send: Send) -> Response:
        try:
            length = _length(self.environ)
        except RequestRefused as refusal:
            self._response = refuse(refusal)
            return self._response
        self._body = GatewayBody(_reader(self.environ), length)
        request = _request(self.environ, Body(opener=OnceOpener(self._body), length=length))
        self._response, self.failure = answer_whole(send, request, self._body)
        return self._response

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._response.body.close()
        exchange = Exchange(
            peer=self.environ.get("REMOTE_ADDR", ""),
            method=self.environ["REQUEST_METHOD"],
            target=_target(self.environ),
            status=self._response.status,
            received=self._body.seen,
            sent=self.sent,
            seconds=time.monotonic() - self._begun,
            failure=self.failure,
        )
        self._log(exchange)


def _length(environ: Environ) -> int | None:
    chunked = bool(environ.get("HTTP_TRANSFER_ENCODING"))
    if chunked and not environ.get("wsgi.input_terminated"):
        message = "this server takes no body in chunks; send it with a Content-Length"
        raise RequestRefused(status=411, code="UNSUPPORTED", message=message)
    return length_of(environ.get("CONTENT_LENGTH") or "", chunked=chunked)


def _reader(environ: Environ) -> Callable[[int], bytes]:
    source = environ["wsgi.input"]

    def read(size: int) -> bytes:
        try:
            piece: bytes = source.read(min(size, CHUNK))
        except TimeoutError:
            raise
        except Exception as error:
            # Each server has errors of its own for clients that go away.
            raise BodyBroken(f"the server could not read the body: {error}") from error
        return piece

    return read


def _target(environ: Environ) -> str:
    raw = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or "")
    return target_of(
        raw.encode("latin-1", "replace"),
        environ.get("PATH_INFO", "").encode("latin-1"),
        environ.get("SCRIPT_NAME", "").encode("latin-1"),
        environ.get("QUERY_STRING", ""),
    )


def _request(environ: Environ, body: Body) -> Request:
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return Request(
        method=environ["REQUEST_METHOD"],
        url=f"{environ['wsgi.url_scheme']}://{host}{_target(environ)}",
        headers=Headers(tuple(_fields(environ))),
        body=body,
    )


def _fields(environ: Environ) -> Iterator[tuple[str, str]]:
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            yield name[5:].replace("_", "-").title(), value
        elif name in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
            yield name.replace("_", "-").title(), value


def _status(response: Response) -> str:
    return f"{response.status} {phrase(response.status) or 'Unknown'}"


def _headers(response: Response) -> list[tuple[str, str]]:
    headers = list(safe_headers(response))
    # PEP 3333 wants none where there can be no body, and its validator one elsewhere.
    if "Content-Type" not in response.headers and response.status not in _BARE:
        headers.append(("Content-Type", "application/octet-stream"))
    return headers


def _leaving(turn: _Turn, response: Response) -> Iterable[bytes]:
    if turn.environ["REQUEST_METHOD"] == "HEAD" or response.status in _BARE:
        return _Pieces(iter(()), turn)
    wrapper, file = turn.environ.get("wsgi.file_wrapper"), file_of(response)
    # Not every server begins where the file stands, and ends where the length says.
    if wrapper is not None and file is not None and file.is_whole:
        turn.sent = file.size
        wrapped: Iterable[bytes] = wrapper(_File(file, turn), CHUNK)
        return wrapped
    return _Pieces(_pieces(response, turn), turn)


def _pieces(response: Response, turn: _Turn) -> Iterator[bytes]:
    text = response.headers.get("Content-Length")
    left = int(text) if text else None
    while left != 0:
        piece = response.body.read(CHUNK if left is None else min(CHUNK, left))
        if not piece:
            break
        turn.sent += len(piece)
        left = None if left is None else left - len(piece)
        yield piece
    if left:
        # A connection that breaks is all that tells the client that this is not the whole.
        turn.failure = BodyShort(f"the body ended {left} bytes before its end")
        raise turn.failure


class _Pieces:
    """
    The body of a response, and what is to be done when it is over.
    """

    def __init__(self, pieces: Iterator[bytes], turn: _Turn) -> None:
        self._pieces, self._turn = pieces, turn

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        self._turn.close()


class _File:
    """
    A file for the server's own way to send one.
    """

    def __init__(self, file: FileWindow, turn: _Turn) -> None:
        self._turn = turn
        self.fileno, self.read, self.seek, self.tell = file.fileno, file.read, file.seek, file.tell

    def close(self) -> None:
        self._turn.close()
