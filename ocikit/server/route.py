"""
Which part of a registry a URL names.

Texts are checked here, once: what is in a `Route` keeps to the strict grammar of names,
tags and digests, and is safe in paths and keys.
"""

from __future__ import annotations

import functools
from typing import Final

from ocikit._records import record
from ocikit.digest import Digest, DigestAlgorithmUnknown, DigestInvalid
from ocikit.name import grammar
from ocikit.server.answers import RequestRefused

#: Longer paths name nothing: 255 for a name, 142 for a sha512 digest, and the rest.
LONGEST: Final = 1024

_REPOSITORY_KINDS: Final = frozenset({"manifests", "blobs", "uploads", "referrers", "tags"})


@record
class Route:
    """
    A place in the API (distribution-spec, "Endpoints") and the names in it.

    Kinds are `base`, `catalog`, `tags`, `manifest`, `blob`, `uploads`, `upload` and
    `referrers`. Of `digest` and `tag` a manifest has one; neither when its reference is
    grammatical as neither.
    """

    kind: str
    repository: str = ""
    digest: Digest | None = None
    tag: str = ""
    upload: str = ""


def split(url: str) -> tuple[str, str]:
    """
    Split an absolute URL, or the target of a request, into its path and its query.

    >>> split("http://localhost:5000/v2/a/tags/list?n=1")
    ('/v2/a/tags/list', 'n=1')
    """
    if not url.startswith("/"):
        host = url.find("://") + 3
        start = url.find("/", host)
        url = url[start:] if start >= host >= 3 else "/"
    path, _, query = url.partition("?")
    return path, query


def find(path: str) -> Route:
    """
    Find the part that a path names.

    Raises:
        RequestRefused: it names none, or with names that are not grammatical.
    """
    if len(path) > LONGEST:
        raise RequestRefused(status=404, code="NAME_INVALID", message="the path is too long")
    return _find(path)


@functools.lru_cache(maxsize=4096)
def _find(path: str) -> Route:
    return _parse(_decoded(path))


def _decoded(path: str) -> str:
    if "%" not in path:
        return path
    from urllib.parse import unquote

    # A slash that was encoded is part of a name, and no name has one.
    if "%2f" in path.lower():
        raise RequestRefused(status=400, code="NAME_INVALID", message="encoded slash in the path")
    return unquote(path)


def _parse(path: str) -> Route:
    if path in ("/v2/", "/v2"):
        return Route("base")
    if path == "/v2/_catalog":
        return Route("catalog")
    if not path.startswith("/v2/"):
        raise _nothing(path)
    if any(part in (".", "..") for part in path.split("/")):
        message = "a path has no '.' and '..' components"
        raise RequestRefused(status=404, code="NAME_INVALID", message=message)
    before, _, last = path[4:].rpartition("/")
    before, _, kind = before.rpartition("/")
    if kind == "blobs" and last == "uploads":
        # The slash at the end is often forgotten.
        return Route("uploads", _name(before))
    if kind == "uploads":
        name, _, blobs = before.rpartition("/")
        if blobs != "blobs":
            raise _nothing(path)
        return Route("upload", _name(name), upload=last) if last else Route("uploads", _name(name))
    if kind not in _REPOSITORY_KINDS or (kind == "tags" and last != "list"):
        raise _nothing(path)
    return _in_repository(kind, _name(before), last)


def _in_repository(kind: str, name: str, last: str) -> Route:
    if kind == "tags":
        return Route("tags", name)
    if kind == "manifests" and ":" not in last:
        return Route("manifest", name, tag=last if grammar.is_tag(last) else "")
    return Route(kind.removesuffix("s") if kind != "referrers" else kind, name, read_digest(last))


def _nothing(path: str) -> RequestRefused:
    message = f"{path[:80]!r} is no part of the registry API"
    return RequestRefused(status=404, code="UNSUPPORTED", message=message)


def _name(text: str) -> str:
    if not grammar.is_path(text):
        message = f"{text[:80]!r} is not the name of a repository: lower case, at most 255"
        raise RequestRefused(status=400, code="NAME_INVALID", message=message)
    return text


def read_digest(text: str) -> Digest:
    """
    Read a digest that a request names.

    Raises:
        RequestRefused: it is none, or of an algorithm that cannot be verified.
    """
    try:
        return Digest.parse(text)
    except (DigestInvalid, DigestAlgorithmUnknown) as error:
        raise RequestRefused(status=400, code="DIGEST_INVALID", message=str(error)) from None
