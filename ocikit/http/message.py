"""
Requests, responses, and the one port through which they travel.

`Send` is the network, a registry in this process, a recorded script, a fault injector
or a middleware around another `Send`: a client does not know which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias, cast

import attrs

from ocikit._records import record
from ocikit.content.streams import BytesOpener, Opener, Stream
from ocikit.http.redact import redact_headers, redact_url
from ocikit.http.terms import PLAIN, Terms


def _pairs(given: Iterable[tuple[str, str]] | Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    if type(given) is tuple:
        return given
    if isinstance(given, Mapping):
        # An iterable of pairs might be a mapping too, to a type checker.
        return tuple(cast("Mapping[str, str]", given).items())
    return tuple(given)


@record
class Headers:
    """
    Header fields in order; names compare without case (RFC 9110, 5.1).

    >>> Headers({"Content-Type": "text/plain"}).get("content-type")
    'text/plain'
    """

    pairs: tuple[tuple[str, str], ...] = attrs.field(
        default=(), converter=_pairs, repr=lambda pairs: repr(redact_headers(pairs))
    )

    def get(self, name: str, default: str = "") -> str:
        """
        Give the first value of a field.
        """
        wanted = name.lower()
        for key, value in self.pairs:
            if key.lower() == wanted:
                return value
        return default

    def all(self, name: str) -> list[str]:
        """
        Give all values of a field, in order.
        """
        wanted = name.lower()
        return [value for key, value in self.pairs if key.lower() == wanted]

    def with_(self, name: str, value: str) -> Headers:
        """
        Return these with one field set, whatever it was before.
        """
        return Headers((*self.without(name).pairs, (name, value)))

    def without(self, *names: str) -> Headers:
        """
        Return these less some fields.
        """
        gone = {name.lower() for name in names}
        return Headers(tuple(pair for pair in self.pairs if pair[0].lower() not in gone))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def __contains__(self, name: str) -> bool:
        return bool(self.all(name))


@record(kw_only=True)
class Body:
    """
    A request's body: an opener, so that it can be sent again, and its length.

    A length of None is for a one-pass stream of unknown length: it is sent in chunks,
    and cannot be sent again.
    """

    opener: Opener
    length: int | None


NO_BODY = Body(opener=BytesOpener(b""), length=0)


def body_of(data: bytes) -> Body:
    """
    Make a body of bytes in memory.
    """
    return Body(opener=BytesOpener(data), length=len(data))


@record(kw_only=True)
class Request:
    """
    One HTTP request: an absolute URL, and no credentials until they are sent.
    """

    method: str
    url: str = attrs.field(repr=lambda url: repr(redact_url(url)))
    headers: Headers = Headers()
    body: Body = NO_BODY
    #: What the network goes by; a server does not see them.
    terms: Terms = attrs.field(default=PLAIN, repr=False)


@record(kw_only=True)
class Response:
    """
    One HTTP response; closing its body gives the connection back.
    """

    status: int
    headers: Headers = Headers()
    body: Stream = attrs.field(eq=False, repr=False, factory=lambda: BytesOpener(b"").open())

    def __enter__(self) -> Response:
        return self

    def __exit__(self, *_: object) -> None:
        self.body.close()


Send: TypeAlias = Callable[[Request], Response]
Middleware: TypeAlias = Callable[[Send], Send]
