"""
The network as a `Send`: requests to connections, and the clock of the machine.

Bodies are sent in large pieces from one reused buffer. urllib3 follows no redirect,
retries nothing and decodes nothing here; middlewares do what is to be done.
"""

from __future__ import annotations

import functools
import http.client
import random
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ocikit._unlogged import unlogged
from ocikit.content.streams import CHUNK, BytesOpener
from ocikit.http.message import Body, Headers, Request, Response, Send
from ocikit.registry.causes import told
from ocikit.registry.clock import Clock
from ocikit.registry.faults import SourceLengthWrong
from ocikit.registry.logs import URLLIB3, debugged
from ocikit.registry.pace import Crept, Pace
from ocikit.registry.settings import DEFAULTS, Settings

if TYPE_CHECKING:
    from ocikit.registry.lines import Lines, Resolve

#: The clock of the machine. Chance spreads the retries of many clients: no secret.
CLOCK: Final = Clock(now=time.time, sleep=time.sleep, random=random.Random())  # noqa: S311

#: What is sent at once, so that a slow line makes progress within the idle timeout.
_PIECE: Final = 256 << 10


def network(
    settings: Settings = DEFAULTS,
    *,
    insecure: bool = False,
    connections: int = 8,
    resolve: Resolve | None = None,
) -> Send:
    """
    Make a `Send` that speaks HTTP/1.1 over pooled connections; threads may share it.

    Args:
        settings: timeouts, proxies, certificates; without proxies there are none.
        insecure: whether servers need no trusted certificate.
        connections: how many are kept open to each host.
        resolve: gives the addresses of a host; the system does when None.

    The function raises, for any request, `ConnectionFailed`, `ConnectionBroken`,
    `TimedOut`, `TooSlow`, `TLSFailed`, `CertificateUntrusted`, `HeadTooLarge` or
    `PlaceForbidden`; bodies also raise `BodyTruncated`. Settings that cannot be gone by
    raise `CertificateInvalid` or `ProxyUnsupported`.
    """

    @functools.cache
    def lines() -> Lines:
        from ocikit.registry.lines import Lines
        from ocikit.registry.lines import resolve as of_system

        return Lines(
            settings,
            time.monotonic,
            resolve or of_system,
            insecure=insecure,
            connections=connections,
        )

    making = threading.Lock()

    def send(request: Request) -> Response:
        with making:
            known = lines()
        return _send(known, request, settings)

    return debugged(send, time.monotonic)


def _send(lines: Lines, request: Request, settings: Settings) -> Response:
    import urllib3

    from ocikit.registry.lines import target_of
    from ocikit.registry.received import Received

    headers, body, chunked = _framed(request, settings)
    patience = settings.idle_timeout
    # While a body is sent, urllib3 goes by the timeout for connecting.
    connect = settings.connect_timeout if body is None else max(patience, settings.connect_timeout)
    pool = lines.pool(request)
    try:
        with unlogged(*URLLIB3):
            answer = pool.urlopen(
                request.method,
                target_of(request.url, pool),
                body=body,
                headers=headers,
                chunked=chunked,
                timeout=urllib3.Timeout(connect=connect, read=patience),
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=False,
            )
    except _SourceFailed as failed:
        raise failed.error from None
    except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
        raise told(error, request.url, settings) from error
    received = Received(answer, request.url, patience)
    # The view that `items` gives goes through all of them once more, to know how many.
    fields = tuple(answer.headers.iteritems())
    return Response(status=answer.status, headers=Headers(fields), body=received)


def _framed(request: Request, settings: Settings) -> tuple[Any, Any, bool]:
    headers, body = request.headers, request.body
    if "Accept-Encoding" not in headers:
        headers = headers.with_("Accept-Encoding", "identity")
    if body.length == 0:
        return _fields(headers), None, False
    if body.length is None:
        return _fields(headers), _pieces(body, request.url, settings), True
    fields = _fields(headers.with_("Content-Length", str(body.length)))
    opener = body.opener
    if isinstance(opener, BytesOpener) and len(opener.data) == body.length <= _PIECE:
        return fields, opener.data, False
    return fields, _pieces(body, request.url, settings), False


def _fields(headers: Headers) -> Any:
    """
    Give header fields as urllib3 takes them: as a dict, which is the quickest, if it can.
    """
    fields: dict[str, str] = dict(headers)
    if len({name.lower() for name in fields}) == len(headers.pairs):
        return fields
    from urllib3 import HTTPHeaderDict

    several = HTTPHeaderDict()
    for name, value in headers:
        several.add(name, value)
    return several


class _SourceFailed(Exception):
    """
    Carries a failure to read what is sent past whatever takes it for the network's.
    """

    def __init__(self, error: Exception) -> None:
        self.error = error


def _pieces(body: Body, url: str, settings: Settings) -> Iterator[memoryview]:
    expected = body.length
    buffer = memoryview(bytearray(CHUNK if expected is None else min(CHUNK, expected)))
    pace = Pace(settings.least_speed, settings.idle_timeout)
    sent = 0
    try:
        with body.opener.open() as stream:
            while count := stream.readinto(buffer):
                sent += count
                if expected is not None and sent > expected:
                    break
                for start in range(0, count, _PIECE):
                    end = min(start + _PIECE, count)
                    since = time.monotonic()
                    yield buffer[start:end]
                    pace.add(end - start, time.monotonic() - since)
    except Crept:
        # The network's, not the source's.
        raise
    except Exception as error:
        raise _SourceFailed(error) from error
    if expected is not None and sent != expected:
        raise _SourceFailed(SourceLengthWrong(url=url, expected=expected, actual=sent))
