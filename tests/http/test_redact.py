"""
What may be shown: tables of URLs, headers and texts, with what must not be in them.
"""

from __future__ import annotations

import pytest

from ocikit.http.redact import redact_headers, redact_text, redact_url

URLS = [
    ("https://r.io/v2/", "https://r.io/v2/"),
    ("https://r.io/v2/a/tags/list?n=5&last=b", "https://r.io/v2/a/tags/list?n=5&last=b"),
    ("/v2/a?_state=SECRET", "/v2/a?_state=REDACTED"),
    ("https://r.io/?digest=d&from=f&mount=m", "https://r.io/?digest=d&from=f&mount=m"),
    ("https://SECRET@r.io/", "https://REDACTED@r.io/"),
    ("https://u:SECRET@r.io/a?scope=s", "https://REDACTED@r.io/a?scope=s"),
    ("https://u:p@SECRET@r.io/", "https://REDACTED@r.io/"),
    ("https://r.io/?n=1;sig=SECRET", "https://r.io/?n=1;sig=REDACTED"),
    ("https://r.io/?SECRET", "https://r.io/?REDACTED"),
    ("https://r.io/?n=1#SECRET", "https://r.io/?n=1#REDACTED"),
    ("https://r.io/?si%67=SECRET", "https://r.io/?si%67=REDACTED"),
    ("https://r.io/?%6e=1", "https://r.io/?%6e=1"),
    ("https://r.io/?N=SECRET", "https://r.io/?N=REDACTED"),
    ("https://r.io/?a=b=SECRET&&n=", "https://r.io/?a=REDACTED&&n="),
    ("https://[bad/?sig=SECRET", "REDACTED?sig=REDACTED"),
    ("https://r.io/a\r\nb?x=SECRET", "https://r.io/ab?x=REDACTED"),
    ("", ""),
]


@pytest.mark.parametrize(("url", "shown"), URLS)
def test_urls_show_only_what_the_specification_defines(url: str, shown: str) -> None:
    """
    Presigned queries, users and fragments are masked; paths and known members stay.
    """
    assert redact_url(url) == shown
    assert "SECRET" not in shown


HEADERS = [
    ("Authorization", "Bearer SECRET", "REDACTED"),
    ("Proxy-Authorization", "Basic SECRET", "REDACTED"),
    ("Cookie", "a=SECRET", "REDACTED"),
    ("Set-Cookie", "a=SECRET", "REDACTED"),
    ("X-Ms-Copy-Source", "https://x?SECRET", "REDACTED"),
    ("content-TYPE", "text/plain", "text/plain"),
    ("Location", "/u?_state=SECRET", "/u?_state=REDACTED"),
    ("Link", '</v2/_catalog?n=1&t=SECRET>; rel="next"', None),
    ("Link", "https://u:SECRET@r.io", "https://REDACTED@r.io"),
    ("WWW-Authenticate", 'Bearer realm="https://u:SECRET@r.io/t?k=SECRET"', None),
    ("Warning", '299 - "see https://r.io/?t=SECRET"', None),
    ("Server", "a\r\nX: b", "a X: b"),
]


@pytest.mark.parametrize(("name", "value", "shown"), HEADERS)
def test_headers_show_only_what_is_known(name: str, value: str, shown: str | None) -> None:
    """
    The list says what is harmless: a header that nobody thought of is masked.
    """
    ((_, found),) = redact_headers([(name, value)])
    assert "SECRET" not in found
    assert shown is None or found == shown


TEXTS = [
    ("bad token Bearer SECRET-abc", "bad token Bearer REDACTED"),
    ('{"Authorization": "Basic U0VDUkVUOng="}', '{"Authorization": "Basic REDACTED"}'),
    ("jwt eyJhbGciOi.eyJzdWIiOi.SECRET", "jwt REDACTED"),
    ("see https://s3.io/b?sig=SECRET.", "see https://s3.io/b?sig=REDACTED"),
    ("password=SECRET", "password=REDACTED"),
    ('{"access_token":"SECRET"}', '{"access_token":"REDACTED"}'),
    ("client_secret: 'SECRET'", "client_secret: 'REDACTED'"),
    ("line\nbreak\x1b[31m", "line break [31m"),
    ("manifest unknown", "manifest unknown"),
]


@pytest.mark.parametrize(("text", "shown"), TEXTS)
def test_texts_from_elsewhere_lose_what_looks_like_a_secret(text: str, shown: str) -> None:
    """
    Servers repeat in errors what they were sent; terminals obey control characters.
    """
    assert redact_text(text) == shown


def test_texts_from_elsewhere_are_short() -> None:
    """
    An error is for people: nobody reads a page of it.
    """
    assert redact_text("x" * 10_000, 20) == "x" * 20 + "…"
