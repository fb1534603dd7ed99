"""
The one redactor: what may be shown of URLs, headers and texts from elsewhere.

Errors, logs and `repr` all go through here. What is not known to be harmless is masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote, urlsplit

from ocikit._regex import regex

MASK: Final = "REDACTED"

#: Members of a query whose values are no secrets: what the specification defines.
_PLAIN_QUERY: Final = frozenset(
    ("scope", "service", "mount", "from", "digest", "n", "last", "tag", "artifactType")
)
#: Header fields whose values are no secrets, in lower case.
_PLAIN_HEADERS: Final = frozenset(
    (
        *("accept", "accept-encoding", "accept-ranges", "cache-control", "connection", "date"),
        *("content-encoding", "content-length", "content-range", "content-type", "expect"),
        *("docker-content-digest", "docker-distribution-api-version", "host", "keep-alive"),
        *("oci-chunk-max-length", "oci-chunk-min-length", "oci-filters-applied", "oci-subject"),
        *("oci-tag", "range", "ratelimit-limit", "ratelimit-remaining", "retry-after", "server"),
        *("transfer-encoding", "user-agent", "vary", "via"),
    )
)
#: What is shorter would be found in innocent words.
_LEAST_SECRET: Final = 4
_URL_HEADERS: Final = frozenset({"location", "link", "content-location", "referer"})

_URL = regex(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s\"<>]+")
# The rest of a query that a character which no URL has cut off.
_LOOSE_QUERY = regex(r"(?<=[?&;])[^\s=&;?\"<>]{1,64}=[^\s&;\"<>]+")
_PARAMETERS = regex(r"([&;])")
_SCHEMES = regex(r"\b(basic|bearer)(\s+)[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE)
_JWT = regex(r"\beyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){0,4}")
_NAMED = regex(
    r"((?:password|passwd|secret|token|api_?key|signature|credential)[\"']?\s*[=:]\s*[\"']?)"
    r"[^\s\"',;&}]{4,}",
    re.IGNORECASE,
)
_CONTROL = regex(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def redact_url(url: str) -> str:
    """
    Mask the user, the fragment, and all values of the query but those that are known.

    >>> redact_url("https://me:pw@cdn.io/b?digest=sha256:1&sig=xyz")
    'https://REDACTED@cdn.io/b?digest=sha256:1&sig=REDACTED'
    """
    url = _CONTROL.sub("", url)
    before, fragment, _ = url.partition("#")
    before, mark, query = before.partition("?")
    shown = _mask_user(before) + mark + _mask_query(query)
    return f"{shown}#{MASK}" if fragment else shown


def _mask_user(before: str) -> str:
    try:
        authority = urlsplit(before).netloc
    except ValueError:
        return MASK
    user, at, host = authority.rpartition("@")
    return before.replace(f"{user}@{host}", f"{MASK}@{host}", 1) if at else before


def _mask_query(query: str) -> str:
    return "".join(
        part if part in ("", "&", ";") else _mask_parameter(part)
        for part in _PARAMETERS.split(query)
    )


def _mask_parameter(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    # Without a value, the name may be the secret.
    if not equals:
        return MASK
    return parameter if unquote(name) in _PLAIN_QUERY else f"{name}={MASK}"


def secrets_of(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """
    Give what is secret in the header fields of a request, in every form it has there.

    Servers echo what they were sent; what was sent is known, and need not be recognised.

    >>> secrets_of([("Accept", "*/*"), ("Authorization", "Basic bWU6c2VjcmV0")])
    ('Basic bWU6c2VjcmV0', 'bWU6c2VjcmV0', 'me:secret', 'secret')
    """
    found: list[str] = []
    for name, value in pairs:
        if name.lower() in _PLAIN_HEADERS or name.lower() in _URL_HEADERS:
            continue
        scheme, _, token = value.partition(" ")
        found += [value, token]
        if scheme.lower() == "basic":
            found += _basic(token)
    return tuple(text for text in found if len(text) >= _LEAST_SECRET)


def _basic(token: str) -> list[str]:
    from base64 import b64decode

    try:
        pair = b64decode(token, validate=True).decode()
    except ValueError:
        return []
    return [pair, pair.partition(":")[2]]


def mask(text: str, secrets: Iterable[str]) -> str:
    """
    Mask known secrets in a text, the longest first.

    >>> mask("no user has the password secret", ["secret"])
    'no user has the password REDACTED'
    """
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def redact_headers(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """
    Mask the values of all header fields but those that are known.

    >>> redact_headers([("Range", "bytes=5-"), ("Authorization", "Bearer abc")])
    (('Range', 'bytes=5-'), ('Authorization', 'REDACTED'))
    """
    return tuple((name, _header(name.lower(), value)) for name, value in pairs)


def _header(name: str, value: str) -> str:
    if name in _PLAIN_HEADERS:
        return _CONTROL.sub(" ", value)
    if name == "link":
        return _link(value)
    if name in _URL_HEADERS:
        return redact_url(value)
    if name in ("www-authenticate", "warning"):
        return redact_text(value)
    return MASK


def _link(value: str) -> str:
    url, closing, rest = value.partition(">")
    return redact_url(url) + closing + (rest if closing else "")


def redact_text(text: str, limit: int = 512) -> str:
    """
    Mask URLs, tokens and named secrets in a text from elsewhere; keep it short, in a line.

    What is masked is what can be recognised: prefer to show no such text at all.

    >>> redact_text("bad token: Bearer abcdefgh\\nsee https://r.io/?sig=1")
    'bad token: REDACTED REDACTED see https://r.io/?sig=REDACTED'
    """
    text = _CONTROL.sub(" ", text[: 8 * limit])
    text = _URL.sub(lambda found: redact_url(found[0]), text)
    text = _LOOSE_QUERY.sub(lambda found: _mask_parameter(found[0]), text)
    for pattern, shown in ((_SCHEMES, rf"\1\2{MASK}"), (_JWT, MASK), (_NAMED, rf"\1{MASK}")):
        text = pattern.sub(shown, text)
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[:limit]}…"
