"""
Uploads in chunks.
"""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.digest import Digest
from ocikit.errors import Missing, Unreachable
from ocikit.http.faults import RegistryRefused
from ocikit.http.message import Request, Response
from ocikit.http.retry import Policy
from ocikit.http.scope import PUSH
from ocikit.name.parse import parse_repository
from ocikit.registry.chunks import ChunkedUpload, begin, exists
from ocikit.registry.faults import ConnectionBroken
from ocikit.registry.session import Access, reach
from ocikit.registry.settings import Settings
from ocikit.server.handler import registry
from ocikit.testing.wires import Recorder, answer, client, script

DATA = random.Random(1).randbytes(1000)
DIGEST = Digest.of(DATA)
BROKEN = ConnectionBroken(url="https://r.io/", reason="reset")


def access(wire: object, attempts: int = 5) -> Access:
    """
    The way to r.io/a.
    """
    assert callable(wire)
    settings = Settings(retry=Policy(attempts=attempts))
    return reach(client(wire, settings=settings), parse_repository("r.io/a"), PUSH)


def upload(way: Access, size: int) -> None:
    """
    All of the data, in chunks of that size.
    """
    running = ChunkedUpload(way, begin(way)[0])
    for start in range(0, len(DATA), size):
        running.send(DATA[start : start + size])
    running.finish(DIGEST)


def test_says_where_each_chunk_belongs() -> None:
    """
    distribution-spec, "Pushing a blob in chunks": Content-Range is the offset of its
    first and last byte.
    """
    wire = Recorder(registry())
    upload(access(wire), 400)
    ranges = [r.headers.get("Content-Range") for r in wire.requests if r.method == "PATCH"]
    assert ranges == ["0-399", "400-799", "800-999"]
    assert exists(access(wire), DIGEST)


def test_goes_to_the_newest_location() -> None:
    """
    Each answer may name another (distribution-spec#415).
    """
    wire = script(
        answer(202, Location="/u/1"),
        answer(202, Location="/u/2?state=a%2F"),
        answer(201, Location="/u/3"),
        answer(201),
    )
    upload(access(wire), 500)
    urls = [request.url for request in wire.requests[1:]]
    assert urls[:2] == ["https://r.io/u/1", "https://r.io/u/2?state=a%2F"]
    assert urls[2] == f"https://r.io/u/3?digest={DIGEST}"


def test_knows_the_least_size_of_a_chunk() -> None:
    """
    OCI-Chunk-Min-Length is said when an upload begins.
    """
    assert begin(access(registry(chunk_min=123)))[1] == 123


@pytest.mark.parametrize("arrived", [0, 1, 300, 499, 500])
def test_sends_again_what_did_not_arrive(arrived: int) -> None:
    """
    The registry is asked how much it has, and is sent the rest.
    """
    asked = answer(204, Range=f"0-{arrived - 1}" if arrived > 1 else "0-0", Location="/u/2")
    rest = [answer(202, Location="/u/3")] if arrived < 500 else []
    wire = script(BROKEN, asked, *rest)
    running = ChunkedUpload(access(wire), "https://r.io/u/1")
    running.send(DATA[:500])
    assert running.offset == 500
    if rest:
        # One byte and none look alike, and count as none.
        had = arrived if arrived > 1 else 0
        assert wire.requests[2].url == "https://r.io/u/2"
        assert wire.requests[2].body.opener.open().read() == DATA[had:500]


@pytest.mark.parametrize("said", ["0-600", "nonsense", ""])
def test_gives_up_when_the_registry_is_confused(said: str) -> None:
    """
    More than was sent, or no answer: there is no way to go on. ECR repeats a range of
    long ago, which looks so.
    """
    wire = script(BROKEN, answer(204, Range=said))
    with pytest.raises(ConnectionBroken):
        ChunkedUpload(access(wire), "https://r.io/u/1").send(DATA[:500])


def test_what_was_before_the_chunk_is_gone() -> None:
    """
    A registry that forgot earlier chunks cannot be helped: they are not kept.
    """
    wire = script(answer(202, Location="/u"), BROKEN, answer(204, Range="0-99"))
    running = ChunkedUpload(access(wire), "https://r.io/u")
    running.send(DATA[:500])
    with pytest.raises(ConnectionBroken):
        running.send(DATA[500:])


def test_out_of_order_is_asked_about() -> None:
    """
    416 after an answer was lost: it arrived, and is sent a second time.
    """
    wire = script(answer(416), answer(204, Range="0-499", Location="/u"))
    running = ChunkedUpload(access(wire), "https://r.io/u")
    running.send(DATA[:500])
    assert running.offset == 500


def test_other_refusals_are_final() -> None:
    """
    413 is not mended by sending it again.
    """
    with pytest.raises(RegistryRefused):
        ChunkedUpload(access(script(answer(413))), "https://r.io/u").send(DATA)


def test_a_lost_end_is_looked_up() -> None:
    """
    A registry that did it, and knows the upload no longer, has the blob.
    """
    unknown = answer(404, b'{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}')
    ChunkedUpload(access(script(unknown, answer(200))), "https://r.io/u").finish(DIGEST)
    ChunkedUpload(access(script(BROKEN, answer(200))), "https://r.io/u").finish(DIGEST)
    with pytest.raises(Missing):
        ChunkedUpload(access(script(answer(404), answer(404))), "https://r.io/u").finish(DIGEST)


def test_the_last_chunk_is_sent_again_too() -> None:
    """
    It goes with the request that ends the upload, from where it had arrived.
    """
    there = answer(204, Range="0-599", Location="/u/2")
    wire = script(BROKEN, answer(404), there, answer(201))
    running = ChunkedUpload(access(wire), "https://r.io/u/1")
    running.offset = 500
    running.finish(DIGEST, DATA[500:])
    last = wire.requests[-1]
    assert last.url == f"https://r.io/u/2?digest={DIGEST}"
    assert last.headers.get("Content-Range") == "600-999"
    assert last.body.opener.open().read() == DATA[600:]


@pytest.mark.parametrize("response", [answer(204), answer(405), BROKEN])
def test_giving_up_is_silent(response: Response | Exception) -> None:
    """
    Nobody is told that a registry could not be told.
    """
    wire = script(response)
    ChunkedUpload(access(wire), "https://r.io/u").cancel()
    assert wire.requests[0].method == "DELETE"


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_who_will_not_say_is_taken_not_to_have_it(status: int) -> None:
    """
    Then it is uploaded, which may be needless but is right.
    """
    assert not exists(access(script(answer(status), answer(404))), DIGEST)


@given(st.data())
def test_chunks_arrive_whatever_breaks(data: st.DataObject) -> None:
    """
    Before, in the middle or after: the blob is whole, or there is an error.
    """
    held = registry()

    def send(request: Request) -> Response:
        fault = data.draw(st.sampled_from(["", "before", "after", "503"]))
        if request.method == "POST" or not fault:
            return held(request)
        if fault == "before":
            raise BROKEN
        if fault == "503":
            return answer(503)
        held(request)
        raise BROKEN

    with suppress(Unreachable, Missing):
        upload(access(send, attempts=30), data.draw(st.integers(100, 1000)))
        assert exists(access(held), DIGEST)
