"""
What every server does around a handler: failures become responses, and are kept for the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Final, TypeAlias

import attrs

from ocikit._records import record
from ocikit.http.message import Request, Response, Send
from ocikit.server.answers import RequestRefused, refuse
from ocikit.server.web.wire import BodyBroken

_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}


@record(kw_only=True)
class Exchange:
    """
    One request and its response, for a log.
    """

    peer: str
    method: str
    target: str
    #: 0 when there was none.
    status: int
    #: Bytes of the bodies.
    received: int
    sent: int
    seconds: float
    #: What went wrong on our side, or on the way.
    failure: BaseException | None = attrs.field(default=None, eq=False)


Log: TypeAlias = Callable[[Exchange], None]


def quiet(exchange: Exchange) -> None:
    """
    Log nothing.
    """


def answer(handler: Send, request: Request) -> tuple[Response, BaseException | None]:
    """
    Call a handler, and give its response, and what failed if anything did.
    """
    try:
        return handler(request), None
    except RequestRefused as refusal:
        return refuse(refusal), None
    except TimeoutError as error:
        return _refusal(408, "UNSUPPORTED", "the body of the request came too slowly"), error
    except BodyBroken as error:
        return _refusal(400, "BLOB_UPLOAD_INVALID", "the body of the request broke off"), error
    except Exception as error:
        # What went wrong is for the log: it is not the client's business.
        return _refusal(500, "UNKNOWN", "the server failed"), error


def _refusal(status: int, code: str, message: str) -> Response:
    return refuse(RequestRefused(status=status, code=code, message=message))


def phrase(status: int) -> str:
    """
    Give the words that stand beside a status.
    """
    return _PHRASES.get(status, "")


def safe_headers(response: Response) -> Iterator[tuple[str, str]]:
    """
    Go through the headers of a response.

    Raises:
        ValueError: a line break would let what we were given write headers of its own.
    """
    for name, value in response.headers:
        if "\r" in (text := name + value) or "\n" in text or "\0" in text:
            raise ValueError(f"the header {name!r} has a line break in it")
        yield name, value
