"""
A layer from a stream that can be read once.
"""

from __future__ import annotations

import gzip
import io
import random

import pytest

from ocikit import media
from ocikit.content.compression import CompressionInvalid, Gzip, Plain, Zstd, compressor
from ocikit.digest import Digest
from ocikit.errors import Refused
from ocikit.http.message import Request, Response
from ocikit.name.parse import parse_repository
from ocikit.progress import Event, Update
from ocikit.registry.faults import ConnectionBroken
from ocikit.registry.settings import Settings
from ocikit.registry.upload import upload
from ocikit.server.handler import registry
from ocikit.testing.wires import Recorder, answer, client

TAR = random.Random(1).randbytes(300_000)


class OnePass(io.RawIOBase):
    """
    A stream like standard input: a little at a time, and no way back.
    """

    def __init__(self, data: bytes) -> None:
        self._inner = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        data = self._inner.read(min(70_001, len(memoryview(buffer))))  # type: ignore[arg-type]
        memoryview(buffer)[: len(data)] = data  # type: ignore[arg-type]
        return len(data)

    def seekable(self) -> bool:
        return False


def zstd(data: bytes) -> bytes:
    """
    Compress.
    """
    running = compressor(Zstd(3))
    return running.compress(data) + running.flush()


@pytest.mark.parametrize("chunk", [50_000, 4 << 20])
@pytest.mark.parametrize(
    ("sent", "media_type"),
    [
        (TAR, media.OCI_LAYER_GZIP),
        (gzip.compress(TAR), media.OCI_LAYER_GZIP),
        (gzip.compress(TAR[:9]) + gzip.compress(TAR[9:]) + bytes(100), media.OCI_LAYER_GZIP),
        (zstd(TAR), media.OCI_LAYER_ZSTD),
        (b"", media.OCI_LAYER_GZIP),
        (b"x", media.OCI_LAYER_GZIP),
    ],
    ids=["tar", "gzip", "members and padding", "zstd", "nothing", "little"],
)
def test_hashes_both_sides_as_they_pass(sent: bytes, media_type: str, chunk: int) -> None:
    """
    What is compressed is not compressed again; the diff ID is known.
    """
    one = client(registry(), settings=Settings(chunk_size=chunk))
    layer = upload("r.io/a", OnePass(sent), client=one)
    inside = TAR if len(sent) > 1 else sent
    assert layer.known_diff_id == Digest.of(inside)
    assert layer.media_type == media_type
    assert layer.uncompressed().read() == inside
    if sent and sent[:2] in (b"\x1f\x8b", b"\x28\xb5"):
        assert layer.digest == Digest.of(sent)


def test_compresses_as_it_is_told() -> None:
    """
    Or not at all; the media type goes with it, or is what one says.
    """
    one = client(registry())
    plain = upload("r.io/a", io.BytesIO(TAR), client=one, compression=Plain())
    assert (plain.digest, plain.media_type) == (Digest.of(TAR), media.OCI_LAYER)
    small = upload("r.io/a", io.BytesIO(TAR), client=one, compression=Zstd(), docker=True)
    assert small.media_type == media.DOCKER_LAYER_ZSTD
    named = upload("r.io/a", io.BytesIO(TAR), client=one, media_type="application/x")
    assert named.media_type == "application/x"


def test_keeps_no_more_than_a_chunk() -> None:
    """
    Ten times as much as a chunk goes in ten of them.
    """
    wire = Recorder(registry())
    one = client(wire, settings=Settings(chunk_size=30_000))
    upload("r.io/a", OnePass(TAR), client=one, compression=Plain())
    sent = [(r.method, r.body.length) for r in wire.requests]
    assert sent == [("POST", 0), *[("PATCH", 30_000)] * 9, ("PUT", 30_000)]


def test_heeds_the_least_size_of_a_chunk() -> None:
    """
    OCI-Chunk-Min-Length goes before the size that was set.
    """
    wire = Recorder(registry(chunk_min=120_000))
    one = client(wire, settings=Settings(chunk_size=30_000))
    upload("r.io/a", OnePass(TAR), client=one, compression=Plain())
    sent = [(r.method, r.body.length) for r in wire.requests]
    assert sent == [("POST", 0), *[("PATCH", 120_000)] * 2, ("PUT", 60_000)]


def test_what_is_small_may_be_there_already() -> None:
    """
    One request then: nothing is sent twice.
    """
    wire = Recorder(registry())
    upload("r.io/a", io.BytesIO(TAR[:99]), client=client(wire))
    wire.clear()
    upload("r.io/a", io.BytesIO(TAR[:99]), client=client(wire))
    assert [request.method for request in wire.requests] == ["POST"]


def test_a_break_in_the_middle_is_mended() -> None:
    """
    A one-pass stream cannot be read again, but its last chunk can be sent again.
    """
    held = registry()
    broken: list[Response] = []

    def send(request: Request) -> Response:
        if request.method == "PATCH" and len(broken) < 3:
            broken.append(held(request))
            raise ConnectionBroken(url=request.url, reason="reset")
        return held(request)

    one = client(send, settings=Settings(chunk_size=50_000))
    layer = upload("r.io/a", OnePass(TAR), client=one)
    assert layer.uncompressed().read() == TAR


@pytest.mark.parametrize("chunk", [50_000, 4 << 20])
def test_what_cannot_be_decompressed_is_not_kept(chunk: int) -> None:
    """
    A gzip stream that is cut short is no layer; the upload is given up.
    """
    wire = Recorder(registry())
    one = client(wire, settings=Settings(chunk_size=chunk))
    with pytest.raises(CompressionInvalid):
        upload("r.io/a", OnePass(gzip.compress(TAR)[:-9]), client=one)
    assert not any(request.method == "PUT" for request in wire.requests)
    began = any(request.method == "POST" for request in wire.requests)
    assert began == any(request.method == "DELETE" for request in wire.requests)


def test_a_refusal_is_told() -> None:
    """
    And no more is read than one chunk.
    """
    stream = io.BytesIO(TAR)
    one = client(lambda request: answer(403), settings=Settings(chunk_size=1000))
    with pytest.raises(Refused):
        upload(parse_repository("r.io/a"), stream, client=one, compression=Plain())


def test_tells_what_moved() -> None:
    """
    Bytes as they are sent; nobody can say how many there will be.
    """
    updates: list[Update] = []
    one = client(registry(), settings=Settings(chunk_size=100_000))
    layer = upload("r.io/a", OnePass(TAR), client=one, report=updates.append)
    assert sum(u.bytes for u in updates if u.event is Event.MOVED) == layer.size
    assert updates[-1].event is Event.DONE


def test_the_stream_stays_open() -> None:
    """
    It is the caller's.
    """
    for data in (TAR, gzip.compress(TAR)):
        stream = io.BytesIO(data)
        upload("r.io/a", stream, client=client(registry()), compression=Gzip())
        assert not stream.closed
