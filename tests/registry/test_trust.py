"""
Files that TLS goes by, good and bad.
"""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from ocikit.errors import Unreachable
from ocikit.http.message import Request
from ocikit.http.terms import PLAIN, Terms
from ocikit.registry.faults import CertificateInvalid
from ocikit.registry.lines import Lines, resolve
from ocikit.registry.proxies import Proxies
from ocikit.registry.settings import Settings
from ocikit.registry.transport import network
from ocikit.registry.trust import trust
from ocikit.testing.certificates import CertificateAuthority
from tests.registry.sockets import listening, ok, says


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
    Then no authorities are read, nor those of the system; a certificate of ours is shown still.
    """
    pair = CertificateAuthority(tmp_path).client()
    terms = Terms(authorities=("/nowhere",), certificate=str(pair.certificate), key=str(pair.key))
    made = trust(terms, ("/nowhere",), insecure=True)
    assert made.verify_mode is ssl.CERT_NONE
    assert made.get_ca_certs() == []


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


def test_it_is_made_once_and_for_tls_only(tmp_path: Path) -> None:
    """
    A plain exchange costs no reading of certificates; two servers of one network share it.
    """
    authority = CertificateAuthority(tmp_path)
    settings, made = Settings(ca_files=(str(authority.file),)), list[ssl.SSLContext]()

    def making(*args: Any, **options: Any) -> ssl.SSLContext:
        made.append(trust(*args, **options))
        return made[-1]

    def ask(url: str) -> bytes:
        request = Request(method="GET", url=url)
        return lines.pool(request).request("GET", url).data

    lines = Lines(
        settings, time.monotonic, resolve, insecure=False, connections=1, make_trust=making
    )
    with listening(says(ok(b"plain"))) as plain:
        assert ask(plain.url) == b"plain"
    assert made == []
    for _ in range(2):
        with listening(says(ok(b"secret")), context=authority.context()) as secure:
            assert ask(secure.url.replace("http:", "HTTPS:")) == b"secret"
    assert len(made) == 1


@pytest.mark.parametrize("asked", ["http://r.example/", "https://r.example/", "https://ITSELF/"])
def test_a_proxy_is_not_shown_who_we_are(tmp_path: Path, asked: str) -> None:
    """
    Neither by a plain request, which a proxy that speaks TLS reads itself, nor when it is asked
    for a way to a registry that is to be shown the certificate. Who is asked itself sees it.
    """
    authority, peers, heard = CertificateAuthority(tmp_path), list[object](), list[bytes]()

    def talk(line: socket.socket) -> None:
        assert isinstance(line, ssl.SSLSocket)
        peers.append(line.getpeercert())
        says(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", raw=heard)(line)

    context, pair = authority.context(), authority.client()
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_verify_locations(authority.file)
    with listening(talk, context=context) as server:
        here = f"127.0.0.1:{server.port}"
        through = Proxies(http=f"https://{here}", https=f"https://{here}")
        send = network(Settings(proxies=through, ca_files=(str(authority.file),)))
        terms = Terms(certificate=str(pair.certificate), key=str(pair.key))
        request = Request(method="GET", url=asked.replace("ITSELF", here), terms=terms)
        # An answer to a plain request is the proxy's own; a way it refuses is none.
        with suppress(Unreachable), send(request) as response:
            assert response.status == 403
    (head,) = heard
    assert head.startswith(b"CONNECT r.example:443 " if asked == "https://r.example/" else b"GET ")
    assert [bool(peer) for peer in peers] == ["ITSELF" in asked]
