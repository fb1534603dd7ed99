"""
What urllib3, http.client or the system say of a failure, in our own words.
"""

from __future__ import annotations

import http.client
import ssl
from typing import Final

from ocikit.errors import OciError
from ocikit.http.redact import redact_text
from ocikit.registry.faults import (
    CertificateUntrusted,
    ConnectionBroken,
    ConnectionFailed,
    HeadTooLarge,
    TimedOut,
    TLSFailed,
    TooSlow,
)
from ocikit.registry.pace import Crept, HeadEndless
from ocikit.registry.settings import Settings

#: What http.client says when a proxy does not connect.
_REFUSED: Final = "Tunnel connection failed: "


def told(error: Exception, url: str, settings: Settings) -> OciError:
    """
    Say why a request got no answer.
    """
    from urllib3 import exceptions as foreign

    inner = _innermost(error)
    if isinstance(error, foreign.NewConnectionError | foreign.ProxyError):
        return ConnectionFailed(url=url, reason=_reason(inner))
    # The handshake is part of connecting, but urllib3 takes its silence for an answer's.
    if isinstance(error, foreign.ConnectTimeoutError) or _is_handshake(inner):
        return TimedOut(url=url, seconds=settings.connect_timeout)
    if isinstance(error, foreign.TimeoutError | TimeoutError):
        return TimedOut(url=url, seconds=settings.idle_timeout)
    return broken(inner, url, settings.idle_timeout)


def broken(error: BaseException, url: str, patience: float) -> OciError:
    """
    Say why a connection that had been made came to nothing.
    """
    if isinstance(error, Crept):
        return TooSlow(url=url, received=error.count, seconds=error.seconds)
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateUntrusted(url=url, reason=error.verify_message or _reason(error))
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return ConnectionBroken(url=url, reason="closed within TLS")
    if isinstance(error, ssl.SSLError):
        return TLSFailed(url=url, reason=(error.reason or _reason(error)).replace("_", " ").lower())
    if isinstance(error, TimeoutError):
        return TimedOut(url=url, seconds=patience)
    if _is_head(error):
        return HeadTooLarge(url=url)
    return ConnectionBroken(url=url, reason=_reason(error))


def _is_head(error: BaseException) -> bool:
    # http.client has a leaf for lines that are too long, and a text for too many of them.
    plain = type(error) is http.client.HTTPException
    return isinstance(error, http.client.LineTooLong | HeadEndless) or plain


def _is_handshake(error: BaseException) -> bool:
    return isinstance(error, TimeoutError) and "handshake" in str(error)


def _innermost(error: BaseException) -> BaseException:
    # urllib3 wraps in arguments, in __cause__, or in both.
    while True:
        wrapped = next((arg for arg in error.args if isinstance(arg, Exception)), error.__cause__)
        if wrapped is None:
            return error
        error = wrapped


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    if isinstance(error, http.client.BadStatusLine):
        closed = isinstance(error, http.client.RemoteDisconnected)
        return "closed without an answer" if closed else "the answer is not HTTP"
    if type(error) is OSError and str(error).startswith(_REFUSED):
        return f"the proxy refused: {redact_text(str(error).removeprefix(_REFUSED))}"
    return type(error).__name__
