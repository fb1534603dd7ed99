"""
Container engines that speak Docker's API: Docker itself, and podman.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from ocikit._records import record
from ocikit.daemon.faults import (
    EngineHostInvalid,
    EngineImageMissing,
    EngineRefused,
    EngineUnreachable,
)
from ocikit.files.copy import Sink

if TYPE_CHECKING:
    from http.client import HTTPConnection, HTTPResponse

#: Where Docker listens unless told otherwise.
DEFAULT_HOST: Final = "unix:///var/run/docker.sock"
#: Seconds that an engine may stay silent; loading a large image takes it a while.
_PATIENCE: Final = 600.0
_MAX_ANSWER: Final = 16 << 20


@record
class Engine:
    """
    Where an engine listens, as `DOCKER_HOST` says it.

    Raises:
        EngineHostInvalid: that is neither `unix:///PATH` nor `tcp://HOST:PORT`.

    >>> Engine("unix:///run/podman/podman.sock").address
    '/run/podman/podman.sock'
    """

    host: str = DEFAULT_HOST

    def __attrs_post_init__(self) -> None:
        parts = urlsplit(self.host)
        usable = parts.path if parts.scheme == "unix" else parts.hostname
        if parts.scheme not in ("unix", "tcp", "http") or not usable:
            raise EngineHostInvalid(host=self.host)

    @property
    def address(self) -> str:
        """
        The path of the socket, or HOST:PORT.
        """
        parts = urlsplit(self.host)
        return parts.path if parts.scheme == "unix" else f"{parts.hostname}:{parts.port or 2375}"


def _connection(engine: Engine) -> HTTPConnection:
    # Here because sockets take milliseconds to import, and most commands need no engine.
    from http.client import HTTPConnection

    if not engine.host.startswith("unix:"):
        return HTTPConnection(engine.address, timeout=_PATIENCE)
    import socket

    def connect() -> None:
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.settimeout(_PATIENCE)
        connection.sock.connect(engine.address)

    connection = HTTPConnection("localhost", timeout=_PATIENCE)
    # The one thing that differs: the rest of HTTP is the same over either socket.
    vars(connection)["connect"] = connect
    return connection


@contextmanager
def call(
    engine: Engine,
    method: str,
    path: str,
    *,
    doing: str,
    image: str = "",
    size: int | None = None,
    write: Callable[[Sink], None] | None = None,
) -> Generator[HTTPResponse]:
    """
    Ask an engine, and give its answer when that is a yes.

    Args:
        engine: whom to ask.
        method: the HTTP method.
        path: the target, escaped, without a version: each engine speaks its newest.
        doing: what is being done, for the error.
        image: the image that is asked for, when a 404 means that it is not there.
        size: how many bytes `write` will write.
        write: writes the body of the request.

    Raises:
        EngineUnreachable: nobody answers.
        EngineImageMissing, EngineRefused: the answer is no.
    """
    from http.client import HTTPException

    connection = _connection(engine)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        if size is not None:
            connection.putheader("Content-Type", "application/x-tar")
        connection.putheader("Content-Length", str(size or 0))
        connection.endheaders()
        if write is not None:
            # An engine that refuses may not listen to the end; its answer says why.
            with suppress(BrokenPipeError, ConnectionResetError):
                write(_Body(connection))
        response = connection.getresponse()
        if response.status >= 400:
            raise _told(engine, response, doing, image)
        yield response
    except (OSError, HTTPException) as error:
        raise EngineUnreachable(host=engine.host, reason=str(error) or repr(error)) from error
    finally:
        connection.close()


@record
class _Body:
    connection: HTTPConnection

    def write(self, data: memoryview, /) -> int | None:
        """
        Send a part of the body.
        """
        self.connection.send(data)
        return None


def _told(
    engine: Engine, response: HTTPResponse, doing: str, image: str
) -> EngineImageMissing | EngineRefused:
    if response.status == 404 and image:
        return EngineImageMissing(image=image, host=engine.host)
    text = response.read(1 << 16).decode("utf-8", "replace")
    try:
        message = str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        message = text.strip() or response.reason
    return EngineRefused(doing=doing, message=message, status=response.status)


def ask(engine: Engine, method: str, path: str, *, doing: str, image: str = "") -> Any:
    """
    Ask an engine for JSON; None when it answers without a body.

    Raises:
        EngineUnreachable: nobody answers.
        EngineImageMissing, EngineRefused: the answer is no.
    """
    with call(engine, method, path, doing=doing, image=image) as response:
        text = response.read(_MAX_ANSWER)
    return json.loads(text) if text.strip() else None


def escaped(name: str) -> str:
    """
    Escape an image's name as one part of a target.
    """
    return quote(name, safe="")
