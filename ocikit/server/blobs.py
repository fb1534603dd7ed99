"""
Blobs: GET, HEAD and DELETE (distribution-spec, "Pulling blobs", "Deleting Blobs").
"""

from __future__ import annotations

from typing import Final

from ocikit._regex import regex
from ocikit.content.streams import Opener, Stream
from ocikit.digest import Digest
from ocikit.files.opener import FileMissing, slice_of
from ocikit.http.message import Headers, Response
from ocikit.server.answers import RequestRefused, empty
from ocikit.server.call import Call
from ocikit.server.storage import StoredBlob

OCTETS: Final = "application/octet-stream"
_RANGE: Final = regex(r"bytes=([0-9]{0,19})-([0-9]{0,19})")


def get(call: Call) -> Response:
    """
    Give a blob, or the part of it that `Range` asks for.
    """
    digest, blob = _find(call)
    # RFC 9110, 14.2: a range is defined for GET alone.
    asked = call.request.headers.get("Range") if call.request.method == "GET" else ""
    # RFC 9110, 13.1.5: a range of something else is no use, so the whole is sent.
    condition = call.request.headers.get("If-Range") if asked else ""
    headers = (
        ("Content-Type", OCTETS),
        ("Docker-Content-Digest", str(digest)),
        ("ETag", f'"{digest}"'),
        ("Accept-Ranges", "bytes"),
    )
    if not asked or condition not in ("", f'"{digest}"'):
        length = ("Content-Length", str(blob.size))
        return Response(
            status=200, headers=Headers((length, *headers)), body=_opened(call, blob.opener)
        )
    start, end = _span(asked, blob.size)
    part = (
        ("Content-Length", str(end - start)),
        ("Content-Range", f"bytes {start}-{end - 1}/{blob.size}"),
    )
    body = _opened(call, slice_of(blob.opener, start, end - start))
    return Response(status=206, headers=Headers((*part, *headers)), body=body)


def delete(call: Call) -> Response:
    """
    Take a blob out of a repository; others that hold it keep it.
    """
    digest, _ = _find(call)
    if not call.storage.drop_blob(call.repository, digest):
        raise unknown(call)
    return empty(202)


def unknown(call: Call) -> RequestRefused:
    """
    Say that a repository does not hold a blob.
    """
    message = f"{call.repository} holds no blob {call.route.digest}"
    return RequestRefused(status=404, code="BLOB_UNKNOWN", message=message)


def _opened(call: Call, opener: Opener) -> Stream:
    try:
        return opener.open()
    except FileMissing:
        # It was deleted since it was found.
        raise unknown(call) from None


def _find(call: Call) -> tuple[Digest, StoredBlob]:
    digest = call.route.digest
    blob = None if digest is None else call.storage.blob(call.repository, digest)
    if digest is None or blob is None:
        raise unknown(call)
    return digest, blob


def _span(asked: str, size: int) -> tuple[int, int]:
    match = _RANGE.fullmatch(asked.replace(" ", ""))
    first, last = match.groups() if match is not None else ("", "")
    start, end = 0, 0
    if first:
        start, end = int(first), min(int(last) + 1, size) if last else size
    elif last:
        # The last bytes of it, as many as there are.
        start, end = max(size - int(last), 0), size
    if start >= end:
        message = f"{asked[:80]!r} is no range of {size} bytes"
        headers = (("Content-Range", f"bytes */{size}"),)
        raise RequestRefused(status=416, code="SIZE_INVALID", message=message, headers=headers)
    return start, end
