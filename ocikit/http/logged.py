"""
What may be told of requests and their answers: a line each, redacted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ocikit.http.message import Headers, Request, Response
from ocikit.http.redact import redact_headers, redact_text, redact_url

#: How many warnings of one answer are read, and how long each may be, in characters.
MOST_WARNINGS: Final = 16
LONGEST_WARNING: Final = 4096

#: distribution-spec, "Warnings": only this code, and only a quoted text, is for people.
_WARNING: Final = re.compile(r'299\s+-\s+"((?:[^"\\]|\\.)*)"')


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

    >>> list(header_lines(Request(method="GET", url="/", headers=Headers({"Cookie": "x"})), None))
    ['> Cookie: REDACTED']
    """
    for sign, headers in ((">", request.headers), ("<", response.headers if response else ())):
        for name, value in redact_headers(headers):
            yield f"{sign} {name}: {value}"


def warnings_of(headers: Headers) -> tuple[str, ...]:
    """
    Read what a registry warns of; what is long is cut, and what is secret masked.

    >>> warnings_of(Headers({"Warning": '299 - "this tag goes away"'}))
    ('this tag goes away',)
    """
    found = (_WARNING.search(line) for line in headers.all("Warning")[:MOST_WARNINGS])
    texts = (re.sub(r"\\(.)", r"\1", match[1][:LONGEST_WARNING]) for match in found if match)
    return tuple(redact_text(text) for text in texts)
