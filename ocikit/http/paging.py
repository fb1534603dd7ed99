"""
Lists that come in pages: the Link to the next one (RFC 8288), followed with care.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NoReturn
from urllib.parse import urljoin

import attrs

from ocikit._records import evolve
from ocikit._regex import regex
from ocikit.errors import Corrupt
from ocikit.http.message import Headers, Request, Response, Send
from ocikit.http.origin import URLInvalid, same_origin
from ocikit.http.redact import redact_url

#: How many pages a list may have.
MAX_PAGES: Final = 10_000

_LINK = regex(r'[\s,]*<([^>]*)>((?:[^",]|"(?:[^"\\]|\\.)*")*)', re.DOTALL)
_PARAMETER = regex(r';\s*([^\s=;,"]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?', re.DOTALL)


@attrs.frozen(kw_only=True)
class LinkInvalid(Corrupt):
    """
    The next page of a list is nowhere that may be gone to.
    """

    url: str
    reason: str

    def __str__(self) -> str:
        return f"{self.url}: the link to the next page {self.reason}"


def pages(
    send: Send, first: Request, *, limit: int = MAX_PAGES
) -> Iterator[tuple[Request, Response]]:
    """
    Give the pages of a list, each with its request; who takes one reads and closes it.

    Raises:
        LinkInvalid: a page links to another origin, to one that was read before, or
            there are more than `limit`.

    >>> ends = lambda request: Response(status=200)
    >>> len(list(pages(ends, Request(method="GET", url="https://r.io/v2/_catalog"))))
    1
    """
    # Of URLs that may be long, and many.
    seen: set[int] = set()
    request: Request | None = first
    while request is not None:
        seen.add(hash(request.url))
        response = send(request)
        yield request, response
        following = next_page(request, response)
        if following is not None and hash(following.url) in seen:
            _fail(request, f"leads back to {redact_url(following.url)}")
        if following is not None and len(seen) >= limit:
            _fail(request, f"is one too many: there are more than {limit} pages")
        request = following


def next_page(request: Request, response: Response) -> Request | None:
    """
    Give the request for the page after this one, None when it is the last.

    Raises:
        LinkInvalid: the link is unreadable, or leads to another origin.

    >>> request = Request(method="GET", url="https://r.io/v2/a/tags/list?n=1")
    >>> link = Headers({"Link": '</v2/a/tags/list?n=1&last=b>; rel="next"'})
    >>> next_page(request, Response(status=200, headers=link)).url
    'https://r.io/v2/a/tags/list?n=1&last=b'
    """
    target = _target(request, response.headers)
    if not target:
        return None
    try:
        url = urljoin(request.url, target).partition("#")[0]
        same = same_origin(request.url, url)
    except (URLInvalid, ValueError):
        _fail(request, f"is no URL: {redact_url(target)!r}")
    if not same:
        _fail(request, f"leads to another server: {redact_url(url)}")
    return evolve(request, url=url)


def _target(request: Request, headers: Headers) -> str:
    for line in headers.all("Link"):
        position = 0
        while found := _LINK.match(line, position):
            if "next" in _relations(found[2]):
                return found[1].strip()
            position = found.end()
        if line[position:].strip(", \t"):
            _fail(request, "is malformed")
    return ""


def _relations(parameters: str) -> list[str]:
    for found in _PARAMETER.finditer(parameters):
        name, quoted, plain = found.groups(default="")
        if name.lower() == "rel":
            return (quoted or plain).lower().split()
    # Registries that forget to say what the link is mean the next page.
    return ["next"]


def _fail(request: Request, reason: str) -> NoReturn:
    raise LinkInvalid(url=redact_url(request.url), reason=reason)
