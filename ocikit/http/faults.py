"""
Error responses: which error each one is, and how a server writes them.

What a registry answers becomes one leaf by its status, its error code and what it was
asked. All leaves are `Answered`, and have its fields:

=================== ============= ===============================================
leaf                family        when
=================== ============= ===============================================
`ManifestUnknown`   `Missing`     404 for a manifest
`BlobUnknown`       `Missing`     404 for a blob
`UploadUnknown`     `Missing`     404 for an upload that is under way
`NameUnknown`       `Missing`     404 for a repository
`NotThere`          `Missing`     404 for anything else
`Unauthorized`      `Refused`     401
`Denied`            `Refused`     403
`TooManyRequests`   `Refused`     429
`ServerFailed`      `Unreachable` 408, 499 and 5xx but 501: another time it may work
`RegistryRefused`   `Refused`     every other status that was not expected
=================== ============= ===============================================
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import attrs

from ocikit._records import JSON, evolve
from ocikit.content.streams import BytesOpener
from ocikit.errors import Missing, OciError, Refused, Unreachable
from ocikit.http.echo import secrets_in, unechoed
from ocikit.http.message import Headers, Request, Response
from ocikit.http.redact import redact_text, redact_url, secrets_of
from ocikit.http.retryafter import retry_after

if TYPE_CHECKING:
    from ocikit.spec.api import Problem

#: How much of an error's body is read, in bytes.
MAX_ERROR: Final = 64 << 10
#: How many of its problems, and how deep in their details, are kept.
_MOST_PROBLEMS: Final = 16
_DEEPEST: Final = 8


@attrs.frozen(kw_only=True)
class Answered(OciError):
    """
    What was asked for did not come; the other side answered with an error instead.

    What it says is kept with secrets masked.
    """

    method: str
    url: str
    status: int
    #: What the body reports, if it is as distribution-spec, "Error Codes", has it.
    problems: tuple[Problem, ...] = ()
    #: The begin of another kind of body.
    text: str = ""
    #: Seconds that the other side asks to wait for.
    retry_after: float | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """
        The codes of the problems, as "MANIFEST_UNKNOWN".
        """
        return tuple(problem.code for problem in self.problems)

    def __str__(self) -> str:
        said = "; ".join(map(_line, self.problems)) or self.text
        wait = "" if self.retry_after is None else f"wait {self.retry_after:.0f} s"
        told = [f"{self.method} {self.url}: {_status(self.status)}", said, wait, self._hint()]
        return "; ".join(part for part in told if part)

    def _hint(self) -> str:
        return _HINTS.get(type(self).__name__, "")


# The leaves add no field: what attrs made of `Answered` is theirs, and need not be made
# again for each when this is imported, as it is by whatever asks a registry.
class ManifestUnknown(Answered, Missing):
    """
    There is no such tag, or no such manifest, in the repository.
    """


class BlobUnknown(Answered, Missing):
    """
    There is no such blob in the repository.
    """


class UploadUnknown(Answered, Missing):
    """
    The registry does not know the upload, or no longer.
    """


class NameUnknown(Answered, Missing):
    """
    There is no such repository.
    """


class NotThere(Answered, Missing):
    """
    The registry, or what answers in its place, has nothing under this URL.
    """


class Unauthorized(Answered, Refused):
    """
    The registry wants to know who asks, or does not believe it.
    """


class Denied(Answered, Refused):
    """
    Who asks may not do this.
    """


class TooManyRequests(Answered, Refused):
    """
    The registry has answered often enough for now.
    """


class RegistryRefused(Answered, Refused):
    """
    The registry refused, or answered in a way that was not expected.
    """


class ServerFailed(Answered, Unreachable):
    """
    The registry, or a gateway before it, failed; another time it may work.
    """


_HINTS: Final = {
    "ManifestUnknown": "check the tag or digest, and that the image was pushed",
    "BlobUnknown": "check the digest; a blob is only in the repositories that it was pushed to",
    "NameUnknown": "check the repository's name",
    "Unauthorized": "log in, or check the stored credentials",
    "Denied": "check that these credentials may do this",
    "NotThere": "check that this is a registry's address",
}
_BY_STATUS: Final[dict[int, type[Answered]]] = {
    401: Unauthorized,
    403: Denied,
    429: TooManyRequests,
    408: ServerFailed,
    499: ServerFailed,
    501: RegistryRefused,
}
_BY_CODE: Final[dict[str, type[Answered]]] = {
    "MANIFEST_UNKNOWN": ManifestUnknown,
    "BLOB_UNKNOWN": BlobUnknown,
    "BLOB_UPLOAD_UNKNOWN": UploadUnknown,
    "NAME_UNKNOWN": NameUnknown,
    "MANIFEST_BLOB_UNKNOWN": RegistryRefused,
}


def check(request: Request, response: Response, *ok: int, now: float | None = None) -> Response:
    """
    Return the response when its status is one of `ok`; else read, close and raise it.

    `now`, in seconds since 1970, serves a Retry-After that is a date and comes without
    the server's own.

    Raises:
        Answered: a leaf of it, by status, error code and what was asked.

    >>> check(Request(method="GET", url="https://r.io/v2/"), Response(status=200), 200).status
    200
    """
    if response.status in ok:
        return response
    raise error_of(request, response, now=now)


def error_of(request: Request, response: Response, *, now: float | None = None) -> Answered:
    """
    Read and close an error response. At most 64 KiB of it are looked at.
    """
    problems, text = _read(request, response)
    kind = _kind(request, response.status, tuple(problem.code for problem in problems))
    return kind(
        method=request.method,
        url=redact_url(request.url),
        status=response.status,
        problems=problems,
        text=text,
        retry_after=retry_after(response.headers, now),
    )


def quieted(response: Response, told: Headers) -> Response:
    """
    Read and close an error response, and give it less what it echoes of secret fields.

    >>> said = Response(status=403, body=BytesOpener(b"no: tok-123").open())
    >>> quieted(said, Headers({"Authorization": "Bearer tok-123"})).body.read()
    b'no: REDACTED'
    """
    try:
        with response:
            raw = _first(response)
    except (OciError, OSError):
        raw = b""
    return evolve(response, body=BytesOpener(unechoed(raw, secrets_of(told))).open())


def fault(status: int, *problems: Problem, headers: Headers | None = None) -> Response:
    """
    Write an error response, as a registry does.

    >>> from ocikit.spec.api import Problem
    >>> fault(404, Problem(code="NAME_UNKNOWN", message="no such repository")).body.read()
    b'{"errors":[{"code":"NAME_UNKNOWN","message":"no such repository"}]}'
    """
    from ocikit.spec.gojson import dumps

    errors = [_members(problem) for problem in problems]
    body = dumps({"errors": errors})
    fields = Headers() if headers is None else headers
    fields = fields.with_("Content-Type", "application/json")
    fields = fields.with_("Content-Length", str(len(body)))
    return Response(status=status, headers=fields, body=BytesOpener(body).open())


def _members(problem: Problem) -> dict[str, JSON]:
    members: dict[str, JSON] = {"code": problem.code, "message": problem.message}
    return members if problem.detail is None else {**members, "detail": problem.detail}


def _kind(request: Request, status: int, codes: tuple[str, ...]) -> type[Answered]:
    if status == 404:
        known = (_BY_CODE[code] for code in codes if code in _BY_CODE)
        return next(known, _by_route(request))
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return ServerFailed if status >= 500 else RegistryRefused


def _by_route(request: Request) -> type[Answered]:
    # HEAD has no body, and many registries have codes of their own.
    path = request.url.partition("?")[0]
    parts = path.split("/")
    if parts[-2:-1] == ["manifests"] and request.method in ("GET", "HEAD", "DELETE"):
        return ManifestUnknown
    if "/blobs/uploads/" in path:
        return NameUnknown if request.method == "POST" else UploadUnknown
    if parts[-2:-1] == ["blobs"]:
        return BlobUnknown
    if path.endswith("/tags/list") or parts[-2:-1] == ["manifests"]:
        return NameUnknown
    return NotThere


def _read(request: Request, response: Response) -> tuple[tuple[Problem, ...], str]:
    try:
        with response:
            raw = b"" if request.method == "HEAD" else _first(response)
    except (OciError, OSError):
        # The status is known, and says more than a body that broke off.
        return (), ""
    raw = unechoed(raw, secrets_in(request))
    problems = _problems(raw)
    kind = response.headers.get("Content-Type").lower()
    # A page made for browsers says nothing to people who read it as text.
    readable = not problems and "html" not in kind and not raw.lstrip().startswith(b"<")
    return problems, redact_text(raw.decode("utf-8", "replace"), 256) if readable else ""


def _first(response: Response) -> bytes:
    data = bytearray()
    while len(data) < MAX_ERROR and (part := response.body.read(MAX_ERROR - len(data))):
        data += part
    return bytes(data)


def _problems(raw: bytes) -> tuple[Problem, ...]:
    from ocikit.spec.gojson import JSONInvalid, loads

    if not raw.lstrip().startswith(b"{"):
        return ()
    try:
        body: Any = loads(raw)
    except JSONInvalid:
        return ()
    errors = body.get("errors") if isinstance(body, dict) else None
    given = errors if isinstance(errors, list) else []
    found = (_problem(item) for item in given[:_MOST_PROBLEMS] if isinstance(item, dict))
    return tuple(problem for problem in found if problem.code or problem.message)


def _problem(item: dict[str, Any]) -> Problem:
    from ocikit.spec.api import Problem

    code, message = item.get("code"), item.get("message")
    return Problem(
        code=redact_text(code, 64) if isinstance(code, str) else "",
        message=redact_text(message) if isinstance(message, str) else "",
        detail=_masked(item.get("detail"), _DEEPEST),
    )


def _masked(value: Any, depth: int) -> JSON:
    if isinstance(value, str):
        return redact_text(value)
    if depth == 0:
        return None
    if isinstance(value, list):
        return [_masked(item, depth - 1) for item in value]
    if isinstance(value, dict):
        return {redact_text(name, 64): _masked(item, depth - 1) for name, item in value.items()}
    kept: JSON = value
    return kept


def _line(problem: Problem) -> str:
    from ocikit.spec.gojson import dumps

    line = ": ".join(part for part in (problem.code, problem.message) if part)
    if problem.detail in (None, "", [], {}):
        return line
    return f"{line} ({redact_text(dumps(problem.detail).decode(), 256)})"


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"status {status}"
