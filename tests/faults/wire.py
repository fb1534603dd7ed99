"""
A `Send` around another, in which things go wrong: without a socket, thousands a minute.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from urllib.parse import urlsplit

import attrs

from ocikit.errors import Unreachable
from ocikit.http.message import Body, Headers, Request, Response, Send
from ocikit.registry.faults import BodyTruncated, ConnectionBroken, TimedOut
from tests.faults.plan import Fault, Schedule

FORGOTTEN = b'{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN","message":"gone"}]}'
#: Where blobs lie whose addresses are past their time, and where tokens are given out.
STORAGE = "storage.example"
REALM = "/token"


@attrs.define(eq=False)
class FaultySend:
    """
    A network that follows a schedule.
    """

    send: Send
    schedule: Schedule
    _tokens: int = 0

    def __call__(self, request: Request) -> Response:
        split = urlsplit(request.url)
        if split.hostname == STORAGE:
            return self._stored(request, split.query)
        if split.path == REALM:
            self._tokens += 1
            return answer(200, b'{"token":"%d","expires_in":300}' % self._tokens)
        fault = self.schedule.decide(request.method, f"{split.path}?{split.query}")
        return self.send(request) if fault is None else self._strike(request, fault)

    def _strike(self, request: Request, fault: Fault) -> Response:
        if fault.name in ("expired", "moved"):
            path = urlsplit(request.url).path
            signature = fault.at if fault.name == "moved" else "expired"
            return answer(307, b"", ("Location", f"https://{STORAGE}{path}?{signature}"))
        before = _BEFORE.get(fault.name)
        if before is not None:
            return before(request)
        if fault.name == "forgotten":
            self.send(Request(method="DELETE", url=request.url.partition("?")[0])).body.close()
            return answer(404, FORGOTTEN)
        if fault.name == "flip upload":
            data = flipped(_all(request.body), fault.at)
            return self.send(attrs.evolve(request, body=_body(data)))
        if fault.name == "reset upload":
            return self._break_off(request, fault.at)
        return _AFTER[fault.name](request, self.send(request), fault.at)

    def _stored(self, request: Request, signature: str) -> Response:
        if signature == "expired":
            return answer(403, b"<Error><Code>AccessDenied</Code></Error>")
        path = request.url.partition(STORAGE)[2].partition("?")[0]
        response = self.send(attrs.evolve(request, url=f"https://r.io{path}"))
        at = float(signature)
        return _AFTER["reset body"](request, response, at) if at < 0.25 else response

    def _break_off(self, request: Request, at: float) -> Response:
        data = _all(request.body)
        if request.method == "PATCH":
            # What came is kept, as some registries do.
            part = data[: int(len(data) * at)]
            headers = request.headers.without("Content-Range")
            self.send(attrs.evolve(request, body=_body(part), headers=headers)).body.close()
        raise broken(request)


def _challenge(request: Request) -> Response:
    split = urlsplit(request.url)
    realm = f"{split.scheme}://{split.netloc}{REALM}"
    return answer(401, b"", ("WWW-Authenticate", f'Bearer realm="{realm}",service="r"'))


def broken(request: Request) -> ConnectionBroken:
    """
    What a reset is told as.
    """
    return ConnectionBroken(url=request.url, reason="reset by peer")


def answer(status: int, body: bytes = b"", *headers: tuple[str, str]) -> Response:
    """
    Make a response.
    """
    pairs = (*headers, ("Content-Length", str(len(body))))
    return Response(status=status, headers=Headers(pairs), body=io.BytesIO(body))


def flipped(data: bytes, at: float) -> bytes:
    """
    Give bytes with one bit changed.
    """
    place = min(int(len(data) * at), len(data) - 1)
    return data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :] if data else data


def _all(body: Body) -> bytes:
    with body.opener.open() as stream:
        return stream.read()


def _body(data: bytes) -> Body:
    return Body(opener=_Bytes(data), length=len(data))


@attrs.frozen
class _Bytes:
    data: bytes

    def open(self) -> io.BytesIO:
        return io.BytesIO(self.data)


class _Ending(io.BytesIO):
    """
    A body that ends in an error.
    """

    def __init__(self, data: bytes, error: Unreachable) -> None:
        super().__init__(data)
        self._error = error

    def readinto(self, buffer: object, /) -> int:
        count = super().readinto(buffer)  # type: ignore[arg-type]
        if not count and len(memoryview(buffer)):  # type: ignore[arg-type]
            raise self._error
        return count

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if not data and size:
            raise self._error
        return data


def _raising(make: Callable[[Request], Exception]) -> Callable[[Request], Response]:
    def strike(request: Request) -> Response:
        raise make(request)

    return strike


def _silent(request: Request) -> TimedOut:
    return TimedOut(url=request.url, seconds=60)


#: What happens before the other side hears of a request.
_BEFORE: dict[str, Callable[[Request], Response]] = {
    "reset": _raising(broken),
    "stall": _raising(_silent),
    "500": lambda request: answer(500, b"oops"),
    "502": lambda request: answer(502, b"<html>"),
    "503": lambda request: answer(503),
    "429": lambda request: answer(429, b"", ("Retry-After", "1")),
    "416": lambda request: answer(416),
    "405": lambda request: answer(405),
    "token": lambda request: _challenge(request),
}
After = Callable[[Request, Response, float], Response]


def _then(make: Callable[[Request, bytes, int], Exception]) -> After:
    """
    Let a body come to a place, and then the error.
    """

    def strike(request: Request, response: Response, at: float) -> Response:
        data = response.body.read()
        place = int(len(data) * at)
        body = _Ending(data[:place], make(request, data, place))  # type: ignore[arg-type]
        return attrs.evolve(response, body=body)

    return strike


def _lost(request: Request, response: Response, at: float) -> Response:
    response.body.close()
    raise broken(request)


def _failed(request: Request, response: Response, at: float) -> Response:
    response.body.close()
    return answer(500)


def _other(change: Callable[[bytes, float], bytes], *, told: bool = True) -> After:
    """
    Change a body; its length is said anew, or not at all.
    """

    def strike(request: Request, response: Response, at: float) -> Response:
        data = change(response.body.read(), at)
        headers = response.headers.without("Content-Length")
        if told:
            headers = headers.with_("Content-Length", str(len(data)))
        return attrs.evolve(response, headers=headers, body=io.BytesIO(data))

    return strike


def _bare(request: Request, response: Response, at: float) -> Response:
    headers = response.headers.without("Content-Type", "Docker-Content-Digest")
    return attrs.evolve(response, headers=headers)


def cut(data: bytes, at: float) -> bytes:
    """
    Give the beginning of bytes, less one at least.
    """
    return data[: min(int(len(data) * at), len(data) - 1)] if data else data


#: What happens when the other side has answered.
_AFTER: dict[str, After] = {
    "lost": _lost,
    "500 after": _failed,
    "reset body": _then(lambda request, data, place: broken(request)),
    "stall body": _then(lambda request, data, place: _silent(request)),
    "end body": _then(
        lambda request, data, place: BodyTruncated(
            url=request.url, received=place, expected=len(data)
        )
    ),
    "cut": _other(cut),
    "cut, no length": _other(cut, told=False),
    "stray": _other(lambda data, at: data + bytes(100)),
    "flip": _other(flipped),
    "bare": _bare,
}
