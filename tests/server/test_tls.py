"""
TLS of a server: what cannot be a certificate, one that is renewed, and who shows none.
"""

from __future__ import annotations

import shutil
import socket
import ssl
from contextlib import ExitStack
from pathlib import Path

import pytest

from ocikit.server.handler import registry
from ocikit.server.web.serve import Server, serve
from ocikit.server.web.tls import CertificateUnusable, Reload, server_context
from ocikit.testing.certificates import CertificateAuthority


def _shown(server: Server, authority: CertificateAuthority) -> bytes:
    context = ssl.create_default_context(cafile=str(authority.file))
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as wire,
    ):
        return wire.getpeercert(binary_form=True) or b""


def test_a_certificate_that_is_renewed_is_shown_to_who_comes_then(tmp_path: Path) -> None:
    """
    The server goes on; half a renewal, or rubbish, leaves what was.
    """
    authority = CertificateAuthority(tmp_path)
    old, new = authority.server(file="old"), authority.server(file="new")
    pair = (tmp_path / "cert", tmp_path / "key")
    for source, target in zip((old.certificate, old.key), pair, strict=True):
        shutil.copy(source, target)
    context = server_context(*map(str, pair))
    reload = Reload(context, *map(str, pair))
    with serve(registry(), tls=context) as server:
        first = _shown(server, authority)
        assert not reload()
        shutil.copy(new.certificate, pair[0])
        assert not reload()
        assert _shown(server, authority) == first
        shutil.copy(new.key, pair[1])
        assert reload()
        assert _shown(server, authority) != first
        pair[0].write_text("rubbish")
        assert not reload()
        pair[0].unlink()
        assert not reload()
        _shown(server, authority)


@pytest.mark.parametrize("text", [None, "", "rubbish", "-----BEGIN CERTIFICATE-----\nx"])
def test_what_is_no_certificate_is_named(tmp_path: Path, text: str | None) -> None:
    """
    The error says which file, and what belongs there.
    """
    path = tmp_path / "cert"
    if text is not None:
        path.write_text(text)
    with pytest.raises(CertificateUnusable, match="PEM") as refused:
        server_context(str(path))
    assert refused.value.path == str(path)


def test_a_key_that_is_locked_is_refused(tmp_path: Path) -> None:
    """
    Nobody is asked for its password: a server has nobody to ask.
    """
    pair = CertificateAuthority(tmp_path).client(password=b"secret")
    with pytest.raises(CertificateUnusable):
        server_context(str(pair.certificate), str(pair.key))


def test_many_handshakes_that_never_end_keep_nobody_out(tmp_path: Path) -> None:
    """
    Those that say nothing, and those that say little, wait together.
    """
    authority = CertificateAuthority(tmp_path)
    pair = authority.server()
    context = server_context(str(pair.certificate), str(pair.key))
    with serve(registry(), tls=context) as server, ExitStack() as stack:
        for number in range(300):
            wire = socket.create_connection(("127.0.0.1", server.port), timeout=20)
            stack.enter_context(wire).sendall(b"\x16\x03\x01\x02" * (number % 2))
        assert _shown(server, authority)
