"""
A certificate authority for tests, and what it issues to servers and to clients.

It needs the package `cryptography`. What it issues is good for a day.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject: str, issuer: str, key: Any) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
    )


def _key_pem(key: Any, password: bytes = b"") -> bytes:
    lock: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        lock = serialization.BestAvailableEncryption(password)
    pem: bytes = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock
    )
    return pem


@attrs.frozen
class Pair:
    """
    A certificate and its key, as files.
    """

    certificate: Path
    key: Path


class CertificateAuthority:
    """
    Issues certificates into a folder; `file` is what those who trust it are given.

    >>> import tempfile
    >>> authority = CertificateAuthority(Path(tempfile.mkdtemp()))
    >>> authority.server("r.example").certificate.name, authority.file.name
    ('server.cert', 'ca.crt')
    """

    def __init__(self, folder: Path, name: str = "ocikit tests") -> None:
        self._folder = folder
        self._name = name
        self._key = ec.generate_private_key(ec.SECP256R1())
        root = _builder(name, name, self._key)
        root = root.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        made = root.sign(self._key, hashes.SHA256())
        self.file = folder / "ca.crt"
        self.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def server(self, *names: str, file: str = "server") -> Pair:
        """
        Issue to a server of these names: 127.0.0.1 and localhost when none is given.
        """
        hosts = [x509.DNSName(name) for name in names or ("localhost",)]
        here = x509.IPAddress(ip_address("127.0.0.1"))
        purpose = x509.SubjectAlternativeName([*hosts, here])
        return self._issue(file, purpose, ExtendedKeyUsageOID.SERVER_AUTH)

    def client(self, file: str = "client", password: bytes = b"") -> Pair:
        """
        Issue to a client; its key is locked if there is a password.
        """
        purpose = x509.SubjectAlternativeName([x509.DNSName(file)])
        return self._issue(file, purpose, ExtendedKeyUsageOID.CLIENT_AUTH, password)

    def _issue(self, file: str, names: Any, usage: Any, password: bytes = b"") -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(file, self._name, key).add_extension(names, critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        made = builder.sign(self._key, hashes.SHA256())
        pair = Pair(self._folder / f"{file}.cert", self._folder / f"{file}.key")
        pair.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        pair.key.write_bytes(_key_pem(key, password))
        return pair

    def context(self, *names: str, demanding: bool = False) -> ssl.SSLContext:
        """
        Make a server's TLS, which may demand that its clients show a certificate.
        """
        pair = self.server(*names)
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(pair.certificate, pair.key)
        if demanding:
            made.verify_mode = ssl.CERT_REQUIRED
            made.load_verify_locations(self.file)
        return made
