"""
What goes wrong on the way to a registry and back.

URLs in these errors are redacted when the error is made: presigned queries and
passwords are in none of their fields.
"""

from __future__ import annotations

import attrs

from ocikit.errors import Corrupt, Invalid, Unreachable, Unsupported
from ocikit.http.redact import redact_url


@attrs.frozen(kw_only=True)
class ConnectionFailed(Unreachable):
    """
    No connection was made: the name is unknown, or nobody listens there.
    """

    url: str = attrs.field(converter=redact_url)
    reason: str

    def __str__(self) -> str:
        return f"{self.url}: cannot connect: {self.reason}; check the name, port and network"


@attrs.frozen(kw_only=True)
class ConnectionBroken(Unreachable):
    """
    The connection ended before the whole response was there.
    """

    url: str = attrs.field(converter=redact_url)
    reason: str

    def __str__(self) -> str:
        return f"{self.url}: the connection broke: {self.reason}; try again"


@attrs.frozen(kw_only=True)
class TimedOut(Unreachable):
    """
    The other side fell silent.
    """

    url: str = attrs.field(converter=redact_url)
    #: How long was waited, in seconds.
    seconds: float

    def __str__(self) -> str:
        return f"{self.url}: no answer within {self.seconds:g} s; try again, or wait longer"


@attrs.frozen(kw_only=True)
class TooSlow(Unreachable):
    """
    Bytes came or went, but so few that it would never end.
    """

    url: str = attrs.field(converter=redact_url)
    received: int
    #: How long was waited for them, in seconds.
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.url}: only {self.received} bytes in {self.seconds:.0f} s; try again, "
            "or allow a lower speed"
        )


@attrs.frozen(kw_only=True)
class HeadTooLarge(Corrupt):
    """
    The header of an answer is larger than any honest one.
    """

    url: str = attrs.field(converter=redact_url)

    def __str__(self) -> str:
        return f"{self.url}: the answer's header is longer, or has more fields, than any should"


@attrs.frozen(kw_only=True)
class ProxyUnsupported(Unsupported):
    """
    A proxy is of a kind that is not spoken.
    """

    #: Its URL, less what is secret in it.
    proxy: str = attrs.field(converter=redact_url)

    def __str__(self) -> str:
        return f"proxy {self.proxy}: only http:// and https:// proxies are spoken to"


@attrs.frozen(kw_only=True)
class CertificateInvalid(Invalid):
    """
    A file of certificates, or of a key, cannot be used.
    """

    path: str
    reason: str

    def __str__(self) -> str:
        return f"certificate file {self.path}: {self.reason}"


@attrs.frozen(kw_only=True)
class TLSFailed(Unreachable):
    """
    No secure connection could be agreed on; the other side may speak plain HTTP.
    """

    url: str = attrs.field(converter=redact_url)
    reason: str

    def __str__(self) -> str:
        wants = "certificate required" in self.reason or "handshake failure" in self.reason
        hint = "it wants a client's certificate" if wants else "does it speak plain HTTP?"
        return f"{self.url}: TLS failed: {self.reason}; {hint}"


@attrs.frozen(kw_only=True)
class CertificateUntrusted(Unreachable):
    """
    The other side has a certificate, but not one that is trusted for its name.
    """

    url: str = attrs.field(converter=redact_url)
    reason: str

    def __str__(self) -> str:
        return (
            f"{self.url}: its certificate is not trusted: {self.reason}; "
            "add its authority to those of the system, or ask for an insecure connection"
        )


@attrs.frozen(kw_only=True)
class BodyTruncated(Unreachable):
    """
    A response ended before the length that it announced.
    """

    url: str = attrs.field(converter=redact_url)
    received: int
    expected: int

    def __str__(self) -> str:
        return f"{self.url}: the response broke off after {self.received} of {self.expected} bytes"


@attrs.frozen(kw_only=True)
class BlobTooShort(Corrupt):
    """
    A blob ends before the size that its descriptor gives it.
    """

    url: str = attrs.field(converter=redact_url)
    #: Where more was asked for, in bytes from its beginning.
    offset: int
    expected: int | None

    def __str__(self) -> str:
        said = "" if self.expected is None else f" of the {self.expected} it should have"
        return f"{self.url}: there is nothing after {self.offset} bytes{said}"


@attrs.frozen(kw_only=True)
class SourceLengthWrong(Corrupt):
    """
    What was to be sent is shorter or longer than its announced length.
    """

    url: str = attrs.field(converter=redact_url)
    expected: int
    #: Bytes that there were; when there were too many, no more than one was looked at.
    actual: int

    def __str__(self) -> str:
        return f"{self.url}: {self.expected} bytes were to be sent, but there are {self.actual}"
