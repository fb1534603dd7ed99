"""
The network as a `Send`: the only place that knows urllib3, TLS and the clock.

Bodies are read by `readinto` from the response that lies under urllib3's, straight
into the caller's buffer, and sent in large pieces from one reused buffer: large
transfers cost a few Python calls for each MiB. urllib3 follows no redirect, retries
nothing and decodes nothing here; middlewares do what is to be done.
"""

from __future__ import annotations

import functools
import http.client
import io
import random
import ssl
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ocikit.content.streams import CHUNK, BytesOpener
from ocikit.errors import OciError
from ocikit.http.message import Body, Headers, Request, Response, Send
from ocikit.registry.clock import Clock
from ocikit.registry.faults import (
    BodyTruncated,
    CertificateUntrusted,
    ConnectionBroken,
    ConnectionFailed,
    SourceLengthWrong,
    TimedOut,
    TLSFailed,
)
from ocikit.registry.settings import DEFAULTS, Settings

if TYPE_CHECKING:
    import urllib3

#: The clock of the machine. Chance spreads the retries of many clients: no secret.
CLOCK: Final = Clock(now=time.time, sleep=time.sleep, random=random.Random())  # noqa: S311

#: What is left of a body is read to save its connection, up to this many bytes.
_WORTH_DRAINING: Final = 64 << 10
#: What is sent at once, so that a slow line makes progress within the idle timeout.
_PIECE: Final = 256 << 10


def network(settings: Settings = DEFAULTS, *, insecure: bool = False, connections: int = 8) -> Send:
    """
    Make a `Send` that speaks HTTP/1.1 over pooled connections; threads may share it.

    Args:
        settings: timeouts, proxies, further certificates.
        insecure: whether servers need no trusted certificate.
        connections: how many are kept open to each host.

    The function raises, for any request, `ConnectionFailed`, `ConnectionBroken`,
    `TimedOut`, `TLSFailed` or `CertificateUntrusted`; bodies also raise `BodyTruncated`.
    """
    trust = functools.cache(lambda: _trust(settings.ca_file, insecure))

    @functools.cache
    def pools(proxy: str | None) -> urllib3.PoolManager:
        return _pools(settings, connections, trust(), proxy)

    def send(request: Request) -> Response:
        pool = pools(settings.proxies.choose(request.url))
        return _send(pool, request, settings)

    return send


def _trust(ca_file: str, insecure: bool) -> ssl.SSLContext:
    if insecure:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


def _pools(
    settings: Settings, connections: int, trust: ssl.SSLContext, proxy: str | None
) -> urllib3.PoolManager:
    import urllib3
    from urllib3.util import parse_url

    options: dict[str, Any] = {
        "num_pools": 32,
        "maxsize": connections,
        "blocksize": CHUNK,
        "ssl_context": trust,
        "retries": False,
    }
    if proxy is None:
        pools = urllib3.PoolManager(**options)
    else:
        user = parse_url(proxy).auth
        headers = urllib3.make_headers(proxy_basic_auth=user) if user else None
        pools = urllib3.ProxyManager(proxy, proxy_headers=headers, **options)
    if trust.verify_mode is ssl.CERT_NONE:
        pools.pool_classes_by_scheme = {**pools.pool_classes_by_scheme, "https": _quiet_pool()}
    return pools


@functools.cache
def _quiet_pool() -> type[urllib3.HTTPSConnectionPool]:
    import urllib3

    class Quiet(urllib3.HTTPSConnectionPool):
        """
        A pool that does not warn of what was asked for.
        """

        def _validate_conn(self, conn: Any) -> None:
            if conn.is_closed:
                conn.connect()

    return Quiet


def _send(pool: urllib3.PoolManager, request: Request, settings: Settings) -> Response:
    import urllib3

    headers, body, chunked = _framed(request)
    patience = settings.idle_timeout
    # While a body is sent, urllib3 goes by the timeout for connecting.
    connect = settings.connect_timeout if body is None else max(patience, settings.connect_timeout)
    try:
        answer = pool.urlopen(
            request.method,
            request.url,
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
        raise _told(error, request.url, settings) from error
    received = Received(answer, request.url, patience)
    return Response(
        status=answer.status, headers=Headers(tuple(answer.headers.items())), body=received
    )


def _framed(request: Request) -> tuple[Any, Any, bool]:
    from urllib3._collections import HTTPHeaderDict

    headers = HTTPHeaderDict()
    for name, value in request.headers:
        headers.add(name, value)
    headers.setdefault("Accept-Encoding", "identity")
    body = request.body
    if body.length == 0:
        return headers, None, False
    if body.length is None:
        return headers, _pieces(body, request.url), True
    headers["Content-Length"] = str(body.length)
    opener = body.opener
    if isinstance(opener, BytesOpener) and len(opener.data) == body.length <= _PIECE:
        return headers, opener.data, False
    return headers, _pieces(body, request.url), False


class _SourceFailed(Exception):
    """
    Carries a failure to read what is sent past whatever takes it for the network's.
    """

    def __init__(self, error: Exception) -> None:
        self.error = error


def _pieces(body: Body, url: str) -> Iterator[memoryview]:
    expected = body.length
    buffer = memoryview(bytearray(CHUNK if expected is None else min(CHUNK, expected)))
    sent = 0
    try:
        with body.opener.open() as stream:
            while count := stream.readinto(buffer):
                sent += count
                if expected is not None and sent > expected:
                    break
                for start in range(0, count, _PIECE):
                    yield buffer[start : min(start + _PIECE, count)]
    except Exception as error:
        raise _SourceFailed(error) from error
    if expected is not None and sent != expected:
        raise _SourceFailed(SourceLengthWrong(url=url, expected=expected, actual=sent))


def _told(error: Exception, url: str, settings: Settings) -> OciError:
    """
    Say in our own words what urllib3, http.client or the system said.
    """
    from urllib3 import exceptions as foreign

    inner = _innermost(error)
    if isinstance(error, foreign.NewConnectionError | foreign.ProxyError):
        return ConnectionFailed(url=url, reason=_reason(inner))
    # The handshake is part of connecting, but urllib3 takes its silence for an answer's.
    if isinstance(error, foreign.ConnectTimeoutError) or _is_handshake(inner):
        return TimedOut(url=url, seconds=settings.connect_timeout)
    if isinstance(error, foreign.TimeoutError | TimeoutError):
        return TimedOut(url=url, seconds=settings.idle_timeout)
    return _broken(inner, url, settings.idle_timeout)


def _broken(error: BaseException, url: str, patience: float) -> OciError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateUntrusted(url=url, reason=error.verify_message or _reason(error))
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return ConnectionBroken(url=url, reason="closed within TLS")
    if isinstance(error, ssl.SSLError):
        return TLSFailed(url=url, reason=(error.reason or _reason(error)).replace("_", " ").lower())
    if isinstance(error, TimeoutError):
        return TimedOut(url=url, seconds=patience)
    return ConnectionBroken(url=url, reason=_reason(error))


def _is_handshake(error: BaseException) -> bool:
    return isinstance(error, TimeoutError) and "handshake" in str(error)


def _innermost(error: BaseException) -> BaseException:
    # urllib3 wraps in arguments, in __cause__, or in both.
    while True:
        wrapped = next((arg for arg in error.args if isinstance(arg, Exception)), error.__cause__)
        if wrapped is None:
            return error
        error = wrapped


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    if isinstance(error, http.client.BadStatusLine):
        closed = isinstance(error, http.client.RemoteDisconnected)
        return "closed without an answer" if closed else "the answer is not HTTP"
    return type(error).__name__


class Received(io.BufferedIOBase):
    """
    The body of a response; at its end, or when closed, the connection is given back.
    """

    def __init__(self, response: urllib3.BaseHTTPResponse, url: str, patience: float) -> None:
        self._response = response
        # The response under urllib3's reads into a given buffer, without a copy.
        self._raw: http.client.HTTPResponse = response._fp  # type: ignore[attr-defined]
        self._url = url
        self._patience = patience
        self._count = 0
        if self._raw.length == 0:
            self._raw.close()
            self._settle()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        if self.closed:
            raise ValueError("read of a closed body")
        view = memoryview(buffer).cast("B")
        if not len(view) or self._raw.isclosed():
            return 0
        try:
            count = self._raw.readinto(view)
        except (OSError, http.client.HTTPException) as error:
            self._response.close()
            raise _broken(error, self._url, self._patience) from error
        self._count += count
        if not count:
            self._end()
        self._settle()
        return count

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(CHUNK), b""))
        buffer = bytearray(size)
        count = self.readinto(buffer)
        return bytes(memoryview(buffer)[:count])

    def read1(self, size: int = -1, /) -> bytes:
        return self.read(CHUNK if size < 0 else size)

    def close(self) -> None:
        if self.closed:
            return
        left = self._raw.length
        if not self._raw.isclosed() and left is not None and left <= _WORTH_DRAINING:
            self._drain()
        if not self._raw.isclosed():
            self._response.close()
        self._settle()
        super().close()

    def _drain(self) -> None:
        try:
            while self.readinto(bytearray(_WORTH_DRAINING)):
                pass
        except OciError:
            self._response.close()

    def _end(self) -> None:
        # http.client takes an early end for the end.
        left = self._raw.length
        if left:
            self._response.close()
            expected = self._count + left
            raise BodyTruncated(url=self._url, received=self._count, expected=expected)

    def _settle(self) -> None:
        if self._raw.isclosed():
            self._response.release_conn()
