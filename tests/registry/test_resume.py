"""
A blob over broken connections.
"""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.content.streams import chunks
from ocikit.digest import Digest
from ocikit.errors import Corrupt
from ocikit.http import routes
from ocikit.http.faults import BlobUnknown, Denied
from ocikit.http.message import Request, Response
from ocikit.http.retry import Policy
from ocikit.name.parse import parse_repository
from ocikit.registry.faults import BlobTooShort, BodyTruncated, ConnectionBroken, ConnectionFailed
from ocikit.registry.resume import PROGRESS, ResumedStream
from ocikit.registry.session import reach
from ocikit.registry.settings import Settings
from ocikit.testing.time import VirtualTime
from ocikit.testing.wires import Broken, Script, answer, client, script

DATA = bytes(range(256)) * 4
BLOB = routes.get_blob("https://r.io", "a", Digest.of(DATA))


def opened(
    wire: Script, size: int | None = len(DATA), time: VirtualTime | None = None
) -> ResumedStream:
    """
    The blob, as this wire gives it.
    """
    one = client(wire, time=time, settings=Settings(retry=Policy(attempts=3)))
    return ResumedStream(reach(one, parse_repository("r.io/a")), BLOB, size)


def broken(data: bytes, status: int = 200, **headers: str) -> Response:
    """
    A response that breaks after these bytes.
    """
    return Response(status=status, headers=answer(0, b"", **headers).headers, body=Broken(data))


def part(start: int, end: int | None = None) -> Response:
    """
    What a registry answers to a range.
    """
    data = DATA[start:end]
    return answer(206, data, Content_Range=f"bytes {start}-{len(DATA) - 1}/{len(DATA)}")


def ranges(wire: Script) -> list[str]:
    return [request.headers.get("Range") for request in wire.requests]


def test_goes_on_where_it_stopped() -> None:
    """
    After a reset the rest is asked for, and no byte that came.
    """
    wire = script(broken(DATA[:100]), part(100))
    with opened(wire) as stream:
        assert stream.read() == DATA
    assert ranges(wire) == ["", "bytes=100-"]


def test_a_registry_that_ignores_ranges_sends_all_again() -> None:
    """
    What was had already is skipped, not handed out twice.
    """
    wire = script(broken(DATA[:100]), answer(200, DATA))
    with opened(wire) as stream:
        assert stream.read() == DATA


def test_a_registry_that_answers_with_an_earlier_range_is_understood() -> None:
    """
    Content-Range says what came; what was asked for does not matter.
    """
    wire = script(broken(DATA[:100]), part(50))
    with opened(wire) as stream:
        assert stream.read() == DATA


def test_a_registry_that_skips_bytes_is_not_believed() -> None:
    """
    A range that begins too late leaves a hole.
    """
    wire = script(broken(DATA[:100]), part(101), part(100))
    with opened(wire) as stream:
        assert stream.read() == DATA


def test_a_cut_that_is_announced_as_the_whole_is_seen() -> None:
    """
    A proxy that caches a cut body gives it a matching length.
    """
    wire = script(answer(200, DATA[:100]), part(100))
    with opened(wire) as stream:
        assert stream.read() == DATA


def test_gives_up_when_nothing_more_comes() -> None:
    """
    The last error is raised, and the offset is in it.
    """
    wire = script(*[answer(200, DATA[:100]) for _ in range(3)])
    time = VirtualTime()
    with opened(wire, time=time) as stream, pytest.raises(BodyTruncated) as caught:
        stream.read()
    assert (caught.value.received, caught.value.expected) == (100, len(DATA))
    assert len(time.slept) == 2


def test_patience_grows_back_with_progress() -> None:
    """
    A long blob over a bad line takes as many connections as it takes, without a wait.
    """
    big = bytes(PROGRESS) * 12
    steps = [
        broken(big[:PROGRESS], 206 if n else 200, Content_Range=f"bytes {n * PROGRESS}-9/*")
        for n in range(11)
    ]
    time = VirtualTime()
    wire = script(*steps, answer(206, big[:PROGRESS], Content_Range=f"bytes {11 * PROGRESS}-9/*"))
    with opened(wire, len(big), time) as stream:
        assert sum(map(len, chunks(stream, 1 << 16))) == len(big)
    assert time.slept == []


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_registry_that_fails_while_resuming_is_asked_again(status: int) -> None:
    """
    What may pass is waited for.
    """
    wire = script(broken(DATA[:100]), answer(status), part(100))
    with opened(wire) as stream:
        assert stream.read() == DATA


def test_a_refusal_while_resuming_is_final() -> None:
    """
    Who may no longer read is told so.
    """
    with opened(script(broken(DATA[:9]), answer(403))) as stream, pytest.raises(Denied):
        stream.read()


def test_where_a_blob_ends_is_told_as_corruption() -> None:
    """
    416: a descriptor said more than there is, and the registry is not to blame.
    """
    wire = script(broken(DATA), answer(416))
    with opened(wire, len(DATA) + 7) as stream, pytest.raises(BlobTooShort) as caught:
        stream.read()
    assert (caught.value.offset, caught.value.expected) == (len(DATA), len(DATA) + 7)
    assert isinstance(caught.value, Corrupt)
    way = reach(client(script(answer(416))), parse_repository("r.io/a"))
    with pytest.raises(BlobTooShort, match="nothing after 5000 bytes"):
        ResumedStream(way, BLOB, 6000, 5000)


def test_a_network_that_is_gone_is_waited_for() -> None:
    """
    In the middle of a transfer even a refused connection may pass: it was there before.
    """
    gone = ConnectionFailed(url="https://r.io/", reason="refused")
    with opened(script(broken(DATA[:9]), gone, part(9))) as stream:
        assert stream.read() == DATA


def test_begins_where_it_is_told_to() -> None:
    """
    What an earlier process had is not asked for; a registry may send it nevertheless.
    """
    for response in (part(300), answer(200, DATA)):
        wire = script(response)
        way = reach(client(wire), parse_repository("r.io/a"))
        with ResumedStream(way, BLOB, len(DATA), 300) as stream:
            assert stream.read() == DATA[300:]
        assert ranges(wire) == ["bytes=300-"]


def test_a_break_on_the_way_there_is_mended() -> None:
    """
    A registry that sends all again may break off before anything new came.
    """
    wire = script(broken(DATA[:9]), part(300))
    way = reach(client(wire), parse_repository("r.io/a"))
    with ResumedStream(way, BLOB, len(DATA), 300) as stream:
        assert stream.read() == DATA[300:]


def test_a_break_at_the_very_end_is_none() -> None:
    """
    All bytes are there: nothing is left to be asked for.
    """
    wire = script(broken(DATA))
    with opened(wire) as stream:
        assert stream.read() == DATA
    assert len(wire.requests) == 1


def test_opening_tells_at_once() -> None:
    """
    What is not there is missed before the first byte is wanted.
    """
    with pytest.raises(BlobUnknown):
        opened(script(answer(404)))


def test_without_a_size_the_connection_decides() -> None:
    """
    Then only the digest tells whether it was all.
    """
    with opened(script(answer(200, DATA[:100])), size=None) as stream:
        assert stream.read() == DATA[:100]


def test_closing_gives_the_connection_back() -> None:
    """
    Who stops early does not keep it.
    """
    response = answer(200, DATA)
    opened(script(response)).close()
    assert response.body.closed  # type: ignore[attr-defined]


@given(st.data())
def test_breaks_never_change_a_byte(data: st.DataObject) -> None:
    """
    However often it breaks, whatever the registry does with ranges: these bytes or an
    error.
    """

    def send(request: Request) -> Response:
        asked = request.headers.get("Range").removeprefix("bytes=").removesuffix("-")
        start = int(asked or 0)
        if start and data.draw(st.booleans()):
            start = 0
        end = data.draw(st.integers(start, len(DATA)))
        found = answer(206 if start else 200, DATA[start:end], Content_Range=f"bytes {start}-9/*")
        if data.draw(st.booleans()):
            return found
        return Response(status=found.status, headers=found.headers, body=Broken(DATA[start:end]))

    one = client(send, settings=Settings(retry=Policy(attempts=20)))
    stream = ResumedStream(reach(one, parse_repository("r.io/a")), BLOB, len(DATA))
    with suppress(BodyTruncated, ConnectionBroken), stream:
        assert stream.read() == DATA
