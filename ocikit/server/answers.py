"""
What a registry answers: responses, and errors in the form of the specification.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import attrs

from ocikit.content.streams import BytesOpener
from ocikit.errors import Refused
from ocikit.http.faults import fault
from ocikit.http.message import Headers, Response
from ocikit.spec.api import Problem

JSON_TYPE: Final = "application/json"

Pairs = Iterable[tuple[str, str]]


@attrs.frozen(kw_only=True)
class RequestRefused(Refused):
    """
    The registry will not do what a request asks for.

    `code` is one of distribution-spec, "Error Codes"; `headers` go out with the response.
    """

    status: int
    code: str
    message: str
    #: Further problems of the same code.
    more: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.message}"


def refuse(refusal: RequestRefused) -> Response:
    """
    Make an error response (distribution-spec, "Error Codes").

    >>> refuse(RequestRefused(status=404, code="NAME_UNKNOWN", message="no")).body.read()
    b'{"errors":[{"code":"NAME_UNKNOWN","message":"no"}]}'
    """
    messages = (refusal.message, *refusal.more)
    problems = (Problem(code=refusal.code, message=message) for message in messages)
    return fault(refusal.status, *problems, headers=Headers(refusal.headers))


def of_json(
    value: Any, *, status: int = 200, kind: str = JSON_TYPE, headers: Pairs = ()
) -> Response:
    """
    Make a response of a JSON value.
    """
    from ocikit.spec.gojson import dumps

    data = dumps(value)
    fields = (("Content-Type", kind), ("Content-Length", str(len(data))), *headers)
    return Response(status=status, headers=Headers(fields), body=BytesOpener(data).open())


def empty(status: int, *headers: tuple[str, str]) -> Response:
    """
    Make a response without a body.
    """
    # RFC 9110, 8.6: a 204 has no Content-Length.
    fields = headers if status == 204 else (*headers, ("Content-Length", "0"))
    return Response(status=status, headers=Headers(fields))
