"""
Which connections carry what: unix sockets, proxies, certificates, and where nobody may go.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ocikit._records import FrozenMap
from ocikit.http.message import Request, Response, Send
from ocikit.http.reach import PlaceForbidden
from ocikit.http.terms import PLAIN, Terms
from ocikit.registry.faults import (
    ConnectionBroken,
    ConnectionFailed,
    ProxyUnsupported,
    TLSFailed,
)
from ocikit.registry.proxies import Proxies
from ocikit.registry.settings import Settings
from ocikit.registry.transport import network
from ocikit.testing.certificates import CertificateAuthority
from tests.registry.sockets import listening, more_of, ok, on_a_socket, says


def get(url: str, terms: Terms = PLAIN) -> Request:
    return Request(method="GET", url=url, terms=terms)


def body_of(response: Response) -> bytes:
    with response:
        return response.body.read()


def test_a_host_may_be_a_unix_socket() -> None:
    """
    What its user names is spoken to over it, past any proxy; the Host header is the host.
    """
    heard: list[bytes] = []
    with on_a_socket(says(ok(b"one"), ok(b"two"), raw=heard)) as path:
        sockets = FrozenMap({"registry.local": path, "other.local:5000": path})
        send = network(Settings(sockets=sockets, proxies=Proxies(http="http://127.0.0.1:1")))
        assert body_of(send(get("http://registry.local/v2/"))) == b"one"
        assert body_of(send(get("http://registry.local/v2/"))) == b"two"
    assert b"Host: registry.local\r\n" in heard[0]


def test_a_unix_socket_that_is_not_there_is_told(tmp_path: Path) -> None:
    """
    With its path, for that is what somebody wrote.
    """
    settings = Settings(sockets=FrozenMap({"r.local": str(tmp_path / "None")}))
    with pytest.raises(ConnectionFailed, match=r"unix socket .*/None: No such file"):
        network(settings)(get("http://r.local/v2/"))


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "socks5h://me:SECRET@h:1", "ftp://h"])
def test_other_kinds_of_proxy_are_told(proxy: str) -> None:
    """
    SOCKS is not spoken, and not passed by.
    """
    send = network(Settings(proxies=Proxies(http=proxy)))
    with pytest.raises(ProxyUnsupported, match="http://") as caught:
        send(get("http://r.example/v2/"))
    assert "SECRET" not in str(caught.value)


def test_a_proxy_that_refuses_is_told() -> None:
    """
    As a connection that cannot be made, and by whom.
    """
    refusal = ok(status="407 Proxy Authentication Required")
    with listening(says(refusal)) as server:
        send = network(Settings(proxies=Proxies(https=server.url.replace("//", "//me:SECRET@"))))
        with pytest.raises(ConnectionFailed, match="407") as caught:
            send(get("https://r.example/v2/"))
    assert "SECRET" not in repr(caught.value)


@contextmanager
def tunnelling(heard: list[bytes]) -> Iterator[str]:
    """
    A proxy that connects to what it is asked for, on this machine whatever its name.
    """

    def pump(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)

    def talk(line: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += more_of(line)
        heard.append(head)
        port = int(head.split()[1].rpartition(b":")[2])
        with socket.create_connection(("127.0.0.1", port)) as far:
            line.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            threading.Thread(target=pump, args=(far, line), daemon=True).start()
            pump(line, far)

    with listening(talk) as server:
        yield server.url


def test_tls_goes_through_a_proxy(tmp_path: Path) -> None:
    """
    By CONNECT: the proxy sees the host, its own credentials, and nothing of the request.
    """
    authority = CertificateAuthority(tmp_path)
    heard: list[bytes] = []
    served = says(ok(b"tunnelled"))
    with (
        listening(served, context=authority.context("r.example")) as server,
        tunnelling(heard) as proxy,
    ):
        proxies = Proxies(https=proxy.replace("//", "//me:pw@"))
        send = network(Settings(proxies=proxies, ca_files=(str(authority.file),)))
        request = get(f"https://r.example:{server.port}/v2/?sig=hidden")
        assert body_of(send(request)) == b"tunnelled"
    assert heard[0].startswith(f"CONNECT r.example:{server.port} HTTP/1.".encode())
    assert b"hidden" not in heard[0]


@pytest.fixture
def authority(tmp_path: Path) -> CertificateAuthority:
    """
    Who issued all certificates.
    """
    return CertificateAuthority(tmp_path)


def showing(authority: CertificateAuthority) -> Terms:
    """
    The terms of who has a certificate.
    """
    pair = authority.client()
    return Terms(certificate=str(pair.certificate), key=str(pair.key))


def trusting(authority: CertificateAuthority) -> Send:
    """
    A network that trusts the authority.
    """
    return network(Settings(ca_files=(str(authority.file),)))


def test_a_certificate_is_shown_on_its_terms_only(authority: CertificateAuthority) -> None:
    """
    Two requests to one server, at the same time in one network: only one shows who it is.
    """
    peers: list[object] = []

    def talk(line: socket.socket) -> None:
        assert isinstance(line, ssl.SSLSocket)
        peers.append(line.getpeercert())
        says(ok(b"seen"), ok(b"seen"))(line)

    context = authority.context()
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_verify_locations(authority.file)
    with listening(talk, context=context) as server:
        send = trusting(authority)
        url = f"https://127.0.0.1:{server.port}/"
        for terms in (showing(authority), PLAIN, showing(authority), PLAIN):
            assert body_of(send(get(url, terms))) == b"seen"
    assert [bool(peer) for peer in peers] == [True, False]


def test_a_server_that_demands_a_certificate_is_shown_one(authority: CertificateAuthority) -> None:
    """
    Who has none is not let in.
    """
    with listening(says(ok(b"in")), context=authority.context(demanding=True)) as server:
        url = f"https://127.0.0.1:{server.port}/"
        with pytest.raises((TLSFailed, ConnectionBroken)):
            trusting(authority)(get(url))
        assert body_of(trusting(authority)(get(url, showing(authority)))) == b"in"


def named_by(url: str) -> Terms:
    """
    The terms of a place that a registry named.
    """
    return Terms(named_by=url)


def test_a_place_on_this_machine_is_named_by_this_machine_only() -> None:
    """
    CVE-2020-15157 and kin: a registry of the world may not send us to our own doors,
    under any name that leads there.
    """
    with listening(says(ok(b"in"))) as server:
        send = network()
        for host in ("127.0.0.1", "localhost", "localhost."):
            with pytest.raises(PlaceForbidden, match="inside a network"):
                send(get(f"http://{host}:{server.port}/", named_by("https://ghcr.io")))
        assert server.connections == 0
        near = named_by("http://127.0.0.1:5000")
        assert body_of(send(get(f"http://127.0.0.1:{server.port}/", near))) == b"in"


def test_how_near_a_registry_is_shows_when_it_is_reached() -> None:
    """
    A name says nothing; the address that was connected to does.
    """
    with listening(says(ok(b"blob"))) as storage, listening(says(ok(b"hello"))) as registry:
        send = network(resolve=lambda host, port: ["127.0.0.1"])
        named = get(f"http://127.0.0.1:{storage.port}/", named_by("http://r.example"))
        with pytest.raises(PlaceForbidden):
            send(named)
        assert body_of(send(get(f"http://r.example:{registry.port}/v2/"))) == b"hello"
        assert body_of(send(named)) == b"blob"


def test_a_name_that_changes_its_mind_is_looked_up_once() -> None:
    """
    DNS rebinding: what was looked at is what is connected to.
    """
    answers = iter([["127.0.0.1", "169.254.169.254"], ["127.0.0.1"]])
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34"] if host == "r.io" else next(answers)

    with listening(says(ok(b"in"))) as server:
        send = network(resolve=rebinding)
        for _ in range(2):
            with pytest.raises(PlaceForbidden, match=r"cdn\.io"):
                send(get(f"http://cdn.io:{server.port}/", named_by("http://r.io")))
        assert server.connections == 0
    assert asked == ["cdn.io", "cdn.io"]


def test_only_permitted_addresses_of_a_name_are_tried() -> None:
    """
    One bad address among good ones is passed over.
    """
    with listening(says(ok(b"in"))) as server:
        send = network(resolve=lambda host, port: ["169.254.169.254", "127.0.0.1"])
        place = f"http://cdn.example:{server.port}/"
        assert body_of(send(get(place, named_by("http://127.0.0.1:5000")))) == b"in"


def test_the_next_address_is_tried() -> None:
    """
    A host may have an address that nobody answers at.
    """
    with listening(says(ok(b"in"))) as server:
        send = network(resolve=lambda host, port: ["127.0.0.9", "127.0.0.1"])
        assert body_of(send(get(f"http://r.example:{server.port}/"))) == b"in"


def test_a_connection_of_ours_is_not_lent() -> None:
    """
    That we are connected to a place is no reason to let others send us there.
    """
    with listening(says(ok(b"ours"), ok(b"theirs"))) as server:
        send = network()
        url = f"http://127.0.0.1:{server.port}/"
        assert body_of(send(get(url))) == b"ours"
        with pytest.raises(PlaceForbidden):
            send(get(url, named_by("https://ghcr.io")))


def test_behind_a_proxy_names_are_judged_by_themselves() -> None:
    """
    Nobody here learns what they resolve to, but an address is an address.
    """
    with listening(says(ok(b"by proxy"))) as proxy:
        send = network(Settings(proxies=Proxies(http=proxy.url)))
        with pytest.raises(PlaceForbidden):
            send(get("http://10.0.0.1/x", named_by("http://r.example")))
        assert proxy.connections == 0
        assert body_of(send(get("http://cdn.example/x", named_by("http://r.example"))))


def test_a_unix_socket_is_named_by_this_machine_only() -> None:
    """
    What a user reaches over a socket, no registry elsewhere sends us to.
    """
    with on_a_socket(says(ok(b"in"))) as path:
        send = network(Settings(sockets=FrozenMap({"r.local": path})))
        with pytest.raises(PlaceForbidden):
            send(get("http://r.local/", named_by("https://ghcr.io")))
        assert body_of(send(get("http://r.local/", named_by("http://r.local")))) == b"in"


def test_a_name_that_is_not_known_is_told() -> None:
    """
    As when nobody had named it.
    """
    with listening(says()) as server:
        url = f"http://127.0.0.1:{server.port}/"
    with pytest.raises(ConnectionFailed, match="refused"):
        network()(get(url, named_by("http://127.0.0.1:1")))
