"""
Whose certificates are trusted, and which is shown: what TLS goes by.
"""

from __future__ import annotations

import ssl
from typing import NoReturn

from ocikit.http.terms import Terms
from ocikit.registry.faults import CertificateInvalid


def trust(terms: Terms, files: tuple[str, ...] = (), *, insecure: bool = False) -> ssl.SSLContext:
    """
    Make what TLS goes by: the system's authorities, those of files, and who we are.

    `SSL_CERT_FILE` and `SSL_CERT_DIR` stand for the system's authorities on Linux, as
    they do for OpenSSL.

    Args:
        files: certificates (PEM) that are trusted beside those of the terms.
        insecure: trust whoever answers.

    Raises:
        CertificateInvalid: a file cannot be read, is none of certificates, or its key is
            encrypted or another's.
    """
    context = _context(insecure)
    for path in () if insecure else (*files, *terms.authorities):
        try:
            context.load_verify_locations(cafile=path)
        except OSError as error:
            _fail(path, error, "it has no certificates (PEM)")
    if terms.certificate:
        _show(context, terms)
    return context


def _context(insecure: bool) -> ssl.SSLContext:
    if insecure:
        # Without any authority: to read those of the system takes longer than to connect.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    import truststore

    made: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return made


def _show(context: ssl.SSLContext, terms: Terms) -> None:
    def ask() -> NoReturn:
        # Without this OpenSSL would ask the terminal.
        raise CertificateInvalid(path=terms.key or terms.certificate, reason="its key is encrypted")

    try:
        context.load_cert_chain(terms.certificate, terms.key or None, password=ask)
    except OSError as error:
        missing = getattr(error, "filename", None)
        reason = "there is no certificate in it (PEM), or no key, or that of another"
        _fail(missing or terms.certificate, error, reason)


def _fail(path: str, error: OSError, reason: str) -> NoReturn:
    if not isinstance(error, ssl.SSLError):
        reason = f"cannot be read: {error.strerror or type(error).__name__}"
    raise CertificateInvalid(path=path, reason=reason) from None
