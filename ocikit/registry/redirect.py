"""
Redirects, followed by hand: whom a request was meant for decides what goes along.
"""

from __future__ import annotations

from typing import Final

import attrs

from ocikit._records import evolve
from ocikit.errors import Unreachable
from ocikit.http.answers import upload_location
from ocikit.http.message import Headers, Request, Response, Send
from ocikit.http.origin import same_origin
from ocikit.http.redact import redact_url

#: How often a request is sent on before it is taken to go in circles.
MAX_HOPS: Final = 10

_ELSEWHERE: Final = frozenset({301, 302, 303, 307, 308})
_READS: Final = frozenset({"GET", "HEAD"})
#: What a stranger is told; all else, credentials and custom fields, stays behind.
_HARMLESS: Final = frozenset({"accept", "accept-encoding", "range", "if-range", "user-agent"})


@attrs.frozen(kw_only=True)
class RedirectedTooOften(Unreachable):
    """
    A request was sent from place to place without an end.
    """

    url: str = attrs.field(converter=redact_url)
    limit: int

    def __str__(self) -> str:
        return f"{self.url}: redirected more than {self.limit} times"


def redirected(inside: Send, outside: Send) -> Send:
    """
    Follow redirects of reads; those of writes are handed back as they are.

    Args:
        inside: sends what stays at the origin that was asked for, with its credentials.
        outside: sends what left it, for the rest of the way, even back to it.

    The function raises `RedirectedTooOften`, and `LocationInvalid` when a redirect leads
    nowhere or from HTTPS to plain HTTP (reliability rules for CVE-2018-18074 and kin).
    """

    def follow(request: Request) -> Response:
        response = inside(request)
        left = False
        for _ in range(MAX_HOPS):
            if response.status not in _ELSEWHERE or request.method not in _READS:
                return response
            response.body.close()
            target = upload_location(request, response)
            left = left or not same_origin(request.url, target)
            headers = _harmless(request.headers) if left else request.headers
            request = evolve(request, url=target, headers=headers)
            response = (outside if left else inside)(request)
        response.body.close()
        raise RedirectedTooOften(url=request.url, limit=MAX_HOPS)

    return follow


def _harmless(headers: Headers) -> Headers:
    return Headers(tuple(pair for pair in headers if pair[0].lower() in _HARMLESS))
