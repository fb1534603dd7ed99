"""
Every request of the distribution specification, as functions of what it is about.

`base` is where a registry answers, as in "https://ghcr.io"; `path` is a repository's
within it. Requests carry no credentials. What responses say is read in `answers`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, quote_plus

from ocikit import media
from ocikit._records import evolve
from ocikit.digest import Digest
from ocikit.http.message import NO_BODY, Body, Headers, Request, body_of

#: How many names are asked for at once. Some registries refuse to give more.
PAGE: Final = 1000

_OCTETS: Final = "application/octet-stream"
#: Bytes under a digest must come as they are, however well they would compress.
_AS_THEY_ARE: Final = ("Accept-Encoding", "identity")


def ping(base: str) -> Request:
    """
    Ask whether this is a registry, and how it wants to be asked (end-1).

    >>> ping("https://ghcr.io").url
    'https://ghcr.io/v2/'
    """
    return Request(method="GET", url=f"{base}/v2/")


def get_manifest(
    base: str, path: str, identifier: str, *, accept: Iterable[str] = media.MANIFESTS
) -> Request:
    """
    Ask for a manifest or index by tag or digest (end-3).

    >>> get_manifest("https://ghcr.io", "me/app", "1").url
    'https://ghcr.io/v2/me/app/manifests/1'
    """
    headers = Headers((("Accept", ", ".join(accept)), _AS_THEY_ARE))
    return Request(method="GET", url=_manifest(base, path, identifier), headers=headers)


def head_manifest(
    base: str, path: str, identifier: str, *, accept: Iterable[str] = media.MANIFESTS
) -> Request:
    """
    Ask what a manifest is, without its bytes (end-3).
    """
    headers = Headers((("Accept", ", ".join(accept)), _AS_THEY_ARE))
    return Request(method="HEAD", url=_manifest(base, path, identifier), headers=headers)


def apart(request: Request) -> Request:
    """
    Name each type that a request accepts in a field of its own.

    >>> apart(get_manifest("https://r.io", "a", "1", accept=["x/a", "x/b"])).headers.all("Accept")
    ['x/a', 'x/b']
    """
    types = (kind for line in request.headers.all("Accept") for kind in line.split(", "))
    rest = request.headers.without("Accept")
    return evolve(request, headers=Headers((*(("Accept", kind) for kind in types), *rest)))


def put_manifest(base: str, path: str, identifier: str, raw: bytes, media_type: str) -> Request:
    """
    Put a manifest or index under a tag or its digest (end-7).
    """
    headers = Headers((("Content-Type", media_type),))
    url = _manifest(base, path, identifier)
    return Request(method="PUT", url=url, headers=headers, body=body_of(raw))


def delete_manifest(base: str, path: str, identifier: str) -> Request:
    """
    Delete a manifest by its digest, or a tag alone (end-9).
    """
    return Request(method="DELETE", url=_manifest(base, path, identifier))


def get_blob(
    base: str, path: str, digest: Digest, *, start: int = 0, end: int | None = None
) -> Request:
    """
    Ask for a blob, or for its bytes from `start` up to, not including, `end` (end-2).

    >>> get_blob("https://r.io", "a", Digest.of(b""), start=5, end=9).headers.get("Range")
    'bytes=5-8'
    """
    return part_of(get_bytes(_blob(base, path, digest)), start, end)


def get_bytes(url: str) -> Request:
    """
    Ask for bytes as they are, wherever they lie.
    """
    return Request(method="GET", url=url, headers=Headers((("Accept", "*/*"), _AS_THEY_ARE)))


def part_of(request: Request, start: int, end: int | None = None) -> Request:
    """
    Ask for the bytes from `start` up to, not including, `end`, of what a request asks for.

    >>> part_of(get_bytes("https://r.io/a"), 0).headers.get("Range")
    ''
    """
    if not start and end is None:
        return request
    span = f"bytes={start}-{'' if end is None else end - 1}"
    return evolve(request, headers=request.headers.with_("Range", span))


def head_blob(base: str, path: str, digest: Digest) -> Request:
    """
    Ask whether a blob is there (end-2).
    """
    headers = Headers((("Accept", "*/*"), _AS_THEY_ARE))
    return Request(method="HEAD", url=_blob(base, path, digest), headers=headers)


def delete_blob(base: str, path: str, digest: Digest) -> Request:
    """
    Delete a blob (end-10).
    """
    return Request(method="DELETE", url=_blob(base, path, digest))


def start_upload(
    base: str,
    path: str,
    *,
    mount: Digest | None = None,
    source: str = "",
    algorithm: str = "sha256",
) -> Request:
    """
    Begin an upload (end-4a), or first try to mount a blob from a repository (end-11).

    `source` is the path of another repository of this registry; without one a registry
    that can will find the blob wherever it is. Another `algorithm` than sha256 is told, so
    that the registry can hash what comes while it comes.

    >>> start_upload("https://r.io", "a", mount=Digest.of(b""), source="b/c").url[-9:]
    '&from=b/c'
    """
    query = [] if mount is None else [("mount", str(mount))]
    if mount is not None and source:
        query.append(("from", source))
    if algorithm != "sha256":
        query.append(("digest-algorithm", algorithm))
    return Request(method="POST", url=_with(_uploads(base, path), query))


def post_blob(base: str, path: str, digest: Digest, body: Body) -> Request:
    """
    Upload a blob whole, in one request (end-4b); not every registry takes it.
    """
    url = _with(_uploads(base, path), [("digest", str(digest))])
    return Request(method="POST", url=url, headers=_octets(None, body), body=body)


def patch_upload(location: str, body: Body, *, start: int | None = None) -> Request:
    """
    Send what comes next of an upload (end-5).

    With `start`, its offset, it is one chunk of several and says so; without, all that
    there is flows in one request. `location` is the newest that the registry gave.

    >>> patch_upload("https://r.io/u", body_of(b"abc"), start=4).headers.get("Content-Range")
    '4-6'
    """
    return Request(method="PATCH", url=location, headers=_octets(start, body), body=body)


def finish_upload(
    location: str, digest: Digest, body: Body = NO_BODY, *, start: int | None = None
) -> Request:
    """
    End an upload, with its last bytes or all of them if they were not sent yet (end-6).

    The query of `location` stays as it is.

    >>> finish_upload("https://r.io/u?_state=a%2Fb", Digest.of(b"")).url[:32]
    'https://r.io/u?_state=a%2Fb&dige'
    """
    url = _with(location, [("digest", str(digest))])
    return Request(method="PUT", url=url, headers=_octets(start, body), body=body)


def upload_status(location: str) -> Request:
    """
    Ask how much of an upload arrived (end-13).
    """
    return Request(method="GET", url=location)


def cancel_upload(location: str) -> Request:
    """
    Give an upload up (end-14).
    """
    return Request(method="DELETE", url=location)


def get_tags(base: str, path: str, *, n: int | None = PAGE, last: str = "") -> Request:
    """
    Ask for a page of tags, those after `last` (end-8).

    >>> get_tags("https://r.io", "a", n=2, last="1.0").url
    'https://r.io/v2/a/tags/list?n=2&last=1.0'
    """
    return _page(f"{base}/v2/{quote(path)}/tags/list", n, last)


def get_catalog(base: str, *, n: int | None = PAGE, last: str = "") -> Request:
    """
    Ask for a page of repositories, those after `last` (Docker's `_catalog`).
    """
    return _page(f"{base}/v2/_catalog", n, last)


def get_referrers(base: str, path: str, digest: Digest, *, artifact_type: str = "") -> Request:
    """
    Ask for the manifests whose subject is `digest` (end-12); a registry may filter.
    """
    query = [("artifactType", artifact_type)] if artifact_type else []
    url = _with(f"{base}/v2/{quote(path)}/referrers/{digest}", query)
    headers = Headers((("Accept", media.OCI_INDEX), _AS_THEY_ARE))
    return Request(method="GET", url=url, headers=headers)


def _manifest(base: str, path: str, identifier: str) -> str:
    return f"{base}/v2/{quote(path)}/manifests/{quote(identifier, safe=':')}"


def _blob(base: str, path: str, digest: Digest) -> str:
    return f"{base}/v2/{quote(path)}/blobs/{digest}"


def _uploads(base: str, path: str) -> str:
    return f"{base}/v2/{quote(path)}/blobs/uploads/"


def _page(url: str, n: int | None, last: str) -> Request:
    query = [] if n is None else [("n", str(n))]
    if last:
        query.append(("last", last))
    return Request(method="GET", url=_with(url, query), headers=Headers((_AS_THEY_ARE,)))


def _octets(start: int | None, body: Body) -> Headers:
    pairs = [("Content-Type", _OCTETS)]
    if start is not None and body.length:
        pairs.append(("Content-Range", f"{start}-{start + body.length - 1}"))
    return Headers(pairs)


def _with(url: str, query: list[tuple[str, str]]) -> str:
    # Appended as text: what stands in the query already may be signed.
    if not query:
        return url
    joint = "" if url.endswith(("?", "&")) else "&" if "?" in url else "?"
    # The names are ours, and plain.
    return url + joint + "&".join(f"{name}={quote_plus(value, ':/')}" for name, value in query)
