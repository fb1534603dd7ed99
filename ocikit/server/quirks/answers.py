"""
What real registries do differently, one thing each: what they say and refuse.

A quirk is a record that makes a handler of a handler: `FieldUnsaid(...)(registry())` is a
registry with that quirk. Those of lists are in `listquirks`, of uploads in `uploadquirks`,
of tokens in `tokenquirks`; `profiles` names what belongs together.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from ocikit import media
from ocikit._records import evolve, record
from ocikit.content.streams import BytesOpener
from ocikit.digest import Digest
from ocikit.http.message import Headers, Request, Response, Send, body_of
from ocikit.server.answers import RequestRefused, refuse
from ocikit.server.route import Route, find, split

_NOWHERE: Final = Route("")
#: What registries of schema 1 answered to whoever names no other type.
_SCHEMA1: Final = b'{"schemaVersion":1,"name":"","tag":"","architecture":"amd64","fsLayers":[]}'


def route_of(request: Request) -> Route:
    """
    Tell what a request names; a route of no kind when it is no part of a registry.

    >>> route_of(Request(method="GET", url="http://localhost/v2/a/tags/list")).kind
    'tags'
    """
    try:
        return find(split(request.url)[0])
    except RequestRefused:
        return _NOWHERE


def refusal(status: int, code: str, message: str) -> Response:
    """
    Make an error response.
    """
    return refuse(RequestRefused(status=status, code=code, message=message))


def with_bytes(response: Response, data: bytes) -> Response:
    """
    Give a response another body, and say its length.
    """
    response.body.close()
    headers = response.headers.with_("Content-Length", str(len(data)))
    return evolve(response, headers=headers, body=BytesOpener(data).open())


def with_query(request: Request, change: Callable[[dict[str, str]], dict[str, str]]) -> Request:
    """
    Change the query of a request, given and taken as names and values.
    """
    path, _, query = request.url.partition("?")
    pairs = change(dict(parse_qsl(query, keep_blank_values=True)))
    return evolve(request, url=f"{path}?{urlencode(pairs, safe=':/')}" if pairs else path)


@record(kw_only=True)
class FieldUnsaid:
    """
    A header field is left out of answers to requests of these methods and kinds.

    >>> from ocikit.server.handler import registry
    >>> bare = FieldUnsaid(name="Content-Type", methods=("GET",), kinds=("base",))(registry())
    >>> bare(Request(method="GET", url="http://localhost/v2/")).headers.get("Content-Type")
    ''
    """

    name: str
    #: None stands for every one.
    methods: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def __call__(self, send: Send) -> Send:
        """
        Leave it out of what a handler answers.
        """

        def answered(request: Request) -> Response:
            response = send(request)
            if not _is_among(request, self.methods, self.kinds):
                return response
            return evolve(response, headers=response.headers.without(self.name))

        return answered


@record(kw_only=True)
class StatusInstead:
    """
    Requests of a kind are answered with another status than others answer.
    """

    methods: tuple[str, ...]
    kinds: tuple[str, ...]
    status: int
    instead: int

    def __call__(self, send: Send) -> Send:
        """
        Change a handler's status.
        """

        def answered(request: Request) -> Response:
            response = send(request)
            asked = _is_among(request, self.methods, self.kinds)
            if not asked or response.status != self.status:
                return response
            return evolve(response, status=self.instead)

        return answered


@record(kw_only=True)
class NotOffered:
    """
    Requests of a kind are refused, whatever they are about.
    """

    methods: tuple[str, ...]
    kinds: tuple[str, ...]
    status: int = 405
    code: str = "UNSUPPORTED"
    #: Whether only those are refused that name a tag.
    tags: bool = False

    def __call__(self, send: Send) -> Send:
        """
        Refuse what a handler may do well.
        """

        def answered(request: Request) -> Response:
            refused = _is_among(request, self.methods, self.kinds)
            if not refused or (self.tags and not route_of(request).tag):
                return send(request)
            response = refusal(self.status, self.code, "The operation is unsupported.")
            return with_bytes(response, b"") if request.method == "HEAD" else response

        return answered


@record
class NamespaceNeeded:
    """
    Repositories have names of two parts or more; others are for nobody.
    """

    def __call__(self, send: Send) -> Send:
        """
        Refuse names of one part.
        """

        def answered(request: Request) -> Response:
            repository = route_of(request).repository
            if not repository or "/" in repository:
                return send(request)
            return refusal(401, "UNAUTHORIZED", "authentication required")

        return answered


@record
class CookiesJudged:
    """
    A cookie comes with every answer; who sends it back is taken for a browser, of which
    more is wanted.
    """

    def __call__(self, send: Send) -> Send:
        """
        Set cookies, and refuse writes that show one.
        """

        def answered(request: Request) -> Response:
            writes = request.method not in ("GET", "HEAD")
            if writes and "Cookie" in request.headers:
                return refusal(403, "DENIED", "CSRF token not found in request")
            response = send(request)
            cookie = ("Set-Cookie", "_gorilla_csrf=MTIz; Path=/; HttpOnly; SameSite=Strict")
            return evolve(response, headers=Headers((*response.headers, cookie)))

        return answered


@record(kw_only=True)
class UnknownCode:
    """
    What is not there is told with the code UNKNOWN, not with that of the specification.
    """

    message: str = "Not Found"

    def __call__(self, send: Send) -> Send:
        """
        Change a handler's 404.
        """

        def answered(request: Request) -> Response:
            response = send(request)
            if response.status != 404 or request.method == "HEAD":
                return response
            response.body.close()
            return refusal(404, "UNKNOWN", self.message)

        return answered


@record(kw_only=True)
class MediaTypeNeeded:
    """
    Manifests that do not say in themselves of what type they are, are refused.
    """

    status: int = 405

    def __call__(self, send: Send) -> Send:
        """
        Look into manifests before a handler takes them.
        """

        def fault(document: dict[str, Any]) -> str:
            return "" if document.get("mediaType") else "Invalid JSON syntax"

        return _judged(send, fault, self.status, "UNSUPPORTED")


@record(kw_only=True)
class TypesRefused:
    """
    Manifests of these types are refused.
    """

    types: tuple[str, ...]
    status: int = 400

    def __call__(self, send: Send) -> Send:
        """
        Look into manifests before a handler takes them.
        """

        def fault(document: dict[str, Any]) -> str:
            kind = document.get("mediaType")
            return f"manifest type {kind} unsupported" if kind in self.types else ""

        return _judged(send, fault, self.status, "MANIFEST_INVALID")


def _judged(send: Send, fault: Callable[[dict[str, Any]], str], status: int, code: str) -> Send:
    def answered(request: Request) -> Response:
        if request.method != "PUT" or route_of(request).kind != "manifest":
            return send(request)
        with request.body.opener.open() as stream:
            data = stream.read()
        try:
            document = json.loads(data)
        except ValueError:
            document = None
        found = fault(document) if isinstance(document, dict) else ""
        if found:
            return refusal(status, code, found)
        return send(evolve(request, body=body_of(data)))

    return answered


@record
class OldUnlessSeveral:
    """
    Who names all types in one Accept field gets a manifest of schema 1; a field for each
    type is understood.
    """

    def __call__(self, send: Send) -> Send:
        """
        Answer from a handler to those who ask well.
        """

        def answered(request: Request) -> Response:
            response = send(request)
            asked = request.method in ("GET", "HEAD") and route_of(request).kind == "manifest"
            if not asked or response.status != 200:
                return response
            if not any("," in line for line in request.headers.all("Accept")):
                return response
            headers = response.headers.without("ETag")
            headers = headers.with_("Content-Type", media.DOCKER_SCHEMA1)
            headers = headers.with_("Docker-Content-Digest", str(Digest.of(_SCHEMA1)))
            old = with_bytes(evolve(response, headers=headers), _SCHEMA1)
            return evolve(old, body=BytesOpener(b"").open()) if request.method == "HEAD" else old

        return answered


@record
class Compressed:
    """
    Manifests and blobs come compressed once more to whoever takes gzip.
    """

    def __call__(self, send: Send) -> Send:
        """
        Compress what a handler answers.
        """

        def answered(request: Request) -> Response:
            response = send(request)
            takes = "gzip" in request.headers.get("Accept-Encoding")
            asked = request.method == "GET" and route_of(request).kind in ("manifest", "blob")
            if not (takes and asked and response.status == 200):
                return response
            data = gzip.compress(response.body.read(), mtime=0)
            found = with_bytes(response, data)
            return evolve(found, headers=found.headers.with_("Content-Encoding", "gzip"))

        return answered


def _is_among(request: Request, methods: tuple[str, ...], kinds: tuple[str, ...]) -> bool:
    kind = route_of(request).kind if kinds else ""
    return (not methods or request.method in methods) and (not kinds or kind in kinds)
