"""
What real registries do differently when blobs are pushed, one thing each; see `quirks`.
"""

from __future__ import annotations

import threading
from typing import Final
from urllib.parse import parse_qs, urljoin

from ocikit._records import evolve, record
from ocikit.http.message import Request, Response, Send
from ocikit.server.quirks.answers import refusal, route_of, with_query
from ocikit.server.route import split

#: The digest of nothing that any repository holds.
_NOTHING: Final = "sha256:" + "0" * 64


@record
class RangeStuck:
    """
    `Range` tells of the first chunk of an upload for ever, though what follows is kept.
    """

    def __call__(self, send: Send) -> Send:
        """
        Change what a handler says of uploads.
        """
        first: dict[str, str] = {}

        def answered(request: Request) -> Response:
            response = send(request)
            route = route_of(request)
            if route.kind != "upload" or "Range" not in response.headers:
                return response
            said = response.headers.get("Range")
            stuck = first.setdefault(route.upload, said) if request.method == "PATCH" else said
            stuck = first.get(route.upload, stuck)
            return evolve(response, headers=response.headers.with_("Range", stuck))

        return answered


@record(kw_only=True)
class ChunkAtMost:
    """
    A chunk of an upload has at most so many bytes; a body that is no chunk may have more.
    """

    most: int = 4 << 20

    def __call__(self, send: Send) -> Send:
        """
        Refuse larger chunks.
        """

        def answered(request: Request) -> Response:
            length = request.body.length or 0
            is_chunk = request.method == "PATCH" and "Content-Range" in request.headers
            if not is_chunk or length <= self.most:
                return send(request)
            return refusal(416, "SIZE_INVALID", f"a chunk has at most {self.most} bytes")

        return answered


@record(kw_only=True)
class ChunkAtLeast:
    """
    A chunk but the last has at least so many bytes, and `OCI-Chunk-Min-Length` says so.
    """

    least: int

    def __call__(self, send: Send) -> Send:
        """
        Refuse smaller chunks.
        """

        def answered(request: Request) -> Response:
            length = request.body.length
            if request.method == "PATCH" and length is not None and length < self.least:
                message = f"a chunk has at least {self.least} bytes, but the last"
                return refusal(416, "SIZE_INVALID", message)
            response = send(request)
            if route_of(request).kind != "uploads" or response.status != 202:
                return response
            headers = response.headers.with_("OCI-Chunk-Min-Length", str(self.least))
            return evolve(response, headers=headers)

        return answered


@record
class MountNeedsSource:
    """
    To mount a blob without saying from where is a bad request.
    """

    def __call__(self, send: Send) -> Send:
        """
        Refuse it.
        """

        def answered(request: Request) -> Response:
            query = _mount(request)
            if "mount" not in query or "from" in query:
                return send(request)
            return refusal(400, "INVALID_REQUEST", "Invalid request")

        return answered


@record
class MountFromUnknownRefused:
    """
    To mount from a repository that is not there is an error, and begins no upload.
    """

    def __call__(self, send: Send) -> Send:
        """
        Look for the source before a handler mounts from it.
        """

        def answered(request: Request) -> Response:
            source = "".join(_mount(request).get("from", ()))
            if not source:
                return send(request)
            base = request.url.partition("/v2/")[0]
            url = f"{base}/v2/{source}/tags/list?n=1"
            with send(Request(method="GET", url=url, headers=request.headers)) as found:
                known = found.status != 404
            if known:
                return send(request)
            return refusal(404, "NAME_UNKNOWN", f"repository name not known: {source}")

        return answered


@record
class MountNever:
    """
    Whoever offers a blob for mounting is asked to upload it.
    """

    def __call__(self, send: Send) -> Send:
        """
        Begin an upload instead.
        """

        def answered(request: Request) -> Response:
            if "mount" not in _mount(request):
                return send(request)
            return send(with_query(request, lambda query: {}))

        return answered


def _mount(request: Request) -> dict[str, list[str]]:
    if request.method != "POST" or route_of(request).kind != "uploads":
        return {}
    return parse_qs(split(request.url)[1])


@record
class LocationsAbsolute:
    """
    Every `Location` is absolute, with the name that the client called the registry by.
    """

    def __call__(self, send: Send) -> Send:
        """
        Change what a handler says.
        """

        def answered(request: Request) -> Response:
            response = send(request)
            place = response.headers.get("Location")
            if not place:
                return response
            headers = response.headers.with_("Location", urljoin(request.url, place))
            return evolve(response, headers=headers)

        return answered


@record
class LocationCounts:
    """
    Each `Location` of an upload has a state in its query, and only the newest is good.

    To ask how an upload stands any is good enough, and the answer has the newest.
    """

    def __call__(self, send: Send) -> Send:
        """
        Keep count for a handler.
        """
        newest: dict[str, int] = {}
        lock = threading.Lock()

        def answered(request: Request) -> Response:
            route = route_of(request)
            if route.kind == "upload" and request.method in ("PATCH", "PUT"):
                state = parse_qs(split(request.url)[1]).get("state", [""])[0]
                if state != str(newest.get(route.upload, 0)):
                    message = "the upload goes on at the Location that was given last"
                    return refusal(400, "BLOB_UPLOAD_INVALID", message)
            response = send(request)
            place = response.headers.get("Location")
            if "/blobs/uploads/" not in place:
                return response
            name = place.partition("?")[0].rpartition("/")[2]
            with lock:
                newest[name] = newest.get(name, 0) + 1
                place = f"{place}{'&' if '?' in place else '?'}state={newest[name]}"
            return evolve(response, headers=response.headers.with_("Location", place))

        return answered


@record
class CancelNeedsDelete:
    """
    Only who may delete may give an upload up.
    """

    def __call__(self, send: Send) -> Send:
        """
        Ask a handler first whether the client may delete.
        """

        def answered(request: Request) -> Response:
            if request.method != "DELETE" or route_of(request).kind != "upload":
                return send(request)
            place = request.url.partition("/blobs/uploads/")[0]
            asked = send(evolve(request, url=f"{place}/manifests/{_NOTHING}"))
            if asked.status in (401, 403):
                return asked
            asked.body.close()
            return send(request)

        return answered
