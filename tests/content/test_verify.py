"""
The gate: right bytes or an error, whichever way they are asked for.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable

import pytest

from ocikit.content.streams import Stream
from ocikit.content.verify import DigestMismatch, SizeMismatch, VerifiedStream, check
from ocikit.digest import Digest
from ocikit.errors import Corrupt
from ocikit.spec.descriptor import Descriptor

CONTENT = bytes(range(251)) * 40
DIGEST = Digest.of(CONTENT)


def _in_pieces(size: int) -> Callable[[Stream], bytes]:
    return lambda stream: b"".join(iter(lambda: stream.read(size), b""))


def _into(size: int) -> Callable[[Stream], bytes]:
    def whole(stream: Stream) -> bytes:
        buffer, seen = bytearray(size), b""
        while count := stream.readinto(buffer):
            seen += buffer[:count]
        return seen

    return whole


WAYS = {
    "read()": lambda stream: stream.read(),
    "read(1)": _in_pieces(1),
    "read(997)": _in_pieces(997),
    "read(exact)": _in_pieces(len(CONTENT)),
    "read(more)": _in_pieces(1 << 20),
    "readinto(1)": _into(1),
    "readinto(64)": _into(64),
    "readinto(more)": _into(1 << 20),
    "drain": lambda stream: stream.drain(),
}


class _Trickle(io.BytesIO):
    # Gives less than it is asked for, as sockets do.
    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(7, size) if size and size > 0 else size)

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        return super().readinto(memoryview(buffer)[:7])


def verified(data: bytes, size: int | None = None, digest: Digest = DIGEST) -> VerifiedStream:
    """
    Read `data` as what ought to be the content.
    """
    return VerifiedStream(_Trickle(data), digest, len(CONTENT) if size is None else size)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_right_bytes_pass(way: Callable[[VerifiedStream], bytes | None]) -> None:
    """
    However it is read, right content comes out whole, and then ends for good.
    """
    stream = verified(CONTENT)
    assert way(stream) in (CONTENT, None)
    assert stream.read(9) == b""
    assert stream.readinto(bytearray(9)) == 0


SHORT = {"empty": b"", "one byte short": CONTENT[:-1], "half": CONTENT[:5000]}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("data", SHORT.values(), ids=SHORT)
def test_short_content_raises(way: Callable[[VerifiedStream], object], data: bytes) -> None:
    """
    An end that comes too early is an error, never an end.
    """
    with pytest.raises(SizeMismatch) as caught:
        way(verified(data))
    assert caught.value.actual == len(data)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("surplus", [b"!", b"!" * 5000], ids=len)
def test_surplus_raises(way: Callable[[VerifiedStream], object], surplus: bytes) -> None:
    """
    One byte more is found before the last right byte is handed out.
    """
    with pytest.raises(SizeMismatch, match="more than the 10040 bytes"):
        way(verified(CONTENT + surplus))


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("at", [0, 5000, len(CONTENT) - 1])
def test_altered_content_raises(way: Callable[[VerifiedStream], object], at: int) -> None:
    """
    One bit anywhere is enough.
    """
    altered = bytearray(CONTENT)
    altered[at] ^= 1
    with pytest.raises(DigestMismatch) as caught:
        way(verified(bytes(altered)))
    assert caught.value.expected == DIGEST
    assert caught.value.actual == Digest.of(altered)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("data", [b"", b"surplus"])
def test_content_of_no_bytes(way: Callable[[VerifiedStream], object], data: bytes) -> None:
    """
    Content of size 0 is verified too: its end is where surplus would show.
    """
    stream = verified(data, 0, Digest.of(b""))
    if not data:
        assert way(stream) in (b"", None)
        return
    with pytest.raises(SizeMismatch):
        way(stream)
    with pytest.raises(DigestMismatch):
        way(verified(b"", 0))


@pytest.mark.parametrize("data", [CONTENT[:-1], CONTENT + b"!", CONTENT[:-1] + b"!"])
def test_what_failed_goes_on_failing(data: bytes) -> None:
    """
    Whoever swallows the error and reads on gets the error, not the surplus.
    """
    stream = verified(data)
    with pytest.raises(Corrupt) as first:
        stream.read()
    for again in (stream.read, stream.drain, lambda: stream.readinto(bytearray(9))):
        with pytest.raises(Corrupt) as second:
            again()
        assert second.value == first.value


def test_stopping_early_says_nothing() -> None:
    """
    A part that was read is unverified until `drain` has seen the rest.
    """
    stream = verified(CONTENT[:-1] + b"!")
    assert stream.read(100) == CONTENT[:7]
    with pytest.raises(DigestMismatch):
        stream.drain()


def test_reading_nothing_reads_nothing() -> None:
    """
    A read of no bytes, or into none, does not look for the end.
    """
    stream = verified(b"")
    assert stream.read(0) == b""
    assert stream.readinto(bytearray()) == 0


def test_closing_closes_what_is_read() -> None:
    """
    Once, and silently the second time.
    """
    inner = io.BytesIO(CONTENT)
    stream = VerifiedStream(inner, DIGEST, len(CONTENT))
    with stream:
        assert stream.read1(5) == CONTENT[:5]
    stream.close()
    assert inner.closed


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_every_algorithm_counts(algorithm: str) -> None:
    """
    The digest's own algorithm is the one that is run.
    """
    digest = Digest.of(CONTENT, algorithm)
    assert verified(CONTENT, digest=digest).read() == CONTENT
    with pytest.raises(DigestMismatch):
        verified(CONTENT[::-1], digest=digest).read()


def test_check_of_bytes() -> None:
    """
    Bytes in memory pass the same gate.
    """
    descriptor = Descriptor(media_type="x", digest=DIGEST, size=len(CONTENT))
    assert check(CONTENT, descriptor) is CONTENT
    with pytest.raises(SizeMismatch):
        check(CONTENT[1:], descriptor)
    with pytest.raises(DigestMismatch):
        check(CONTENT[::-1], descriptor)


def test_errors_are_values() -> None:
    """
    They compare and pickle, so that a worker's error is told by its parent.
    """
    error = SizeMismatch(digest=DIGEST, expected=3, actual=1)
    assert pickle.loads(pickle.dumps(error)) == error
    assert str(error).endswith("has 1 of the 3 bytes it should have")
