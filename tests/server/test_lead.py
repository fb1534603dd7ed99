"""
Who waits for clients answers them too, until something takes long; and what that costs.
"""

from __future__ import annotations

import select
import socket
import ssl
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

import attrs
import pytest

from ocikit.http.message import Request, Response, Send
from ocikit.server.answers import of_json
from ocikit.server.handler import registry
from ocikit.server.web.connection import Connection, Service
from ocikit.server.web.guard import Exchange, quiet
from ocikit.server.web.lead import Lead
from ocikit.server.web.serve import serve
from ocikit.server.web.wire import Patience
from ocikit.server.web.workers import Task
from ocikit.testing.certificates import CertificateAuthority
from ocikit.testing.time import VirtualTime
from tests.server.raw import connected, dialled, read_all, request, status_of
from tests.server.samples import push_image

GET = b"GET /v2/ HTTP/1.1\r\nHost: r\r\n\r\n"
LAST = b"GET /v2/ HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n"


@attrs.define
class Stage:
    """
    Threads that a test runs when it wants to, and what was released.
    """

    spare: bool = True
    tasks: list[Task] = attrs.field(factory=list)
    waited: list[int] = attrs.field(factory=list)
    released: list[str] = attrs.field(factory=list)
    clock: VirtualTime = attrs.field(factory=VirtualTime)

    def start(self, task: Task) -> None:
        if not self.spare:
            raise RuntimeError("can't start new thread")
        self.tasks.append(task)

    def lead(self) -> Lead[str]:
        return Lead(self.start, self.wait, self.released.append, look=0.0, clock=self.clock)

    def wait(self) -> None:
        self.waited.append(1)

    def keeps(self, lead: Lead[str], seconds: float) -> bool:
        """
        Do something that takes so long; whether the lead was kept.
        """
        lead.begin("")
        self.clock.now += seconds
        return lead.end("")


def test_who_is_not_held_up_leads_on() -> None:
    """
    However much it does, nobody else waits; there is one thread that looks after it.
    """
    stage = Stage()
    lead = stage.lead()
    for work in ("a", "b", "a"):
        lead.begin(work)
        assert lead.end(work)
    assert (len(stage.tasks), stage.released, stage.waited) == (1, [], [])
    stage.tasks.pop()()
    assert stage.tasks == [], "and that ends when there is nothing to see"
    lead.begin("c")
    assert len(stage.tasks) == 1, "until there is"


def test_who_says_that_it_takes_long_leads_no_more() -> None:
    """
    Its work is released, once, before another thread waits.
    """
    stage = Stage()
    lead = stage.lead()
    lead.begin("a")
    lead.leave("a")
    lead.leave("a")
    assert stage.released == ["a"]
    stage.tasks[1]()
    assert stage.waited == [1]
    lead.begin("b")
    assert not lead.end("a")
    assert lead.end("b")
    assert len(stage.tasks) == 2


def test_who_is_held_up_leads_no_more() -> None:
    """
    Whoever looks sees it; and for a while nobody is trusted to be quick.
    """
    stage = Stage()
    lead = stage.lead()
    lead.begin("slow")
    stage.tasks.pop()()
    assert stage.released == ["slow"]
    assert stage.tasks.pop() == lead.run
    lead.begin("quick")
    assert stage.released == ["slow", "quick"]
    assert not lead.end("slow")
    assert not lead.end("quick")


def test_where_all_takes_a_while_each_has_a_thread() -> None:
    """
    A leader would have them wait one after the other. After a while it is tried again.
    """
    stage = Stage()
    lead = stage.lead()
    for _ in range(3):
        kept = [stage.keeps(lead, 0.005) for _ in range(20)]
        assert kept.count(True) < 5
        assert not kept[-1]
        stage.clock.now += 2
    assert all(stage.keeps(lead, 0.0001) for _ in range(100))


def test_one_that_took_long_says_little() -> None:
    """
    Its thread may have had to wait for a processor.
    """
    stage = Stage()
    lead = stage.lead()
    assert all(stage.keeps(lead, 0.01 if n % 50 == 0 else 0.0001) for n in range(500))


def test_without_more_threads_all_wait() -> None:
    """
    That is better than to have nobody who waits.
    """
    stage = Stage(spare=False)
    lead = stage.lead()
    lead.begin("a")
    lead.leave("a")
    assert lead.end("a")
    assert stage.released == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_a_slow_handler_holds_nobody_up(method: str) -> None:
    """
    Others are answered while it is at work, and its own client when it is done.
    """
    begun, go_on = threading.Event(), threading.Event()

    def slow(request: Request) -> Response:
        if request.url.endswith("/slow"):
            begun.set()
            go_on.wait(20)
        return of_json({})

    with serve(slow) as server, connected(server) as held:
        held.sendall(f"{method} /slow HTTP/1.0\r\n\r\n".encode())
        begun.wait(20)
        for _ in range(3):
            with dialled(server) as client:
                assert request(client, "GET", "/v2/")[0].status == 200
        go_on.set()
        assert status_of(read_all(held)) == 200


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_log_that_fails_ends_its_connection_only() -> None:
    """
    It is told as the failure of a thread is, and the next client is answered.
    """

    def fail(exchange: Exchange) -> None:
        raise LookupError

    with serve(registry(), log=fail) as server:
        for _ in range(2):
            with connected(server) as wire:
                wire.sendall(GET)
                assert status_of(read_all(wire)) == 200


@attrs.frozen
class Line:
    """
    A connection as a server has it, its socket, and the client's; without a server.
    """

    client: socket.socket
    connection: Connection
    wire: socket.socket


@contextmanager
def lined(handler: Send, tls: ssl.SSLContext | None = None) -> Generator[Line]:
    """
    Connect a client over sockets that hold little.
    """
    service = Service(handler=handler, tls=tls, log=quiet, patience=Patience())
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        client.connect(listener.getsockname())
        wire = listener.accept()[0]
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        connection = Connection(wire, "", service)
        with connection.wire:
            yield Line(client, connection, connection.wire)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    """
    Who signs for this machine.
    """
    return CertificateAuthority(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize("tls", [False, True])
def test_a_client_that_does_not_read_is_waited_for(
    authority: CertificateAuthority, tls: bool
) -> None:
    """
    Small answers go out as far as it takes them; then it is told that this takes long, and
    the rest comes whole.
    """
    body, count, full = b"x" * 10_000, 100, threading.Event()
    ours, replies = ssl.create_default_context(cafile=authority.file), list[bytes]()

    def ask(client: socket.socket) -> None:
        with ours.wrap_socket(client, server_hostname="localhost") if tls else client as wire:
            wire.sendall(GET * (count - 1) + LAST)
            full.wait(20)
            replies.append(read_all(wire))

    context = authority.context() if tls else None
    with lined(lambda request: of_json(body.decode()), context) as line:
        asking = threading.Thread(target=ask, args=(line.client,))
        asking.start()
        while not line.connection.poll():
            select.select([line.wire], [], [], 20)
        assert not line.connection.run(lambda connection: full.set())
        assert full.is_set()
        line.connection.close()
        asking.join()
    assert replies[0].count(body) == count


@pytest.mark.parametrize(
    ("asked", "size", "long"),
    [
        ("GET /v2/ HTTP/1.1", 100, False),
        ("HEAD /v2/ HTTP/1.1", 1 << 20, False),
        ("GET /v2/ HTTP/1.1", 100_000, True),
        ("PUT /v2/ HTTP/1.1", 100, True),
        ("DELETE /v2/ HTTP/1.1", 100, True),
        ("GET /v2/ HTTP/1.1\r\nContent-Length: 1", 100, True),
        ("no request", 100, True),
    ],
)
def test_what_may_take_long_is_told_before(asked: str, size: int, long: bool) -> None:
    """
    A body to read, one that is large to send, a change, and a client to hang up on.
    """
    told: list[Connection] = []
    with lined(lambda request: of_json("x" * size)) as line:
        line.client.sendall(f"{asked}\r\nHost: r\r\n\r\n".encode())
        line.client.shutdown(socket.SHUT_WR)
        reader = threading.Thread(target=read_all, args=(line.client,))
        reader.start()
        assert line.connection.poll()
        line.connection.run(told.append)
        line.connection.abort()
        reader.join()
        assert set(told) == ({line.connection} if long else set())


def test_a_small_request_costs_one_read_and_one_write() -> None:
    """
    The system is asked for nothing else about the socket; even if the connection had a
    thread of its own before.
    """
    handler, calls = registry(), list[str]()
    push_image(handler, "a", "t", b"layer")
    with lined(handler) as line:

        def watch(frame: FrameType, event: str, value: object) -> None:
            if event == "c_call" and getattr(value, "__self__", None) is line.wire:
                calls.append(getattr(value, "__name__", ""))

        line.connection.settle()
        for path in ("/v2/", "/v2/a/manifests/t", "/v2/x/tags/list"):
            calls.clear()
            line.client.sendall(f"HEAD {path} HTTP/1.1\r\nHost: r\r\n\r\n".encode())
            sys.setprofile(watch)
            try:
                assert line.connection.poll()
                assert line.connection.run(lambda connection: None)
            finally:
                sys.setprofile(None)
            assert line.client.recv(4096).startswith(b"HTTP/1.1 ")
        assert [call for call in calls if call != "gettimeout"] == ["recv", "send"]
