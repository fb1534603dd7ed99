"""
Connections: HTTP/1.1 as clients speak it, and as they should not.
"""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager

import pytest

from ocikit.http.message import Request, Response
from ocikit.server.handler import registry
from ocikit.server.web.guard import Exchange
from ocikit.server.web.serve import serve
from ocikit.server.web.wire import Patience
from tests.real.process import unavailable
from tests.server.conftest import Served
from tests.server.raw import BIG, ask, connected, dialled, read_all, request, status_of
from tests.server.samples import digest, push_image


def test_many_requests_share_a_connection(served: Served) -> None:
    """
    HTTP/1.1 keeps it, through errors, empty bodies and answers to HEAD too.
    """
    raw = push_image(served.handler, "a", "t", b"layer")
    with dialled(served.server) as client:
        for method, path, status, body in [
            ("GET", "/v2/", 200, b"{}"),
            ("HEAD", "/v2/a/manifests/t", 200, b""),
            ("GET", "/v2/a/manifests/t", 200, raw),
            ("GET", f"/v2/a/blobs/{digest(b'layer')}", 200, b"layer"),
            ("DELETE", f"/v2/a/blobs/{digest(b'layer')}", 202, b""),
            ("POST", "/v2/a/blobs/uploads/", 202, b""),
        ]:
            response, found = request(client, method, path)
            assert (response.status, found) == (status, body)
            assert client.sock is not None, "it was kept"
            assert response.headers["Date"]
    log = served.exchanges(6)
    assert [each.status for each in log] == [200, 200, 200, 200, 202, 202]
    assert log[2].sent == len(raw)


def test_pipelined_requests_are_answered_in_order(served: Served) -> None:
    """
    RFC 9112, 9.3.2: a client may send the next before it has the answer.
    """
    one = "GET /v2/ HTTP/1.1\nHost: r\n\n"
    last = "GET /v2/x/tags/list HTTP/1.1\nHost: r\nConnection: close\n\n"
    reply = ask(served.server, one + one + last)
    assert [int(part[:3]) for part in reply.split(b"HTTP/1.1 ")[1:]] == [200, 200, 404]


@pytest.mark.parametrize("text", ["GET /v2/ HTTP/1.0\n\n", "GET http://r/v2/ HTTP/1.0\n\n"])
def test_old_clients_are_served(served: Served, text: str) -> None:
    """
    HTTP/1.0 needs no Host, and its connection ends with the response.
    """
    reply = ask(served.server, text)
    assert status_of(reply) == 200
    assert reply.endswith(b"\r\n\r\n{}")


@pytest.mark.parametrize("way", ["length", "chunks"])
def test_large_blobs_go_both_ways(served: Served, way: str) -> None:
    """
    With a length or in chunks, up in one stream and down whole or in part.
    """
    with dialled(served.server) as client:
        response, _ = request(client, "POST", "/v2/a/blobs/uploads/")
        parts = (BIG[at : at + 70_001] for at in range(0, len(BIG), 70_001))
        body = BIG if way == "length" else parts
        response, _ = request(client, "PATCH", response.headers["Location"], body)
        assert (response.status, response.headers["Range"]) == (202, f"0-{len(BIG) - 1}")
        path = f"{response.headers['Location']}?digest={digest(BIG)}"
        response, _ = request(client, "PUT", path)
        assert response.status == 201
        path = response.headers["Location"]
        assert request(client, "GET", path)[1] == BIG
        assert (
            request(client, "GET", path, Range="bytes=1000000-2000000")[1] == BIG[10**6 : 2000001]
        )
    assert served.failures() == []


def test_a_body_is_asked_for_when_it_is_wanted(served: Served) -> None:
    """
    RFC 9110, 10.1.1: "100 Continue" comes before the body is sent.
    """
    head = (
        f"POST /v2/a/blobs/uploads/?digest={digest(b'hello')} HTTP/1.1\nHost: r\n"
        "Expect: 100-continue\nConnection: close\nContent-Length: 5\n\n"
    )
    with connected(served.server) as wire:
        wire.sendall(head.replace("\n", "\r\n").encode())
        assert wire.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.sendall(b"hello")
        assert status_of(read_all(wire)) == 201


def test_a_body_that_is_not_wanted_is_not_asked_for(served: Served) -> None:
    """
    What is refused by its head alone is refused before its body is sent.
    """
    head = (
        "PUT /v2/a/manifests/t HTTP/1.1\nHost: r\nExpect: 100-continue\n"
        "Content-Length: 99999999\n\n"
    )
    assert status_of(ask(served.server, head)) == 413


def test_a_body_that_nobody_read_does_not_become_a_request(served: Served) -> None:
    """
    The connection ends after the response, which the client still sees.
    """
    inner = b"GET /v2/ HTTP/1.1\r\nHost: r\r\n\r\n"
    head = f"PUT /v2/UPPER/manifests/t HTTP/1.1\nHost: r\nContent-Length: {len(inner)}\n\n"
    reply = ask(served.server, head, inner)
    assert (status_of(reply), reply.count(b"HTTP/1.1")) == (400, 1)
    assert b"Connection: close" in reply


def test_a_manifest_of_64_mib_is_413_and_never_in_memory(served: Served) -> None:
    """
    The client reads the refusal though it sends all the same.
    """
    with dialled(served.server) as client:
        zeros = (bytes(1 << 20) for _ in range(64))
        response, _ = request(client, "PUT", "/v2/a/manifests/t", zeros)
        assert response.status == 413
    assert served.exchanges(1)[0].received < 5 << 20


def test_a_client_that_goes_away_leaves_its_upload(served: Served) -> None:
    """
    What it sent is kept to be resumed; nothing is committed, and the server goes on.
    """
    with dialled(served.server) as client:
        response, _ = request(client, "POST", "/v2/a/blobs/uploads/")
        location = response.headers["Location"]
    text = f"PUT {location}?digest={digest(BIG)} HTTP/1.1\nHost: r\nContent-Length: {len(BIG)}\n\n"
    with connected(served.server) as wire:
        wire.sendall(text.replace("\n", "\r\n").encode() + BIG[:1000])
    with dialled(served.server) as client:
        for _ in range(1000):
            response, _ = request(client, "GET", location)
            if response.headers["Range"] != "0-0":
                break
        assert response.headers["Range"] == "0-999"
        assert request(client, "HEAD", f"/v2/a/blobs/{digest(BIG)}")[0].status == 404


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("GET /v2/ HTTP/1.1\n\n", 400),
        ("GET /v2/ HTTP/1.1\nHost: r\nX: " + "a" * (2 << 20) + "\n\n", 431),
        ("PUT /v2/a/manifests/t HTTP/1.1\nHost: r\nContent-Length: 1\nContent-Length: 2\n\n", 400),
        ("POST /v2/ HTTP/1.1\nHost: r\nContent-Length: 1\nTransfer-Encoding: chunked\n\n", 400),
        ("POST /v2/ HTTP/1.1\nHost: r\nTransfer-Encoding: gzip, chunked\n\n", 501),
        ("\x16\x03\x01", 400),
    ],
)
def test_what_is_no_request_is_refused_and_hung_up_on(
    served: Served, text: str, status: int
) -> None:
    """
    With an error of the specification's form; and nothing after it is read.
    """
    reply = ask(served.server, text)
    assert status_of(reply) == status
    assert b'{"errors":[' in reply
    assert served.exchanges(1)[-1].status == status


def test_malformed_chunks_are_400(served: Served) -> None:
    """
    Nothing of them is committed.
    """
    text = (
        f"POST /v2/a/blobs/uploads/?digest={digest(b'hello')} HTTP/1.1\nHost: r\n"
        "Transfer-Encoding: chunked\n\n5\nhelloX"
    )
    assert status_of(ask(served.server, text + "\n0\n\n")) == 400
    assert served.handler.storage.tags("a", "", 1) is None


def test_a_handler_that_fails_is_a_500_and_no_end() -> None:
    """
    What went wrong is in the log, and nowhere else.
    """
    log: list[Exchange] = []

    def fail(request: Request) -> Response:
        raise LookupError("our secret")

    with serve(fail, log=log.append) as server, dialled(server) as client:
        for _ in range(2):
            response, body = request(client, "GET", "/v2/")
            assert response.status == 500
            assert b"secret" not in body
    assert [type(each.failure) for each in log] == [LookupError, LookupError]


IMPATIENT = Patience(idle=0.2, head=0.2, body=0.2)


@pytest.mark.parametrize("sent", ["", "GET /v2/ HT", "GET /v2/ HTTP/1.1\n"])
def test_a_silent_client_is_hung_up_on(sent: str) -> None:
    """
    Before its request and amid its head; it holds nothing up meanwhile.
    """
    with serve(registry(), patience=IMPATIENT) as server:
        assert ask(server, sent) == b""


def test_a_head_that_drips_is_hung_up_on() -> None:
    """
    Its time is for the whole head, not for each byte of it (slow loris).
    """
    with serve(registry(), patience=IMPATIENT) as server, connected(server) as wire:
        wire.settimeout(0.02)
        ended = False
        while not ended:
            try:
                wire.sendall(b"a")
                ended = wire.recv(1) == b""
            except TimeoutError:
                continue
            except ConnectionError:
                ended = True


def test_a_body_that_stalls_is_408() -> None:
    """
    And an end of the connection.
    """
    text = f"POST /v2/a/blobs/uploads/?digest={digest(b'hello')} HTTP/1.1\nHost: r\n"
    with serve(registry(), patience=IMPATIENT) as server:
        assert status_of(ask(server, text + "Content-Length: 5\n\nhel")) == 408


def test_a_body_that_drips_is_408() -> None:
    """
    Each byte is in time, and all of them too slow.
    """
    patience = Patience(body=0.2, slowest=1000)
    head = f"POST /v2/a/blobs/uploads/?digest={digest(b'x')} HTTP/1.1\r\nHost: r\r\n"
    with serve(registry(), patience=patience) as server, connected(server) as wire:
        wire.sendall(f"{head}Content-Length: 9999\r\n\r\n".encode())
        wire.settimeout(0.02)
        reply = b""
        while not reply:
            wire.sendall(b"a")
            try:
                reply = wire.recv(100)
            except TimeoutError:
                continue
        assert status_of(reply) == 408


@contextmanager
def descriptors(wanted: int) -> Generator[None]:
    """
    Let this process have so many files and sockets open, if it may.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= hard < wanted:
        unavailable(f"no more than {hard} descriptors are allowed: ulimit -Hn {wanted}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_many_silent_sockets_keep_nobody_out(served: Served) -> None:
    """
    A thousand clients that say nothing, or began a head and say no more: another is
    answered, and they cost no threads.
    """
    before = threading.active_count()
    # Both ends of each are ours.
    with descriptors(4000), ExitStack() as stack:
        for number in range(1000):
            wire = stack.enter_context(connected(served.server))
            wire.sendall(b"GET /v2/ HTTP/1.1\r\nHost: r" * (number % 2))
        assert threading.active_count() < before + 10
        with dialled(served.server) as client:
            assert request(client, "GET", "/v2/")[0].status == 200


def test_a_connection_is_kept_while_others_have_the_threads(served: Served) -> None:
    """
    Who asks again after a while has waited without a thread, and is answered as before.
    """
    with ExitStack() as stack:
        clients = [stack.enter_context(dialled(served.server)) for _ in range(50)]
        for _ in range(3):
            for client in clients:
                assert request(client, "GET", "/v2/")[0].status == 200
            time.sleep(0.1)
        assert all(client.sock is not None for client in clients)


@pytest.mark.parametrize("pause", [0.0, 0.1])
def test_a_head_may_come_in_pieces(served: Served, pause: float) -> None:
    """
    Each is read when it comes; what is whole is answered.
    """
    with connected(served.server) as wire:
        for piece in (
            b"\r\n",
            b"GET /v2/ HT",
            b"TP/1.1\r\nHost: r\r\nConnection: ",
            b"close\r\n\r\n",
        ):
            wire.sendall(piece)
            time.sleep(pause)
        assert status_of(read_all(wire)) == 200
