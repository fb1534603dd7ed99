"""
The server: where it is, how it ends, and TLS.
"""

from __future__ import annotations

import io
import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from ocikit.files.opener import FileOpener
from ocikit.http.message import Headers, Request, Response
from ocikit.server.handler import registry
from ocikit.server.web.serve import serve
from ocikit.testing.certificates import CertificateAuthority
from tests.server.conftest import Served
from tests.server.raw import BIG, ask, connected, dialled, read_all, request
from tests.server.samples import digest, push_blob


def test_closing_ends_idle_connections_and_lets_requests_end() -> None:
    """
    Who waits is not waited for; who is being answered gets the answer.
    """
    begun, go_on = threading.Event(), threading.Event()

    def slow(request: Request) -> Response:
        begun.set()
        go_on.wait(20)
        return Response(status=200, body=io.BytesIO(b"done"))

    server = serve(slow)
    with connected(server) as idle, connected(server) as busy:
        busy.sendall(b"GET / HTTP/1.1\r\nHost: r\r\n\r\n")
        begun.wait(20)
        closing = threading.Thread(target=server.close)
        closing.start()
        assert idle.recv(1) == b""
        go_on.set()
        assert read_all(busy).endswith(b"done")
        closing.join()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))


def test_closing_breaks_off_what_does_not_end() -> None:
    """
    After the grace, a client that neither sends nor goes away is left behind.
    """
    head = (
        b"PUT /v2/a/manifests/t HTTP/1.1\r\nHost: r\r\n"
        b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"
    )
    server = serve(registry())
    with connected(server) as wire:
        wire.sendall(head)
        assert b"100 Continue" in wire.recv(100)
        server.close(grace=0.05)
        assert read_all(wire) == b""


def test_closing_ends_the_threads() -> None:
    """
    They do not wait for more to do, which nobody can ask for.
    """
    with serve(registry()) as server, dialled(server) as client:
        assert request(client, "GET", "/v2/")[0].status == 200
        assert request(client, "POST", "/v2/a/blobs/uploads/")[0].status == 202
        name = f"request {server.host}"
        threads = [each for each in threading.enumerate() if each.name.startswith(name)]
    assert threads
    for thread in threads:
        thread.join(2)
        assert not thread.is_alive()


def test_it_says_where_it_is() -> None:
    """
    As references and as URLs write it, with IPv6 in brackets.
    """
    with serve(registry(), host="::1") as server:
        assert server.host == f"[::1]:{server.port}"
        assert server.url == f"http://[::1]:{server.port}"


def test_a_port_that_is_taken_is_an_error(served: Served) -> None:
    """
    Two servers on one port would share its clients by chance.
    """
    with pytest.raises(OSError, match="in use"):
        serve(registry(), port=served.server.port)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    """
    Who signs for this machine.
    """
    return CertificateAuthority(tmp_path_factory.mktemp("tls"))


def test_tls(authority: CertificateAuthority, tmp_path: Path) -> None:
    """
    The same over TLS, where a file cannot leave by sendfile; who does not speak it is
    hung up on.
    """
    theirs = authority.context()
    ours = ssl.create_default_context(cafile=authority.file)
    handler = registry()
    push_blob(handler, "a", BIG)
    with serve(handler, tls=theirs) as server:
        assert server.url.startswith("https://")
        with (
            connected(server) as plain,
            ours.wrap_socket(plain, server_hostname="localhost") as wire,
        ):
            path = f"/v2/a/blobs/{digest(BIG)}"
            wire.sendall(f"GET {path} HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n".encode())
            assert read_all(wire).partition(b"\r\n\r\n")[2] == BIG
        with suppress(ConnectionResetError):
            assert ask(server, "GET /v2/ HTTP/1.1\nHost: r\n\n") == b""


def test_idle_handshakes_do_not_hold_up_a_close(authority: CertificateAuthority) -> None:
    """
    A client that never shakes hands is ended as any other.
    """
    theirs = authority.context()
    with serve(registry(), tls=theirs) as server, connected(server) as wire:
        server.close()
        # It may not even have been let in.
        with suppress(ConnectionResetError):
            assert read_all(wire) == b""


def test_files_leave_through_tls(authority: CertificateAuthority, tmp_path: Path) -> None:
    """
    A body that lies in a file is read and sent where the system cannot do both.
    """
    (tmp_path / "file").write_bytes(BIG)
    theirs = authority.context()
    ours = ssl.create_default_context(cafile=authority.file)

    def give(request: Request) -> Response:
        headers = Headers({"Content-Length": str(len(BIG))})
        body = FileOpener(str(tmp_path / "file")).open()
        return Response(status=200, headers=headers, body=body)

    with (
        serve(give, tls=theirs) as server,
        connected(server) as plain,
        ours.wrap_socket(plain, server_hostname="localhost") as wire,
    ):
        wire.sendall(b"GET / HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n")
        assert read_all(wire).partition(b"\r\n\r\n")[2] == BIG
