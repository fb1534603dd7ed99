"""
TLS for a server: its certificate, and which clients it wants to see one of.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable

import attrs

from ocikit.errors import Invalid


@attrs.frozen(kw_only=True)
class CertificateUnusable(Invalid):
    """
    A certificate or its key cannot be used.
    """

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}; give PEM files, of a certificate and its key"


def server_context(certificate: str, key: str = "", clients: str = "") -> ssl.SSLContext:
    """
    Make the TLS context of a server.

    Args:
        certificate: the file of its certificate, with those between it and a known one.
        key: the file of its key; the certificate's own when empty.
        clients: the file of authorities one of which has to have issued a certificate to
            each client; clients need none when empty.

    Raises:
        CertificateUnusable: a file is missing, or is no such thing.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    _load(certificate, lambda: context.load_cert_chain(certificate, key or None, password=""))
    if clients:
        _load(clients, lambda: context.load_verify_locations(clients))
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _load(path: str, load: Callable[[], None]) -> None:
    try:
        load()
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
        raise CertificateUnusable(path=path, reason=str(reason)) from None


class Reload:
    """
    Reads a certificate again when its file has changed: new connections are shown it.

    Args:
        context: the context to keep up to date.
        certificate: the file of the certificate.
        key: the file of its key; the certificate's own when empty.
    """

    def __init__(self, context: ssl.SSLContext, certificate: str, key: str = "") -> None:
        self._context, self._certificate, self._key = context, certificate, key
        self._lock = threading.Lock()
        self._seen = self._marks()

    def __call__(self) -> bool:
        """
        Look, and tell whether it was read again; what cannot be used leaves the old one.
        """
        with self._lock:
            now = self._marks()
            if now == self._seen:
                return False
            try:
                # The files may be amid a change: then they are looked at again.
                server_context(self._certificate, self._key)
                self._context.load_cert_chain(self._certificate, self._key or None, password="")
            except (CertificateUnusable, OSError):
                return False
            self._seen = now
            return True

    def _marks(self) -> tuple[float, ...]:
        paths = (self._certificate, self._key) if self._key else (self._certificate,)
        try:
            return tuple(os.stat(path).st_mtime_ns for path in paths)
        except OSError:
            return ()
