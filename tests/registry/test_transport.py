"""
The network, over real sockets of this machine.
"""

from __future__ import annotations

import io
import socket

import pytest

from ocikit._records import record
from ocikit.content.streams import BytesOpener, Stream
from ocikit.http.message import Body, Headers, Request, Response, body_of
from ocikit.registry.faults import (
    ConnectionFailed,
    SourceLengthWrong,
)
from ocikit.registry.proxies import Proxies
from ocikit.registry.settings import Settings
from ocikit.registry.transport import CLOCK, network
from tests.registry.sockets import listening, more_of, ok, request_of, says

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789"
HASTE = Settings(connect_timeout=5, idle_timeout=0.3)
BIG = bytes(range(256)) * 12_000


def get(url: str, **headers: str) -> Request:
    return Request(method="GET", url=url, headers=Headers(headers))


def test_sends_what_it_is_given() -> None:
    """
    Headers stay as they are, in order; bytes come as they are, not decoded.
    """
    heard: list[bytes] = []
    gzipped = ok(b"\x1f\x8bnot really", "Content-Encoding: gzip", "X-A: 1", "X-A: 2")
    with listening(says(gzipped, raw=heard)) as server:
        response = network()(get(f"{server.url}/v2/?b=1&a=%2F", Accept="*/*"))
        assert response.body.read() == b"\x1f\x8bnot really"
    assert response.headers.all("x-a") == ["1", "2"]
    assert heard[0].startswith(b"GET /v2/?b=1&a=%2F HTTP/1.1\r\n")
    assert b"Accept: */*\r\n" in heard[0]
    assert b"Accept-Encoding: identity\r\n" in heard[0]


def test_redirects_and_errors_are_answers() -> None:
    """
    What a status means is for others.
    """
    moved = ok(b"", "Location: /elsewhere", status="302 Found")
    with listening(says(moved, ok(b"no", status="503 Busy"))) as server:
        send = network()
        statuses = []
        for _ in range(2):
            with send(get(server.url)) as response:
                response.body.read()
                statuses.append(response.status)
    assert statuses == [302, 503]


@pytest.mark.parametrize("read", [True, False])
@pytest.mark.parametrize("body", [b"", b"x" * 1000])
def test_a_connection_is_used_again(read: bool, body: bytes) -> None:
    """
    Also after an answer whose little rest nobody wanted.
    """
    with listening(says(*[ok(body)] * 3)) as server:
        send = network()
        for _ in range(3):
            with send(get(server.url)) as response:
                if read:
                    assert response.body.read() == body
        assert server.connections == 1


def test_a_head_has_no_body_to_wait_for() -> None:
    """
    Its Content-Length is of another answer.
    """
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
    with listening(says(head, head)) as server:
        send = network(HASTE)
        for _ in range(2):
            with send(Request(method="HEAD", url=server.url)) as response:
                assert response.body.read() == b""
        assert server.connections == 1


def test_a_large_rest_is_not_waited_for() -> None:
    """
    Who stops early drops the connection instead of reading a gigabyte.
    """
    with listening(says(ok(BIG)), says(ok(b"next"))) as server:
        send = network()
        with send(get(server.url)) as response:
            assert response.body.read(10) == BIG[:10]
        with send(get(server.url)) as response:
            assert response.body.read() == b"next"
        assert server.connections == 2


def test_reads_into_a_given_buffer() -> None:
    """
    Large bodies arrive without a copy, chunked ones too; the end is 0, again and again.
    """
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )
    with listening(says(ok(BIG), chunked)) as server:
        send = network()
        buffer, found = bytearray(1 << 20), io.BytesIO()
        with send(get(server.url)) as response:
            while count := response.body.readinto(buffer):
                found.write(memoryview(buffer)[:count])
            assert response.body.readinto(buffer) == 0
        assert found.getvalue() == BIG
        with send(get(server.url)) as response:
            assert response.body.readinto(bytearray(0)) == 0
            assert response.body.read() == b"abcde"
        assert server.connections == 1


@pytest.mark.parametrize("length", [5, 100_000, 3_000_000])
def test_sends_bodies_of_any_size(length: int) -> None:
    """
    In pieces of its own choosing, with the length said before.
    """
    heard: list[bytes] = []
    data = BIG[:length]
    with listening(says(ok(), ok(), raw=heard)) as server:
        send = network()
        for body in (body_of(data), Body(opener=Slow(data), length=length)):
            request = Request(method="PUT", url=server.url, body=body)
            assert send(request).status == 200
    for request_ in heard:
        head, _, sent = request_.partition(b"\r\n\r\n")
        assert sent == data
        assert f"Content-Length: {length}".encode() in head


@record
class Slow:
    """
    An opener whose stream gives a little at a time.
    """

    data: bytes

    def open(self) -> Stream:
        """
        Open it.
        """
        return _Dribble(self.data)


class _Dribble(io.BytesIO):
    def readinto(self, buffer: object, /) -> int:
        return super().readinto(memoryview(buffer)[:70_001])  # type: ignore[arg-type]


def test_a_length_that_is_not_known_goes_in_chunks() -> None:
    """
    RFC 9112, 7.1.
    """
    heard: list[bytes] = []

    def talk(line: socket.socket) -> None:
        data = b""
        while not data.endswith(b"0\r\n\r\n"):
            data += more_of(line)
        heard.append(data)
        line.sendall(ok())

    with listening(talk) as server:
        body = Body(opener=BytesOpener(b"hello"), length=None)
        network()(Request(method="PATCH", url=server.url, body=body))
    assert b"Transfer-Encoding: chunked\r\n" in heard[0]
    assert b"Content-Length" not in heard[0]
    assert heard[0].endswith(b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_nothing_has_a_length_too(method: str) -> None:
    """
    A POST without a body says so, else some servers wait for one.
    """
    heard: list[bytes] = []
    with listening(says(ok(), raw=heard)) as server:
        network()(Request(method=method, url=server.url))
    assert b"Content-Length: 0\r\n" in heard[0]


@pytest.mark.parametrize(("length", "said"), [(10, 20), (30, 20), (0, 20)])
def test_a_source_of_another_length_is_told(length: int, said: int) -> None:
    """
    Not left for the server to find out, which would wait for the rest for ever.
    """
    with listening(says(ok())) as server:
        body = Body(opener=Slow(bytes(length)), length=said)
        with pytest.raises(SourceLengthWrong) as caught:
            network()(Request(method="PUT", url=server.url, body=body))
    assert (caught.value.expected, caught.value.actual) == (said, length)


def test_a_source_that_fails_is_not_the_network() -> None:
    """
    A disk that cannot be read raises what it raises, though it is an OSError.
    """

    class Bad(io.BytesIO):
        def readinto(self, buffer: object, /) -> int:
            raise ConnectionResetError("a file on a network")

    @record
    class Opener:
        def open(self) -> Stream:
            return Bad()

    with listening(says(ok())) as server:
        body = Body(opener=Opener(), length=5)
        with pytest.raises(ConnectionResetError, match="a file"):
            network()(Request(method="PUT", url=server.url, body=body))


def test_an_answer_before_the_end_of_a_body_is_heard() -> None:
    """
    A server that refuses an upload says so at once and closes.
    """

    def refuse(line: socket.socket) -> None:
        line.recv(1000)
        line.sendall(ok(b"too large", "Connection: close", status="413 No"))
        line.shutdown(socket.SHUT_WR)
        # What still comes is read, so that the answer is not lost with a reset.
        while line.recv(1 << 20):
            pass

    with listening(refuse) as server:
        request = Request(
            method="PUT", url=server.url, body=Body(opener=Slow(BIG), length=len(BIG))
        )
        with network()(request) as response:
            assert (response.status, response.body.read()) == (413, b"too large")


def test_a_proxy_is_asked_for_the_whole_url() -> None:
    """
    With its own credentials, which come from its URL.
    """
    heard: list[bytes] = []
    with listening(says(ok(b"by proxy"), raw=heard)) as server:
        proxies = Proxies(http=server.url.replace("//", "//me:pw@"))
        with network(Settings(proxies=proxies))(get("http://r.example/v2/")) as response:
            assert response.body.read() == b"by proxy"
    assert heard[0].startswith(b"GET http://r.example/v2/ HTTP/1.1\r\n")
    assert b"proxy-authorization: basic bWU6cHc=" in heard[0].lower().replace(
        b"bwu6chc=", b"bWU6cHc="
    )


def test_a_proxy_that_is_not_there_is_told() -> None:
    """
    It is a connection that cannot be made.
    """
    with listening(says(ok())) as server:
        url = server.url
    settings = Settings(proxies=Proxies(http=url, https=url))
    for wanted in ("http://r.example/", "https://r.example/"):
        with pytest.raises(ConnectionFailed):
            network(settings)(get(wanted))


def test_threads_share_it() -> None:
    """
    Answers come to who asked.
    """
    found: dict[int, bytes] = {}

    def talk(line: socket.socket) -> None:
        while request := request_of(line):
            line.sendall(ok(request.split(b" ")[1]))

    with listening(talk) as one, listening(talk) as two:
        send = network()

        def ask(number: int) -> None:
            server = (one, two)[number % 2]
            with send(get(f"{server.url}/{number}", Connection="close")) as response:
                found[number] = response.body.read()

        for number in range(4):
            ask(number)
    assert found == {number: f"/{number}".encode() for number in range(4)}


def test_a_closed_body_is_closed() -> None:
    """
    Reading on is a mistake of the caller.
    """
    response: Response
    with listening(says(ok(b"x"))) as server:
        response = network()(get(server.url))
        response.body.close()
        response.body.close()
        with pytest.raises(ValueError, match="closed"):
            response.body.readinto(bytearray(1))


def test_the_clock_is_that_of_the_machine() -> None:
    """
    Bound here and nowhere else.
    """
    assert CLOCK.now() > 1_600_000_000
    CLOCK.sleep(0)
    assert 0 <= CLOCK.random.random() < 1
