"""
Large blobs over several lines.
"""

from __future__ import annotations

import io
import random
import re
import threading
from collections.abc import Callable

import attrs
import pytest

from ocikit.content.streams import Stream, chunks
from ocikit.digest import Digest
from ocikit.errors import OciError
from ocikit.http import routes
from ocikit.http.faults import Denied
from ocikit.http.message import Headers, Request, Response
from ocikit.http.retry import NEVER, Policy
from ocikit.name.parse import parse_repository
from ocikit.registry.faults import ConnectionBroken
from ocikit.registry.lanes import LARGE, LaneStream, open_bytes
from ocikit.registry.session import Access, reach
from ocikit.registry.settings import Settings
from ocikit.testing.time import VirtualTime
from ocikit.testing.wires import Broken, answer, client

SEGMENT = 100_000
DATA = random.Random(1).randbytes(11 * SEGMENT + 5)
BLOB = routes.get_blob("https://r.io", "a", Digest.of(b"not looked at here"))


@attrs.define(eq=False)
class Server:
    """
    A server that gives each line so many bytes a second, and counts lines.
    """

    time: VirtualTime = attrs.field(factory=VirtualTime)
    speed: float = 1e6
    ranges: bool = True
    asked: list[tuple[int, int]] = attrs.field(factory=list)
    #: What to do to the answer to a range.
    change: Callable[[int, Response], Response] = lambda start, response: response
    open: int = 0
    most: int = 0
    _lock: threading.Lock = attrs.field(factory=threading.Lock)

    def __call__(self, request: Request) -> Response:
        start, end = self._range(request)
        with self._lock:
            self.asked.append((start, end))
            self.open += 1
            self.most = max(self.most, self.open)
        body = _Slow(self, DATA[start:end])
        headers = Headers({"Content-Range": f"bytes {start}-{end - 1}/{len(DATA)}"})
        whole = (start, end) == (0, len(DATA))
        return self.change(
            start, Response(status=200 if whole else 206, headers=headers, body=body)
        )

    def _range(self, request: Request) -> tuple[int, int]:
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range"))
        if found is None or not self.ranges:
            return 0, len(DATA)
        return int(found[1]), int(found[2]) + 1 if found[2] else len(DATA)

    def access(self, jobs: int = 4, policy: Policy = NEVER) -> Access:
        """
        The way to a repository there.
        """
        one = client(self, jobs=jobs, time=self.time, settings=Settings(retry=policy))
        return reach(one, parse_repository("r.io/a"))

    def stream(self, start: int = 0, jobs: int = 4) -> Stream:
        """
        The blob.
        """
        return lanes(self.access(jobs), start)


class _Slow(io.BytesIO):
    def __init__(self, server: Server, data: bytes) -> None:
        super().__init__(data)
        self._server = server

    def readinto(self, buffer: object, /) -> int:
        count = super().readinto(buffer)  # type: ignore[arg-type]
        with self._server._lock:
            self._server.time.now += count / self._server.speed
        return count

    def close(self) -> None:
        with self._server._lock:
            self._server.open -= not self.closed
        super().close()


def lanes(access: Access, start: int = 0) -> Stream:
    """
    The blob over this way, in small segments.
    """
    return LaneStream(access, BLOB, len(DATA), start, segment=SEGMENT)


def read(stream: Stream) -> bytes:
    """
    All of it, in pieces of odd sizes.
    """
    with stream:
        return b"".join(chunks(stream, 7_777))


def settled(server: Server) -> None:
    """
    Wait until all lines are given back.
    """
    for thread in threading.enumerate():
        if thread.name == "ocikit-lane":
            thread.join(30)
    assert server.open == 0


def test_several_lines_give_the_same_bytes() -> None:
    """
    In their order, over no more lines than there are jobs.
    """
    two = threading.Event()

    def change(start: int, response: Response) -> Response:
        if start == SEGMENT:
            assert two.wait(30)
        elif start:
            two.set()
        return response

    server = Server(change=change)
    assert read(server.stream()) == DATA
    assert sorted(server.asked) == [
        (at, min(at + SEGMENT, len(DATA))) for at in range(0, len(DATA), SEGMENT)
    ]
    assert 1 < server.most <= 4
    settled(server)


def test_a_fast_line_is_not_joined() -> None:
    """
    More lines cost more than they gain where a processor is what is waited for.
    """
    server = Server(speed=1e9)
    assert read(server.stream()) == DATA
    assert server.asked == [(0, SEGMENT), (SEGMENT, len(DATA))]
    settled(server)


@pytest.mark.parametrize("speed", [1e6, 1e9])
def test_a_server_that_ignores_ranges_is_read_through(speed: float) -> None:
    """
    What it sends is all there is to be had, and is asked for once.
    """
    server = Server(speed=speed, ranges=False)
    assert read(server.stream()) == DATA
    assert len(server.asked) == 1


def test_it_begins_where_it_is_told_to() -> None:
    """
    What an earlier process had is asked for by no line.
    """
    server = Server()
    assert read(server.stream(1000)) == DATA[1000:]
    assert min(start for start, _ in server.asked) == 1000


@pytest.mark.parametrize(
    ("jobs", "size", "several"),
    [(4, LARGE, True), (1, LARGE, False), (4, LARGE - 1, False), (4, None, False)],
)
def test_one_line_is_enough(jobs: int, size: int | None, several: bool) -> None:
    """
    For who may have no more, and for what is not large, or not known to be.
    """
    server = Server()
    with open_bytes(server.access(jobs), BLOB, size) as stream:
        assert isinstance(stream, LaneStream) == several
    assert server.asked[0] == (0, 8 << 20 if several else len(DATA))


def test_other_blobs_keep_their_places() -> None:
    """
    Lines are added only as far as the jobs of the client go.
    """
    server = Server()
    access = server.access(jobs=2)
    access.places.enter()
    access.places.enter()
    assert read(lanes(access)) == DATA
    assert server.most == 1


def test_a_line_that_breaks_is_mended() -> None:
    """
    Each goes on for itself.
    """
    broken: list[int] = []

    def change(start: int, response: Response) -> Response:
        if start != 2 * SEGMENT or broken:
            return response
        broken.append(start)
        return attrs.evolve(response, body=Broken(DATA[start : start + 10_000]))

    server = Server(change=change)
    assert read(lanes(server.access(policy=Policy()))) == DATA
    assert broken


@pytest.mark.parametrize(
    ("answered", "error"),
    [(answer(403), Denied), (ConnectionBroken(url="https://r.io/", reason="reset"), OciError)],
)
def test_what_one_line_may_not_have_ends_all(
    answered: Response | Exception, error: type[Exception]
) -> None:
    """
    The others end too.
    """

    def change(start: int, response: Response) -> Response:
        if start != 3 * SEGMENT:
            return response
        response.body.close()
        if isinstance(answered, Exception):
            raise answered
        return answered

    server = Server(change=change)
    with server.stream() as stream, pytest.raises(error):
        list(chunks(stream))
    settled(server)


def test_who_stops_early_gives_the_lines_back() -> None:
    """
    And what they still fetch is forgotten.
    """
    server = Server()
    access = server.access()
    with lanes(access) as stream:
        assert len(stream.read(SEGMENT + 5)) > 0
        assert len(stream.read(SEGMENT + 5)) > 0
    settled(server)
    assert access.places.free
