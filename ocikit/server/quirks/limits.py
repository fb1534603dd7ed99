"""
How often a registry answers, and how it says that this was too often.
"""

from __future__ import annotations

import itertools
import threading
from typing import Final

from ocikit._records import record
from ocikit.content.streams import BytesOpener
from ocikit.http.message import Headers, Request, Response, Send
from ocikit.server.quirks.answers import route_of

_PAGE: Final = b"<html><body><h1>429 Too Many Requests</h1></body></html>\n"


@record(kw_only=True)
class ReadsLimited:
    """
    Every so many reads of manifests one is refused, with a page for people; HEAD is free.
    """

    every: int = 20
    #: Seconds that the client is asked to wait.
    wait: int = 1

    def __call__(self, send: Send) -> Send:
        """
        Count what a handler is asked.
        """
        numbers, lock = itertools.count(1), threading.Lock()

        def answered(request: Request) -> Response:
            if request.method != "GET" or route_of(request).kind != "manifest":
                return send(request)
            with lock:
                number = next(numbers)
            return send(request) if number % self.every else _too_many(self.wait)

        return answered


def _too_many(wait: int) -> Response:
    headers = {
        "Content-Type": "text/html",
        "Content-Length": str(len(_PAGE)),
        "Retry-After": str(wait),
    }
    return Response(status=429, headers=Headers(headers), body=BytesOpener(_PAGE).open())
