"""
What goes wrong between a client and a registry, one thing each.

A mishap is a record that makes a handler of a handler, as quirks are; `faults` says which
requests it befalls. A line that breaks is raised, in one process, and breaks, on a socket.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Literal
from urllib.parse import urlsplit

import attrs

from ocikit._records import evolve, record
from ocikit.digest import Digest
from ocikit.http.answers import length_of
from ocikit.http.message import Body, Headers, Request, Response, Send
from ocikit.server.faults.watched import Breaking, Flipping, LineBroken, Watched, WatchedOpener
from ocikit.server.quirks.answers import refusal, route_of
from ocikit.server.quirks.elsewhere import Signer, redirect

#: Which side of an exchange something befalls.
Side = Literal["request", "response"]

_READS: Final = frozenset({"GET", "HEAD"})


@record(kw_only=True)
class Status:
    """
    Another status is answered, before anything is done or after it.

    >>> from ocikit.server.handler import registry
    >>> busy = Status(status=429, headers=(("Retry-After", "1"),))(registry())
    >>> busy(Request(method="GET", url="http://localhost/v2/")).headers.get("Retry-After")
    '1'
    """

    status: int = 503
    headers: tuple[tuple[str, str], ...] = ()
    #: Whether what was asked is done all the same.
    done: bool = False

    def __call__(self, send: Send) -> Send:
        """
        Answer so.
        """

        def answered(request: Request) -> Response:
            if self.done:
                send(request).body.close()
            headers = Headers((*self.headers, ("Content-Length", "0")))
            return Response(status=self.status, headers=headers)

        return answered


@record(kw_only=True)
class Latency:
    """
    A request takes longer.
    """

    seconds: float = 1.0
    sleep: Callable[[float], None] = attrs.field(default=time.sleep, eq=False, repr=False)

    def __call__(self, send: Send) -> Send:
        """
        Wait first.
        """

        def answered(request: Request) -> Response:
            self.sleep(self.seconds)
            return send(request)

        return answered


@record(kw_only=True)
class Drop:
    """
    The line breaks after so many bytes of a body.

    Of a request these arrive, and no answer comes, even if that was all. An answer that has
    no more bytes comes whole.
    """

    of: Side = "response"
    after: int = 0

    def __call__(self, send: Send) -> Send:
        """
        Break the line.
        """

        def answered(request: Request) -> Response:
            breaking = Breaking(self.after, LineBroken(url=request.url))
            if self.of == "response":
                response = send(request)
                return evolve(response, body=Watched(response.body, breaking))
            if self.after:
                opener = WatchedOpener(request.body.opener, breaking)
                send(evolve(request, body=evolve(request.body, opener=opener))).body.close()
            raise breaking.error

        return answered


@record(kw_only=True)
class Flip:
    """
    One bit of a body arrives wrong.
    """

    of: Side = "response"
    #: Where, from 0 for the first byte to 1 for the last.
    at: float = 0.5

    def __call__(self, send: Send) -> Send:
        """
        Change the bit.
        """

        def answered(request: Request) -> Response:
            if self.of == "request":
                opener = WatchedOpener(request.body.opener, self._change(request.body.length))
                return send(evolve(request, body=Body(opener=opener, length=request.body.length)))
            response = send(request)
            body = Watched(response.body, self._change(length_of(response.headers)))
            return evolve(response, body=body)

        return answered

    def _change(self, length: int | None) -> Flipping:
        return Flipping(min(int((length or 0) * self.at), max((length or 1) - 1, 0)))


@record(kw_only=True)
class DigestLie:
    """
    Docker-Content-Digest names something else.
    """

    said: str = str(Digest.of(b"something else"))

    def __call__(self, send: Send) -> Send:
        """
        Say so, where anything is said.
        """
        return _saying(send, "Docker-Content-Digest", self.said)


@record(kw_only=True)
class RangeLie:
    """
    Content-Range names another part than the body is.
    """

    said: str = "bytes 0-0/1"

    def __call__(self, send: Send) -> Send:
        """
        Say so, where anything is said.
        """
        return _saying(send, "Content-Range", self.said)


@record(kw_only=True)
class LinkGarbled:
    """
    The link to the next page cannot be read.
    """

    said: str = '</v2/a/tags/list?last="; rel=next'

    def __call__(self, send: Send) -> Send:
        """
        Say so, where anything is said.
        """
        return _saying(send, "Link", self.said)


@record
class TokenExpired:
    """
    The token, or password, that a request shows is good no longer.

    To a registry that wants none, nothing happens.
    """

    def __call__(self, send: Send) -> Send:
        """
        Let a handler answer as to a stranger.
        """

        def answered(request: Request) -> Response:
            return send(evolve(request, headers=request.headers.without("Authorization")))

        return answered


@record
class NoReferrers:
    """
    Referrers are not listed.
    """

    def __call__(self, send: Send) -> Send:
        """
        Answer 404 to who asks for them.
        """

        def answered(request: Request) -> Response:
            if route_of(request).kind != "referrers":
                return send(request)
            return refusal(404, "UNSUPPORTED", "404 page not found")

        return answered


@record(kw_only=True)
class Redirected:
    """
    What is read is elsewhere: under an address that is signed, and good for a while.
    """

    host: str = "storage.example"
    #: Seconds that the address is good for; it never is when there are none.
    lifetime: float = 600.0
    status: int = 307

    def __call__(self, send: Send) -> Send:
        """
        Send who reads there.
        """

        def answered(request: Request) -> Response:
            if request.method not in _READS:
                return send(request)
            return redirect(request, self.host, self.signer, self.status)

        return answered

    @property
    def signer(self) -> Signer:
        """
        What signs the addresses.
        """
        return Signer(lifetime=self.lifetime)


@record
class AnswerLost:
    """
    What was asked is done, and the line breaks before the answer.
    """

    def __call__(self, send: Send) -> Send:
        """
        Lose the answer.
        """

        def answered(request: Request) -> Response:
            send(request).body.close()
            raise LineBroken(url=request.url)

        return answered


@record
class UploadLost:
    """
    An upload that is under way is forgotten.
    """

    def __call__(self, send: Send) -> Send:
        """
        Forget it, and say so.
        """

        def answered(request: Request) -> Response:
            if route_of(request).kind != "upload":
                return send(request)
            headers = Headers({"Authorization": request.headers.get("Authorization")})
            url = request.url.partition("?")[0]
            send(Request(method="DELETE", url=url, headers=headers)).body.close()
            message = f"no upload {urlsplit(url).path.rpartition('/')[2]}"
            return refusal(404, "BLOB_UPLOAD_UNKNOWN", message)

        return answered


def _saying(send: Send, name: str, said: str) -> Send:
    def answered(request: Request) -> Response:
        response = send(request)
        if name not in response.headers:
            return response
        return evolve(response, headers=response.headers.with_(name, said))

    return answered
