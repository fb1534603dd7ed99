"""
Certificates for a server on this machine, and who signed for them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import attrs


@attrs.frozen
class Issued:
    """
    Paths of PEM files.
    """

    authority: Path
    certificate: Path
    key: Path


def issue(folder: Path) -> Issued:
    """
    Make an authority, and a certificate for localhost and 127.0.0.1, good for a day.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    signer, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    )
    basic = x509.BasicConstraints(ca=True, path_length=None)
    made = Issued(folder / "ca.crt", folder / "server.crt", folder / "server.key")
    _write(made.authority, _signed("ocikit tests", signer, signer, basic))
    _write(made.certificate, _signed("localhost", key, signer, names))
    _write_key(made.key, key)
    return made


def _signed(subject: str, key: Any, signer: Any, extension: Any) -> Any:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import NameOID

    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(named(subject))
        .issuer_name(named("ocikit tests"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(extension, critical=False)
        .sign(signer, hashes.SHA256())
    )


def _write(path: Path, certificate: Any) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    path.write_bytes(certificate.public_bytes(Encoding.PEM))


def _write_key(path: Path, key: Any) -> None:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
