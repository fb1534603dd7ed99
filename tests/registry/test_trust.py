"""
Files that TLS goes by, good and bad.
"""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from ocikit.http.terms import PLAIN, Terms
from ocikit.registry.faults import CertificateInvalid
from ocikit.registry.trust import trust
from ocikit.testing.certificates import CertificateAuthority


def test_the_system_is_trusted_with_what_is_given(tmp_path: Path) -> None:
    """
    A file of ours is added to the system's, not put in their place.
    """
    authority = CertificateAuthority(tmp_path)
    given = trust(Terms(authorities=(str(authority.file),)), (str(authority.file),))
    assert (given.verify_mode, given.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert type(given).__module__.startswith("truststore")


def test_insecure_trusts_whoever_answers(tmp_path: Path) -> None:
    """
    Then files of authorities are not even read; a certificate of ours is shown still.
    """
    pair = CertificateAuthority(tmp_path).client()
    terms = Terms(authorities=("/nowhere",), certificate=str(pair.certificate), key=str(pair.key))
    assert trust(terms, ("/nowhere",), insecure=True).verify_mode is ssl.CERT_NONE


def test_a_certificate_may_hold_its_key(tmp_path: Path) -> None:
    """
    Both in one file, as curl takes them.
    """
    pair = CertificateAuthority(tmp_path).client()
    both = tmp_path / "both.pem"
    both.write_bytes(pair.certificate.read_bytes() + pair.key.read_bytes())
    trust(Terms(certificate=str(both)))


def test_what_cannot_be_used_is_told(tmp_path: Path) -> None:
    """
    By its path, and never by asking the terminal for the key of a locked key.
    """
    authority = CertificateAuthority(tmp_path)
    pair, other = authority.client(), authority.client("other")
    locked = authority.client("locked", password=b"secret")
    empty = tmp_path / "empty.pem"
    empty.touch()
    cases = [
        (Terms(authorities=("/nowhere/ca",)), "/nowhere/ca: cannot be read: No such file"),
        (Terms(authorities=(str(empty),)), "empty.pem: it has no certificates"),
        (Terms(authorities=(str(pair.key),)), "client.key: it has no certificates"),
        (Terms(certificate="/nowhere/cert"), "/nowhere/cert: cannot be read"),
        (Terms(certificate=str(empty)), "empty.pem: there is no certificate in it"),
        (Terms(certificate=str(pair.certificate)), "or no key"),
        (Terms(certificate=str(pair.certificate), key=str(other.key)), "or that of another"),
        (Terms(certificate=str(locked.certificate), key=str(locked.key)), "its key is encrypted"),
    ]
    for terms, said in cases:
        with pytest.raises(CertificateInvalid, match=said):
            trust(terms)
    with pytest.raises(CertificateInvalid, match="/nowhere/extra"):
        trust(PLAIN, ("/nowhere/extra",))
