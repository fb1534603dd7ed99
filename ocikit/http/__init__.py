"""
The distribution protocol as data.

`message` has the records; `routes` makes requests and `answers` reads responses;
`faults` tells error responses apart; `challenge`, `scope`, `realm` and `token` are how
credentials become tokens; `retry` and `paging` say what to ask next; `redact` decides
what may be shown.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ocikit.http.credentials import (
        Anonymous,
        Basic,
        Credentials,
        IdentityToken,
        Keychain,
        RegistryToken,
        Resource,
    )
    from ocikit.http.faults import (
        Answered,
        BlobUnknown,
        Denied,
        ManifestUnknown,
        NameUnknown,
        NotThere,
        RegistryRefused,
        ServerFailed,
        TooManyRequests,
        Unauthorized,
        UploadUnknown,
    )
    from ocikit.http.message import Body, Headers, Middleware, Request, Response, Send
    from ocikit.http.retry import Policy

__all__ = [
    "Anonymous",
    "Answered",
    "Basic",
    "BlobUnknown",
    "Body",
    "Credentials",
    "Denied",
    "Headers",
    "IdentityToken",
    "Keychain",
    "ManifestUnknown",
    "Middleware",
    "NameUnknown",
    "NotThere",
    "Policy",
    "RegistryRefused",
    "RegistryToken",
    "Request",
    "Resource",
    "Response",
    "Send",
    "ServerFailed",
    "TooManyRequests",
    "Unauthorized",
    "UploadUnknown",
]

# Every module in here passes this door first: it imports nothing until it is asked.
_PLACES: Final = {
    "credentials": (
        *("Anonymous", "Basic", "Credentials", "IdentityToken", "Keychain"),
        *("RegistryToken", "Resource"),
    ),
    "message": ("Body", "Headers", "Middleware", "Request", "Response", "Send"),
    "retry": ("Policy",),
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'ocikit.http' has no attribute {name!r}")
    places = (module for module, names in _PLACES.items() if name in names)
    return getattr(importlib.import_module(f"ocikit.http.{next(places, 'faults')}"), name)


def __dir__() -> list[str]:
    return __all__
