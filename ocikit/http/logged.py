"""
What may be told of requests and their answers: a line each, redacted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ocikit._regex import regex
from ocikit.http.message import Request, Response
from ocikit.http.redact import mask, redact_headers, redact_text, redact_url, secrets_of

#: How many warnings of one answer are read, and how long each may be, in characters.
MOST_WARNINGS: Final = 16
LONGEST_WARNING: Final = 4096

#: distribution-spec, "Warnings": only this code, and only a quoted text, is for people.
_WARNING: Final = regex(r'299\s+-\s+"((?:[^"\\]|\\.)*)"')


def exchange_line(request: Request, answer: str, seconds: float) -> str:
    """
    Tell of a request, what came of it, and how long that took.

    >>> exchange_line(Request(method="GET", url="https://r.io/b?sig=x"), "200", 0.012)
    'GET https://r.io/b?sig=REDACTED: 200, 12 ms'
    """
    return f"{request.method} {redact_url(request.url)}: {answer}, {seconds * 1000:.0f} ms"


def header_lines(request: Request, response: Response | None) -> Iterator[str]:
    """
    Tell of all header fields, ours with `>` before them and theirs with `<`.

    >>> from ocikit.http.message import Headers
    >>> list(header_lines(Request(method="GET", url="/", headers=Headers({"Cookie": "x"})), None))
    ['> Cookie: REDACTED']
    """
    secrets = secrets_of(request.headers)
    for sign, headers in ((">", request.headers), ("<", response.headers if response else ())):
        for name, value in redact_headers(headers):
            yield mask(f"{sign} {name}: {value}", secrets)


def warnings_of(request: Request, response: Response) -> tuple[str, ...]:
    """
    Read what a registry warns of; what is long is cut, and what is secret masked.

    >>> from ocikit.http.message import Headers
    >>> asked = Request(method="GET", url="https://r.io/v2/")
    >>> warned = Headers({"Warning": '299 - "this tag goes away"'})
    >>> warnings_of(asked, Response(status=200, headers=warned))
    ('this tag goes away',)
    """
    lines = response.headers.all("Warning")[:MOST_WARNINGS]
    found = (_WARNING.search(line) for line in lines)
    texts = (re.sub(r"\\(.)", r"\1", match[1][:LONGEST_WARNING]) for match in found if match)
    return tuple(redact_text(mask(text, secrets_of(request.headers))) for text in texts)
