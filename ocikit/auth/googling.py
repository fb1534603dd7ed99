"""
What google-auth is given: files of credentials, and a way to send its requests.

A file is the person's own, but it is not read by what takes any kind: its kind says who
reads it, as google-auth wants it. Requests to Google go by our own network, with its
proxies and authorities. The metadata server is on the same machine and speaks plain HTTP:
a proxy has no business with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Final

from ocikit.errors import OciError
from ocikit.http.answers import read_body
from ocikit.http.message import Headers, Request, Send, body_of
from ocikit.http.terms import Terms

#: The largest answer, and the largest file, that is read, in bytes.
_MOST: Final = 1 << 20
#: By the kind of a file: who reads it, and by which method.
_PERSONS: Final = "external_account_authorized_user"
_READERS: Final = {
    "service_account": ("google.oauth2.service_account", "from_service_account_info"),
    "authorized_user": ("google.oauth2.credentials", "from_authorized_user_info"),
    "impersonated_service_account": (
        *("google.auth.impersonated_credentials", "from_impersonated_service_account_info"),
    ),
    _PERSONS: ("google.auth.external_account_authorized_user", "from_info"),
}
#: Of the kind `external_account`, by what its subject is told with (AIP-4117).
_AWS: Final = "urn:ietf:params:aws:token-type:aws4_request"


def credentials_of(path: str, scopes: Sequence[str]) -> Any:
    """
    Read a file of Google's credentials.

    Raises:
        OSError: it cannot be read.
        ValueError: it is none, or of a kind that is not known.
    """
    from ocikit.spec.gojson import JSONInvalid, loads

    with open(path, "rb") as file:
        raw = file.read(_MOST)
    try:
        info: Any = loads(raw)
    except JSONInvalid:
        info = None
    if not isinstance(info, dict):
        raise ValueError("it is not a JSON object")
    module, method = _reader(info)
    # These have the scopes that a person agreed to.
    asked = {} if info["type"] == _PERSONS else {"scopes": list(scopes)}
    try:
        return getattr(import_module(module).Credentials, method)(info, **asked)
    except (AttributeError, KeyError, TypeError):
        raise ValueError(f"it lacks what the type {info['type']} has, or has it wrong") from None


def _reader(info: dict[str, Any]) -> tuple[str, str]:
    kind = info.get("type")
    if kind == "external_account":
        source = info.get("credential_source")
        if info.get("subject_token_type") == _AWS:
            return "google.auth.aws", "from_info"
        if isinstance(source, dict) and source.get("executable") is not None:
            return "google.auth.pluggable", "from_info"
        return "google.auth.identity_pool", "from_info"
    if not isinstance(kind, str) or kind not in _READERS:
        raise ValueError(f"its type is none of {', '.join((*_READERS, 'external_account'))}")
    return _READERS[kind]


def transport(send: Send | None = None) -> Any:
    """
    Make what google-auth calls to send a request (`google.auth.transport.Request`).

    Args:
        send: carries what goes by TLS; google-auth's own way when None.

    It raises google-auth's TransportError, for it is google-auth that handles that.
    """
    import google.auth.exceptions
    import urllib3
    from google.auth.transport import urllib3 as theirs

    make: Any = theirs.Request
    plain: Any = make(urllib3.PoolManager(retries=False))
    if send is None:
        return plain

    def ask(
        url: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: dict[str, str] | None = None,
        **rest: Any,
    ) -> Any:
        if not url.startswith("https:"):
            return plain(url, method=method, body=body, headers=headers, **rest)
        data = body.encode() if isinstance(body, str) else body or b""
        request = Request(
            method=method,
            url=url,
            headers=Headers(headers or {}),
            body=body_of(data),
            terms=Terms(checked=True),
        )
        try:
            response = send(request)
            said = read_body(request, response, _MOST)
        except OciError as error:
            transport_failed: Any = google.auth.exceptions.TransportError
            raise transport_failed(str(error)) from error
        known = {name.lower(): value for name, value in response.headers}
        return SimpleNamespace(status=response.status, headers=known, data=said)

    return ask
