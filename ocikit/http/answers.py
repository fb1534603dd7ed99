"""
What responses of the distribution specification say, read without trust.

Readers of one header field give None, or nothing, when it is absent or unreadable: no
registry sends them all, and the bytes themselves are the better witness. Readers of
bodies are bounded, and close them.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urljoin

import attrs

from ocikit import media
from ocikit._regex import regex
from ocikit.digest import Digest, DigestAlgorithmUnknown, DigestInvalid
from ocikit.errors import Corrupt
from ocikit.http.message import Headers, Request, Response
from ocikit.http.origin import URLInvalid, origin_of
from ocikit.http.redact import redact_url
from ocikit.spec.descriptor import Descriptor

#: The largest page of tags or repositories that is read, in bytes.
MAX_PAGE: Final = 16 << 20
#: The largest answer of a token service that is read, in bytes.
MAX_TOKEN: Final = 64 << 10
#: The most names on one page. A registry that takes no heed of `n` sends all it has.
MAX_NAMES: Final = 1_000_000
#: How many brackets a page may have: it is one object with one list, and what else it says.
_MOST_BRACKETS: Final = 64

_DIGITS = regex(r"[0-9]{1,18}")
_RANGE = regex(r"(?:bytes[ =])?0-([0-9]{1,18})")


@attrs.frozen(kw_only=True)
class LocationInvalid(Corrupt):
    """
    A registry did not say, or not readably, where to go on; `url` is what it was asked.
    """

    method: str
    url: str
    reason: str

    def __str__(self) -> str:
        return f"{self.method} {self.url}: the response's Location {self.reason}"


def digest_of(headers: Headers) -> Digest | None:
    """
    Read Docker-Content-Digest: what the registry says the content's digest is.
    """
    return _digest(headers.get("Docker-Content-Digest"))


def length_of(headers: Headers) -> int | None:
    """
    Read Content-Length.

    >>> length_of(Headers({"Content-Length": "12"}))
    12
    """
    text = headers.get("Content-Length").strip()
    return int(text) if _DIGITS.fullmatch(text) else None


def media_type_of(headers: Headers) -> str:
    """
    Read the media type, without its parameters; empty when there is none.
    """
    return media.essence(headers.get("Content-Type"))


def descriptor_of(headers: Headers) -> Descriptor | None:
    """
    Describe content by its headers: media type, length and digest.

    None when one of these is missing: then only the content itself can tell.

    >>> descriptor_of(Headers({"Content-Type": "application/json"})) is None
    True
    """
    kind, size, digest = media_type_of(headers), length_of(headers), digest_of(headers)
    if not kind or size is None or digest is None:
        return None
    return Descriptor(media_type=kind, size=size, digest=digest)


def subject_of(headers: Headers) -> Digest | None:
    """
    Read OCI-Subject: the registry lists what was put among this one's referrers.
    """
    return _digest(headers.get("OCI-Subject"))


def filters_of(headers: Headers) -> frozenset[str]:
    """
    Read OCI-Filters-Applied: by what a list of referrers was filtered already.
    """
    names = headers.get("OCI-Filters-Applied").split(",")
    return frozenset(name.strip() for name in names if name.strip())


def chunk_minimum_of(headers: Headers) -> int:
    """
    Read OCI-Chunk-Min-Length: the least size of a chunk but the last, 0 when not said.
    """
    text = headers.get("OCI-Chunk-Min-Length").strip()
    return int(text) if _DIGITS.fullmatch(text) else 0


def offset_of(headers: Headers) -> int | None:
    """
    Read from Range how many bytes of an upload arrived; None when it does not say.

    `0-0` means no byte to some registries and one to others, and is read as none: a
    byte too much is refused and asked about again, one too few would be lost.

    >>> offset_of(Headers({"Range": "0-4194303"}))
    4194304
    """
    found = _RANGE.fullmatch(headers.get("Range").strip())
    if found is None:
        return None
    last = int(found[1])
    return last + 1 if last else 0


def mounted(response: Response) -> bool:
    """
    Tell whether a blob was mounted; if not, an upload was begun instead.
    """
    return response.status == 201


def upload_location(request: Request, response: Response) -> str:
    """
    Read where an upload goes on; each response may give another place.

    The query is part of it and stays as it is. The place may be another server: send
    it what is bound to its own origin only.

    Raises:
        LocationInvalid: there is none, it is unreadable, or leaves HTTPS for HTTP.

    >>> request = Request(method="POST", url="https://r.io/v2/a/blobs/uploads/")
    >>> upload_location(request, Response(status=202, headers=Headers({"Location": "/u?s=a%2F"})))
    'https://r.io/u?s=a%2F'
    """
    given = response.headers.get("Location").strip()
    try:
        url = urljoin(request.url, given).partition("#")[0]
        kept = origin_of(url).is_secure or not origin_of(request.url).is_secure
        reason = "" if kept else f"{redact_url(url)!r} leaves HTTPS for plain HTTP"
    except (URLInvalid, ValueError):
        url, reason = "", f"{redact_url(given)!r} is not an HTTP URL"
    if given and not reason:
        return url
    asked = redact_url(request.url)
    raise LocationInvalid(method=request.method, url=asked, reason=reason or "is missing")


def read_body(request: Request, response: Response, limit: int) -> bytes:
    """
    Read and close a body that has at most `limit` bytes.

    Raises:
        DocumentTooLarge: it has more.
    """
    with response:
        # A stream may give less than it is asked for.
        data, left = bytearray(), limit + 1
        while left > 0 and (part := response.body.read(min(left, 1 << 20))):
            data += part
            left -= len(part)
    if left <= 0:
        from ocikit.spec.document import DocumentTooLarge

        what = f"{request.method} {redact_url(request.url)}"
        raise DocumentTooLarge(what=what, size=max(len(data), limit + 1), limit=limit)
    return bytes(data)


def tags_of(request: Request, response: Response) -> tuple[str, ...]:
    """
    Read a page of tags (end-8).

    Raises:
        JSONInvalid: the body is no such page.
        DocumentTooLarge: it has more than 16 MiB.
    """
    return _names(request, response, "tags")


def repositories_of(request: Request, response: Response) -> tuple[str, ...]:
    """
    Read a page of a registry's catalog.

    Raises:
        JSONInvalid: the body is no such page.
        DocumentTooLarge: it has more than 16 MiB.
    """
    return _names(request, response, "repositories")


def _names(request: Request, response: Response, member: str) -> tuple[str, ...]:
    from ocikit.spec.gojson import JSONInvalid, loads

    what = f"{request.method} {redact_url(request.url)}"
    raw = read_body(request, response, MAX_PAGE)
    # No name has one, and a list of lists takes a hundred times its bytes.
    if raw.count(b"[") + raw.count(b"{") > _MOST_BRACKETS:
        raise JSONInvalid(what=what, problems=(("$", "has lists or objects in its list"),))
    page: Any = loads(raw, what, MAX_NAMES)
    if not isinstance(page, dict):
        raise JSONInvalid(what=what, problems=(("$", "expected object"),))
    # Registries write null for none, and some a null among the names.
    names = [] if page.get(member) is None else page[member]
    if not isinstance(names, list) or any(not isinstance(n, str | None) for n in names):
        raise JSONInvalid(what=what, problems=((f"$.{member}", "expected array of strings"),))
    return tuple(name for name in names if name is not None)


def _digest(text: str) -> Digest | None:
    try:
        return Digest.parse(text.strip())
    except (DigestInvalid, DigestAlgorithmUnknown):
        return None
