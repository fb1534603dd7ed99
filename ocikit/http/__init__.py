"""
The distribution protocol as data.

`message` has the records; `routes` makes requests and `answers` reads responses;
`faults` tells error responses apart; `challenge`, `scope`, `realm` and `token` are how
credentials become tokens; `retry` and `paging` say what to ask next; `redact` decides
what may be shown.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

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

door(
    __name__,
    {
        "ocikit.http.credentials": (
            "Anonymous Basic Credentials IdentityToken Keychain RegistryToken Resource"
        ),
        "ocikit.http.faults": (
            "Answered BlobUnknown Denied ManifestUnknown NameUnknown NotThere RegistryRefused "
            "ServerFailed TooManyRequests Unauthorized UploadUnknown"
        ),
        "ocikit.http.message": "Body Headers Middleware Request Response Send",
        "ocikit.http.retry": "Policy",
    },
)
