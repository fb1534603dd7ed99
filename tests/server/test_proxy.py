"""
A registry that passes on another: what is kept, what is looked up again, what is refused.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit._records import evolve
from ocikit.content.streams import BytesOpener
from ocikit.digest import Digest
from ocikit.errors import Unreachable
from ocikit.http.message import Request, Response
from ocikit.server.handler import RegistryHandler, registry
from ocikit.server.memory import Memory
from ocikit.server.route import split
from ocikit.server.upstream.flight import Flight, FlightBroken
from ocikit.server.upstream.proxy import proxy
from ocikit.testing.time import VirtualTime
from tests.server.samples import ask, digest, push_blob, push_image, refused

BIG = bytes(range(256)) * 20_000


@attrs.frozen
class Silent(Unreachable):
    """
    Nobody answers.
    """


@attrs.define
class Source:
    """
    The other registry, what it was asked, and how it is at the moment.
    """

    handler: RegistryHandler = attrs.field(factory=registry)
    asked: list[tuple[str, str]] = attrs.field(factory=list)
    change: Callable[[Request, Response], Response] | None = None
    silent: bool = False

    def __call__(self, request: Request) -> Response:
        if self.silent:
            raise Silent
        self.asked.append((request.method, split(request.url)[0]))
        response = self.handler(request)
        return response if self.change is None else self.change(request, response)


def test_a_pull_is_kept_and_another_asks_nobody() -> None:
    """
    Manifests and blobs come once, and are there when the other registry is not.
    """
    source = Source()
    raw = push_image(source.handler, "a", "t", BIG)
    send = proxy(source)
    for silent in (False, True):
        source.silent = silent
        assert ask(send, "GET", "/v2/a/manifests/t").body.read() == raw
        assert ask(send, "GET", f"/v2/a/manifests/{digest(raw)}").body.read() == raw
        assert ask(send, "GET", f"/v2/a/blobs/{digest(BIG)}").body.read() == BIG
        _settled(send, BIG)
        part = ask(send, "GET", f"/v2/a/blobs/{digest(BIG)}", Range="bytes=1000-1999")
        assert part.body.read() == BIG[1000:2000]
    assert sum(path.endswith(digest(BIG)) and method == "GET" for method, path in source.asked) == 1


def _settled(send: RegistryHandler, data: bytes) -> None:
    """
    Wait until a blob is kept: the client has the last byte a moment before.
    """
    kept = getattr(send.storage, "_kept")  # noqa: B009  # it is not for others
    for _ in range(1000):
        if list(kept.holders(Digest.of(data))):
            return
        threading.Event().wait(0.005)
    raise AssertionError("it was not kept")


def test_nothing_can_be_pushed() -> None:
    """
    What it holds is another's.
    """
    send = proxy(Source())
    assert refused(ask(send, "POST", "/v2/a/blobs/uploads/")) == (405, "UNSUPPORTED")
    assert refused(ask(send, "PUT", "/v2/a/manifests/t", b"{}"))[0] == 405
    assert refused(ask(send, "DELETE", "/v2/a/manifests/t"))[0] == 405


def test_what_is_not_there_is_not_here() -> None:
    """
    A 404 is a 404, and a tag that went there goes here.
    """
    time, source = VirtualTime(now=0.0), Source()
    push_image(source.handler, "a", "t", b"layer")
    send = proxy(source, clock=time.clock.now)
    assert refused(ask(send, "GET", "/v2/a/manifests/u")) == (404, "MANIFEST_UNKNOWN")
    assert refused(ask(send, "GET", f"/v2/a/blobs/{digest(b'x')}")) == (404, "BLOB_UNKNOWN")
    assert ask(send, "GET", "/v2/a/manifests/t").status == 200
    ask(source.handler, "DELETE", "/v2/a/manifests/t")
    assert ask(send, "GET", "/v2/a/manifests/t").status == 200
    time.now = 61
    assert ask(send, "GET", "/v2/a/manifests/t").status == 404
    source.silent = True
    assert ask(send, "GET", "/v2/a/manifests/t").status == 502


def test_a_tag_is_looked_up_again_and_what_is_known_will_do_for_a_while() -> None:
    """
    By a HEAD where nothing has changed; past the bound, a registry that is silent is told.
    """
    time, source = VirtualTime(now=0.0), Source()
    first = push_image(source.handler, "a", "t", b"one")
    send = proxy(source, fresh=10, stale=100, clock=time.clock.now)
    assert ask(send, "GET", "/v2/a/manifests/t").body.read() == first
    source.asked.clear()
    assert ask(send, "GET", "/v2/a/manifests/t").body.read() == first
    assert source.asked == []
    time.now = 11
    assert ask(send, "GET", "/v2/a/manifests/t").body.read() == first
    assert source.asked == [("HEAD", "/v2/a/manifests/t")]
    second = push_image(source.handler, "a", "t", b"two")
    time.now = 22
    assert ask(send, "GET", "/v2/a/manifests/t").body.read() == second
    source.silent, time.now = True, 120
    assert ask(send, "GET", "/v2/a/manifests/t").body.read() == second
    time.now = 123
    assert ask(send, "GET", "/v2/a/manifests/t").status == 502


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_registry_that_cannot_now_is_as_silent(status: int) -> None:
    """
    What is known will do when the other has no time for us.
    """
    time, source = VirtualTime(now=0.0), Source()
    raw = push_image(source.handler, "a", "t", b"layer")
    send = proxy(source, clock=time.clock.now)
    ask(send, "GET", "/v2/a/manifests/t")
    source.change = lambda request, response: Response(status=status)
    time.now = 1000
    assert ask(send, "GET", "/v2/a/manifests/t").body.read() == raw
    assert ask(send, "GET", f"/v2/a/blobs/{digest(b'layer')}").status == 502


@pytest.mark.parametrize("data", [b"wrong", b"larger than it should be", b""])
def test_a_blob_that_is_another_is_neither_kept_nor_given_whole(data: bytes) -> None:
    """
    The client is left without its last byte, and the next one asks anew.
    """
    source = Source()
    name = push_blob(source.handler, "a", b"right")
    source.change = lambda request, response: (
        evolve(response, body=BytesOpener(data).open()) if request.method == "GET" else response
    )
    send = proxy(source)
    response = ask(send, "GET", f"/v2/a/blobs/{name}")
    with pytest.raises(FlightBroken):
        response.body.read()
    response.body.close()
    source.change = None
    for _ in range(1000):
        response = ask(send, "GET", f"/v2/a/blobs/{name}")
        try:
            assert response.body.read() == b"right"
            break
        except FlightBroken:
            continue
        finally:
            response.body.close()


def test_a_manifest_that_is_another_is_refused() -> None:
    """
    By digest, and by tag where the other registry says which it means.
    """
    source = Source()
    raw = push_image(source.handler, "a", "t", b"layer")
    source.change = lambda request, response: evolve(response, body=io.BytesIO(b"{}"))
    send = proxy(source)
    for reference in ("t", digest(raw)):
        assert ask(send, "GET", f"/v2/a/manifests/{reference}").status == 502


def test_many_clients_at_once_are_one_fetch() -> None:
    """
    All get every byte while it comes, in whatever order they ask.
    """
    source = Source()
    push_blob(source.handler, "a", BIG)
    send = proxy(source)

    def pull(_: int) -> bytes:
        with ask(send, "GET", f"/v2/a/blobs/{digest(BIG)}") as response:
            return response.body.read()

    with ThreadPoolExecutor(16) as pool:
        assert all(found == BIG for found in pool.map(pull, range(32)))
    assert [method for method, _ in source.asked].count("GET") == 1


def test_a_client_that_goes_away_does_not_end_the_fetch() -> None:
    """
    Others may have come for the same; and what was begun is kept.
    """
    source = Source()
    push_blob(source.handler, "a", BIG)
    send = proxy(source)
    response = ask(send, "GET", f"/v2/a/blobs/{digest(BIG)}")
    response.body.read(10)
    response.body.close()
    _settled(send, BIG)


def test_a_look_fetches_nothing() -> None:
    """
    HEAD asks how large a blob is, and no byte of it comes.
    """
    source = Source()
    name = push_blob(source.handler, "a", BIG)
    response = ask(proxy(source), "HEAD", f"/v2/a/blobs/{name}")
    assert response.headers.get("Content-Length") == str(len(BIG))
    assert source.asked == [("HEAD", f"/v2/a/blobs/{name}")]


class _Breaks(io.BytesIO):
    def readinto(self, buffer: object, /) -> int:
        if self.tell() >= 1000:
            raise ConnectionResetError
        return super().readinto(memoryview(buffer)[:1000])  # type: ignore[arg-type]


def test_what_breaks_off_is_resumed() -> None:
    """
    From where it stood, a few times.
    """
    source, breaks = Source(), iter([True, True, False])
    name = push_blob(source.handler, "a", BIG)

    def change(request: Request, response: Response) -> Response:
        if request.method == "GET" and next(breaks):
            return evolve(response, body=_Breaks(response.body.read()))
        return response

    source.change = change
    assert ask(proxy(source), "GET", f"/v2/a/blobs/{name}").body.read() == BIG


def test_names_may_be_others_there() -> None:
    """
    A prefix stands before what is asked for, and nobody gets out of it.
    """
    source = Source()
    raw = push_image(source.handler, "team/a", "t", b"layer")
    send = proxy(source, rename=lambda name: f"team/{name}")
    assert ask(send, "GET", "/v2/a/manifests/t").body.read() == raw
    assert ask(send, "GET", "/v2/../a/manifests/t").status == 404
    assert b'"tags":["t"]' in ask(send, "GET", "/v2/a/tags/list").body.read()


@given(pieces=st.lists(st.binary(min_size=1, max_size=50), min_size=1), reads=st.integers(1, 70))
def test_a_flight_gives_what_came(pieces: list[bytes], reads: int) -> None:
    """
    Whatever comes in which pieces is read in any; the last byte only when it is right.
    """
    data = b"".join(pieces)
    flight = Flight(len(data))
    early, late = flight.open(), flight.open()
    found = bytearray()
    for piece in pieces:
        flight.add(memoryview(piece))
    while len(found) < len(data) - 1:
        found += early.read(min(reads, len(data) - 1 - len(found)))
    flight.end()
    found += early.read()
    assert bytes(found) == data
    assert late.read() == data
    early.close()
    late.close()


def test_a_storage_that_fails_breaks_the_flight() -> None:
    """
    A client is not left waiting for what will not come.
    """

    class Full(Memory):
        def begin(self, repository: str, algorithm: str) -> str:
            raise OSError("no space left")

    source = Source()
    name = push_blob(source.handler, "a", BIG)
    response = ask(proxy(source, Full()), "GET", f"/v2/a/blobs/{name}")
    with pytest.raises(FlightBroken):
        response.body.read()
    response.body.close()
