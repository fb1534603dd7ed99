"""
Requests to an engine, in the version of its API that both sides know.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from ocikit._records import record
from ocikit._regex import regex
from ocikit.daemon.engine import Engine
from ocikit.daemon.faults import (
    EngineImageMissing,
    EngineRefused,
    EngineTooOld,
    EngineUnreachable,
)
from ocikit.files.copy import Sink

if TYPE_CHECKING:
    from http.client import HTTPConnection, HTTPResponse

#: The newest version of the API that was tried, and the oldest that has what is used.
NEWEST: Final = (1, 52)
OLDEST: Final = (1, 24)
_MAX_ANSWER: Final = 16 << 20
_VERSION = regex(r"([0-9]{1,3})\.([0-9]{1,3})")


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
        path: the target, escaped, without a version.
        doing: what is being done, for the error.
        image: the image that is asked for, when a 404 means that it is not there.
        size: how many bytes `write` will write.
        write: writes the body of the request.

    Raises:
        EngineUnreachable: nobody answers.
        EngineTooOld: it does not know a version of the API that we know.
        EngineImageMissing, EngineRefused: the answer is no.
    """
    # Here because sockets take milliseconds to import, and most commands need no engine.
    from http.client import HTTPException

    from ocikit.daemon.dial import connection_to, hang_up

    try:
        connection = connection_to(engine)
    except OSError as error:
        raise EngineUnreachable(host=engine.host, reason=str(error)) from error
    try:
        version = _negotiated(engine, connection)
        _send(connection, method, f"/v{version}{path}", size, write)
        response = connection.getresponse()
        if response.status >= 400:
            raise _told(engine, response, doing, image)
        yield response
    except (OSError, HTTPException) as error:
        reason = hang_up(connection) or str(error) or repr(error)
        raise EngineUnreachable(host=engine.host, reason=reason) from error
    finally:
        hang_up(connection)


def _negotiated(engine: Engine, connection: HTTPConnection) -> str:
    """
    Choose the version of the API; it costs a question over the same connection.
    """
    connection.request("GET", "/_ping")
    response = connection.getresponse()
    response.read(_MAX_ANSWER)
    # What was before versions were told knows the oldest.
    found = _VERSION.match(response.headers.get("Api-Version", ""))
    theirs = (int(found[1]), int(found[2])) if found else OLDEST
    if theirs < OLDEST:
        raise EngineTooOld(host=engine.host, version=f"{theirs[0]}.{theirs[1]}")
    major, minor = min(theirs, NEWEST)
    return f"{major}.{minor}"


def _send(
    connection: HTTPConnection,
    method: str,
    target: str,
    size: int | None,
    write: Callable[[Sink], None] | None,
) -> None:
    connection.putrequest(method, target, skip_accept_encoding=True)
    if size is not None:
        connection.putheader("Content-Type", "application/x-tar")
    connection.putheader("Content-Length", str(size or 0))
    connection.endheaders()
    if write is not None:
        # An engine that refuses may not listen to the end; its answer says why.
        with suppress(BrokenPipeError, ConnectionResetError):
            write(_Body(connection))


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
