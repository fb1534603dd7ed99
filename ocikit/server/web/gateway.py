"""
What the gateways of web servers (WSGI, ASGI) have in common: targets, lengths, bodies.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import quote, unquote_to_bytes

from ocikit.content.streams import CHUNK
from ocikit.files.opener import FileWindow
from ocikit.http.message import Request, Response, Send
from ocikit.server.answers import RequestRefused
from ocikit.server.web.body import RequestBody
from ocikit.server.web.guard import answer
from ocikit.server.web.wire import BodyBroken

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer

Answered: TypeAlias = tuple[Response, BaseException | None]

#: What is left of a body that nobody wanted is read up to this many bytes.
_MOST_DRAINED: Final = 64 << 20
#: What stays as it is in a path; `%` does not, for what was decoded once may hold one.
_SAFE: Final = "/:@!$&'()*+,;=~-._"


def target_of(raw: bytes, decoded: bytes, root: bytes, query: str) -> str:
    """
    Give the target of a request: as it came, where that is known, or encoded anew.

    `decoded` is the path below `root`. What came is taken only when it is the same path:
    nobody is to read another than the one that the server has let in.

    >>> target_of(b"/v2/a%2Fb/tags/list", b"/v2/a/b/tags/list", b"", "n=1")
    '/v2/a%2Fb/tags/list?n=1'
    >>> target_of(b"", b"/v2/a b", b"", "")
    '/v2/a%20b'
    """
    path = raw.partition(b"?")[0]
    same = not root and path.startswith(b"/") and unquote_to_bytes(path) == decoded
    text = path.decode("latin-1") if same else quote(decoded, safe=_SAFE)
    return f"{text or '/'}?{query}" if query else text or "/"


def length_of(length: str, *, chunked: bool) -> int | None:
    """
    Read how long a body is; None when that is not known before its end.

    Raises:
        RequestRefused: it is said twice, or not in a number.
    """
    if chunked and length:
        raise _bad("Transfer-Encoding beside Content-Length")
    if not length:
        return None if chunked else 0
    if not (length.isascii() and length.isdigit() and len(length) < 20):
        raise _bad("Content-Length is not one number")
    return int(length)


def _bad(message: str) -> RequestRefused:
    return RequestRefused(status=400, code="UNSUPPORTED", message=message)


class GatewayBody(RequestBody):
    """
    The body of a request, read piece by piece with a function of the server's.

    Args:
        read: gives up to so many bytes; none at the end.
        length: how many there have to be; None when nobody said.
    """

    def __init__(self, read: Callable[[int], bytes], length: int | None) -> None:
        super().__init__(length)
        self._read, self._left = read, length

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if self._ended or not len(view):
            return 0
        most = len(view) if self._left is None else min(len(view), self._left)
        piece = self._read(most)
        view[: len(piece)] = piece
        self._took(len(piece))
        return len(piece)

    def _took(self, count: int) -> None:
        self.seen += count
        if self._left is not None:
            if not count:
                raise BodyBroken(f"the client went away after {self.seen} bytes")
            self._left -= count
        self._ended = not count or self._left == 0


def answer_whole(handler: Send, request: Request, body: GatewayBody) -> Answered:
    """
    Call a handler; what is left of a body that it refuses is read, up to a bound.

    Else many a server would break the connection, and the client see that instead of
    the response. One that waits to be asked for its body is not asked.
    """
    response, failure = answer(handler, request)
    if response.status >= 400 and failure is None and "Expect" not in request.headers:
        left, buffer = _MOST_DRAINED, bytearray(CHUNK)
        with suppress(OSError):
            while left > 0 and (count := body.readinto(buffer)):
                left -= count
    return response, failure


def file_of(response: Response) -> FileWindow | None:
    """
    Give the file that the whole body of a response lies in, if it does.
    """
    body, length = response.body, response.headers.get("Content-Length")
    if isinstance(body, FileWindow) and body.tell() == 0 and length == str(body.size):
        return body
    return None
