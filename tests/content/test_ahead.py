"""
Reading ahead: the same bytes, the same errors, and no thread that stays.
"""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Iterator
from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocikit.content.ahead import AheadStream, HashBeside, ahead
from ocikit.content.build import build_layer
from ocikit.content.compression import Plain, decompress
from ocikit.content.streams import CHUNK
from ocikit.digest import Digest, finish

#: Some of them are worth a thread, others are not.
sizes = st.lists(st.sampled_from([0, 1, 1000, CHUNK - 1, CHUNK, CHUNK + 1]), max_size=6)


def _pieces(sizes: list[int]) -> list[bytes]:
    return [bytes([number]) * size for number, size in enumerate(sizes)]


def _threads() -> int:
    return sum(thread.name == "ocikit-ahead" for thread in threading.enumerate())


class Failed(Exception):
    """
    A source cannot go on.
    """


@given(sizes)
@settings(deadline=None)
def test_pieces_come_as_they_are(sizes: list[int]) -> None:
    """
    All of them, each whole, in order; then there is no thread.
    """
    assert list(ahead(_pieces(sizes))) == _pieces(sizes)
    assert _threads() == 0


@given(sizes, st.lists(st.sampled_from([1, 512, 10**6, CHUNK, 3 * CHUNK]), max_size=8))
@settings(deadline=None)
def test_a_stream_is_the_stream(sizes: list[int], reads: list[int]) -> None:
    """
    However much is read at a time, it is what comes next, and `read()` is the rest.
    """
    data = b"".join(_pieces(sizes))
    with AheadStream(io.BytesIO(data)) as stream:
        parts = [stream.read(size) for size in reads]
        rest = stream.read()
    assert b"".join(parts) + rest == data
    assert all(len(part) <= size for part, size in zip(parts, reads, strict=True))
    assert _threads() == 0


@pytest.mark.parametrize("good", [0, 1, 5])
def test_errors_come_where_the_bytes_would(good: int) -> None:
    """
    What the source gave before is given; the error is its own.
    """

    def source() -> Iterator[bytes]:
        yield from [bytes(CHUNK)] * good
        raise Failed

    seen: list[int] = []
    with pytest.raises(Failed):
        seen.extend(map(len, ahead(source())))
    assert seen == [CHUNK] * good
    assert _threads() == 0


def test_who_stops_early_leaves_nothing_open() -> None:
    """
    The source is closed, by its own thread, and was not read to its end.
    """
    closed: list[str] = []
    given: list[int] = []

    def source() -> Iterator[bytes]:
        with contextlib.closing(_Noting(closed)):
            for number in range(1000):
                given.append(number)
                yield bytes(CHUNK)

    pieces = ahead(source())
    for _ in range(3):
        next(pieces)
    pieces.close()
    assert closed == ["closed"]
    assert len(given) < 10
    assert _threads() == 0


class _Noting:
    def __init__(self, notes: list[str]) -> None:
        self._notes = notes

    def close(self) -> None:
        """
        Note it.
        """
        self._notes.append("closed")


def test_leaving_a_stream_leaves_the_one_below() -> None:
    """
    In the middle, and by an exception: the thread is gone before the stream is closed.
    """
    below = io.BytesIO(bytes(20 * CHUNK))
    stream = AheadStream(below)
    assert len(stream.read(2 * CHUNK)) == CHUNK
    assert stream.readinto(bytearray(10)) == 10
    assert _threads() == 1
    stream.__exit__(Failed, Failed(), None)
    assert below.closed
    assert _threads() == 0


def test_a_failure_of_who_builds_ends_the_thread() -> None:
    """
    A disk that is full, say.
    """

    def source() -> Iterator[bytes]:
        yield from [bytes(CHUNK)] * 3
        raise Failed

    with pytest.raises(Failed):
        build_layer(source(), compression=Plain())
    assert _threads() == 0


def test_what_is_corrupt_is_told_through_it() -> None:
    """
    A gzip stream that is cut short raises on reading, as it does without.
    """
    layer = build_layer([bytes(8 * CHUNK)])
    cut = layer.blob.open().read()[:-20]
    with pytest.raises(Exception, match="too early"), AheadStream(decompress(io.BytesIO(cut))) as s:
        s.read()
    assert _threads() == 0


@given(st.lists(st.binary(max_size=40), max_size=12), st.sampled_from(["sha256", "sha512"]))
@settings(deadline=None)
def test_beside_hashes_what_it_was_given(pieces: list[bytes], algorithm: str) -> None:
    """
    In any pieces, by way of its buffers: the hash is that of all bytes in their order.
    """
    with HashBeside(algorithm, 40) as beside:
        for buffer, piece in zip(cycle(beside.buffers), pieces, strict=False):
            buffer[: len(piece)] = piece
            beside.update(buffer[: len(piece)])
        assert finish(beside) == Digest.of(b"".join(pieces), algorithm)


def test_leaving_it_ends_the_thread() -> None:
    """
    Whether or not the hash was asked for.
    """
    with HashBeside("sha256", 1) as beside:
        beside.update(b"a")
        assert "ocikit-hash" in [each.name for each in threading.enumerate()]
    assert "ocikit-hash" not in [each.name for each in threading.enumerate()]
