"""
Compression: all that is gzip or zstd is read, all that is not is told, and nothing else.
"""

from __future__ import annotations

import gc
import gzip
import io
import random
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from ocikit.content.blob import Blob, of_bytes
from ocikit.content.compression import (
    Compression,
    CompressionInvalid,
    CompressionUnknown,
    DecompressionBomb,
    Gzip,
    Plain,
    Zstd,
    compressor,
    decompress,
    parse,
    sniff,
)
from ocikit.content.gzip import HEADER, ZlibDecoder, choose
from ocikit.content.layer import Layer
from ocikit.content.streams import BytesOpener
from ocikit.content.verify import DigestMismatch, SizeMismatch
from ocikit.digest import Digest
from ocikit.spec.descriptor import Descriptor

ALL = [
    *(Gzip(level, "isal") for level in range(4)),
    *(Gzip(level, engine) for engine in ("zlib", "zlib-ng") for level in (0, 1, 6, 9)),
    Gzip(),
    Zstd(),
    Zstd(19),
    Plain(),
]
SKIPPABLE = bytes.fromhex("5e2a4d18 03000000") + b"abc"


def compress(compression: Compression, *parts: bytes) -> bytes:
    """
    Compress parts fed one by one.
    """
    running = compressor(compression)
    return b"".join([*(running.compress(part) for part in parts), running.flush()])


def decompressed(data: bytes) -> bytes:
    """
    Decompress the whole.
    """
    return decompress(io.BytesIO(data)).read()


CONTENT = random.Random(1).randbytes(3000) + b"layer" * 50_000
GZIP, ZSTD = compress(Gzip(), CONTENT), compress(Zstd(), CONTENT)


@pytest.mark.parametrize("compression", ALL, ids=str)
@pytest.mark.parametrize("content", [b"", b"a", CONTENT, CONTENT * 9], ids=len)
def test_what_was_compressed_is_read(compression: Compression, content: bytes) -> None:
    """
    Every level of every engine gives what its name says, and is read as it was.
    """
    data = compress(compression, content)
    assert sniff(data) == compression.name
    assert decompressed(data) == content


@pytest.mark.parametrize(
    "compression",
    [
        *(Gzip(level, "isal") for level in range(4)),
        Gzip(0, "zlib"),
        Gzip(6),
        Gzip(6, "zlib"),
        Zstd(),
        Plain(),
    ],
    ids=str,
)
def test_chunks_leave_no_trace(compression: Compression) -> None:
    """
    The digest of a layer must not depend on how it came: ISA-L's output by itself does.
    """
    content = b"".join(b"%d file\n" % number for number in range(120_000))
    whole = compress(compression, content)
    for size in (4096, 100_001, 1 << 20):
        parts = [content[at : at + size] for at in range(0, len(content), size)]
        assert compress(compression, *parts) == whole


@pytest.mark.parametrize("backend", ["isal", "zlib-ng", "zlib"])
def test_header_tells_nothing(backend: str) -> None:
    """
    No time, no name, no system: zlib alone would write the one it was built on.
    """
    assert compress(Gzip(1, backend), CONTENT).startswith(HEADER)


@pytest.mark.parametrize("backend", ["isal", "zlib-ng", "zlib"])
def test_others_read_our_gzip(backend: str) -> None:
    """
    Checksum and length are those of RFC 1952.
    """
    assert gzip.decompress(compress(Gzip(2, backend), CONTENT)) == CONTENT


@pytest.mark.parametrize(
    ("level", "chosen"), [(0, "isal"), (3, "isal"), (4, "zlib-ng"), (9, "zlib-ng")]
)
def test_the_engine_that_is_chosen(level: int, chosen: str) -> None:
    """
    ISA-L is quick at its levels; higher ones are asked for to be small.
    """
    assert choose(level) == chosen
    assert compress(Gzip(level), CONTENT) == compress(Gzip(level, chosen), CONTENT)


WITHOUT = """
import sys
sys.modules["zlib_ng"] = None
from ocikit.content.gzip import BackendMissing, choose
print(choose(0), choose(9))
try:
    choose(9, "zlib-ng")
except BackendMissing as error:
    print(error)
"""


def test_an_engine_that_is_not_installed() -> None:
    """
    Nobody needs it; who asks for it by name is told how to get it.
    """
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, check=True)
    chosen, told = done.stdout.decode().splitlines()
    assert chosen == "isal zlib"
    assert told.endswith(', or pip install "ocikit[fast]"')


@pytest.mark.parametrize(
    ("make", "arguments"),
    [(Gzip, (10,)), (Gzip, (-1,)), (Gzip, (4, "isal")), (Gzip, (1, "pigz")), (Zstd, (23,))],
)
def test_what_there_is_not(make: Any, arguments: tuple[Any, ...]) -> None:
    """
    A level or engine that there is not fails when it is named, not when it is used.
    """
    with pytest.raises(CompressionUnknown):
        make(*arguments)


@pytest.mark.parametrize("made", [*ALL, Gzip(backend="isal"), Gzip(9)])
def test_compressions_are_read_as_they_print(made: Compression) -> None:
    """
    Whatever is usual is left out.
    """
    assert parse(str(made)) == made
    assert [str(Gzip(6, "zlib")), str(Gzip()), str(Zstd(3))] == ["gzip:6:zlib", "gzip", "zstd"]


@pytest.mark.parametrize(
    "text", ["", "gz", "gzip:", "gzip:10", "gzip:isal:1", "gzip:9:isal", "zstd:-1", "none:1"]
)
def test_text_that_is_no_compression_is_refused(text: str) -> None:
    """
    The same error as for a level that is not there.
    """
    with pytest.raises(CompressionUnknown):
        parse(text)


WHOLE = {
    "members": (GZIP + GZIP, CONTENT * 2),
    "members, one empty": (GZIP + gzip.compress(b"") + GZIP, CONTENT * 2),
    "padding": (GZIP + bytes(513), CONTENT),
    "more padding than is read at once": (GZIP + bytes(600_000), CONTENT),
    "padding between members": (GZIP + bytes(7) + GZIP, CONTENT * 2),
    "name, comment and time": (gzip.compress(CONTENT, mtime=1), CONTENT),
    "frames": (ZSTD + ZSTD, CONTENT * 2),
    "skippable frames": (SKIPPABLE + ZSTD + SKIPPABLE, CONTENT),
    "nothing": (b"", b""),
    "two bytes": (b"ab", b"ab"),
    "three of zstd's four bytes": (ZSTD[:3], ZSTD[:3]),
}


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("step", [1, 7, 1 << 20])
def test_all_of_it_is_read(name: str, step: int) -> None:
    """
    Layers come in many members and frames (estargz, pigz, zstd:chunked), and padded.
    """
    data, content = WHOLE[name]
    stream = decompress(_Trickle(data, max(step, 64)))
    buffer = bytearray(step)
    read = b"".join(_pieces(stream, buffer)) if len(content) < 9 or step > 1 else stream.read()
    assert read == content


def _pieces(stream: Any, buffer: bytearray) -> Iterator[bytes]:
    while count := stream.readinto(buffer):
        yield bytes(buffer[:count])


class _Trickle(io.BytesIO):
    # Gives less than it is asked for, as sockets do.
    def __init__(self, data: bytes, most: int) -> None:
        super().__init__(data)
        self._most = most

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self._most if size is None or size < 0 else min(size, self._most))


BROKEN = {
    "gzip, one byte short": GZIP[:-1],
    "gzip without its end": GZIP[:-8],
    "gzip cut in its middle": GZIP[:2000],
    "gzip's magic number alone": GZIP[:2],
    "gzip with another checksum": GZIP[:-8] + bytes(4) + GZIP[-4:],
    "gzip with another length": GZIP[:-4] + bytes(4),
    "gzip, garbage after it": GZIP + b"garbage",
    "gzip, half a member after it": GZIP + GZIP[:100],
    "gzip with odd deflate": GZIP[:10] + b"\xff" * 30,
    "zstd, one byte short": ZSTD[:-1],
    "zstd's magic number alone": ZSTD[:4],
    "zstd, padding after it": ZSTD + bytes(9),
    "zstd, half a frame after it": ZSTD + ZSTD[:50],
    "zstd with an odd block": ZSTD[:6] + b"\xff" * 20,
    "zstd with a window of 2 GiB": bytes.fromhex("28b52ffd00a8") + ZSTD[6:],
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_told(name: str) -> None:
    """
    Nothing but `CompressionInvalid` comes of bytes that are not what they began as.
    """
    with pytest.raises(CompressionInvalid) as caught:
        decompressed(BROKEN[name])
    assert caught.value.compression == name[:4]
    assert 0 < caught.value.read <= len(BROKEN[name])


def test_gzip_bombs_are_bounded() -> None:
    """
    Growth is refused soon after it is out of proportion, not when the disk is full.
    """
    bomb = gzip.compress(bytes(66 << 20), 9)
    with pytest.raises(DecompressionBomb) as caught:
        for _ in _pieces(decompress(io.BytesIO(bomb)), bytearray(1 << 20)):
            pass
    assert caught.value.written <= 65 << 20


def test_zstd_bombs_are_bounded() -> None:
    """
    Frames that grow thirty-thousandfold are refused; who means it says so.
    """
    bomb = compress(Zstd(), *[bytes(1 << 20)] * 65)
    with pytest.raises(DecompressionBomb):
        for _ in _pieces(decompress(io.BytesIO(bomb)), bytearray(1 << 20)):
            pass
    layer = Layer(blob=of_bytes(bomb, "x"))
    meant = _pieces(layer.uncompressed(ratio=None), bytearray(1 << 20))
    assert sum(map(len, meant)) == 65 << 20


def test_what_grows_much_but_is_small_is_read() -> None:
    """
    A layer of zeros is no bomb.
    """
    assert decompressed(compress(Zstd(), bytes(1 << 20))) == bytes(1 << 20)


def blob_of(data: bytes, said: bytes) -> Blob:
    """
    Make a blob that holds other bytes than it says.
    """
    descriptor = Descriptor(media_type="x", digest=Digest.of(said), size=len(said))
    return Blob(descriptor=descriptor, opener=BytesOpener(data))


def test_altered_content_is_told_as_that() -> None:
    """
    Of a blob that was altered and so cannot be decompressed, the first is the cause.
    """
    altered = GZIP[:50] + b"\xff" * 10 + GZIP[60:]
    with decompress(blob_of(altered, GZIP).open()) as stream, pytest.raises(DigestMismatch):
        stream.read()
    with (
        decompress(of_bytes(altered, "x").open()) as honest,
        pytest.raises(CompressionInvalid),
    ):
        honest.read()


def test_short_content_is_told_as_that() -> None:
    """
    A download that broke off is not a bad layer.
    """
    with decompress(blob_of(GZIP[:-9], GZIP).open()) as stream, pytest.raises(SizeMismatch):
        stream.read()


def test_who_stops_early_has_read_no_lie() -> None:
    """
    A tar reader stops at the end of its archive; closing verifies what it did not read.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"))
    rest = compress(Gzip(), random.Random(2).randbytes(1 << 20))
    good = compress(Gzip(), buffer.getvalue()) + rest
    stream = decompress(blob_of(good[:-1] + b"!", good).open())
    assert stream.read(512).startswith(b"a\0")
    with pytest.raises(DigestMismatch):
        stream.close()


def test_what_failed_is_not_read_on() -> None:
    """
    An exception inside `with` leaves as it is.
    """
    good = compress(Gzip(), random.Random(2).randbytes(1 << 20))
    lying = decompress(blob_of(good[:-1] + b"!", good).open())
    assert lying.read(10)
    with pytest.raises(KeyError), lying:
        raise KeyError
    assert lying.closed


def test_a_stream_that_is_forgotten_is_silent() -> None:
    """
    The garbage collector verifies nothing, for nobody would hear of it.
    """
    good = compress(Gzip(), random.Random(2).randbytes(1 << 20))
    inner = blob_of(good[:-1] + b"!", good).open()
    stream = decompress(inner)
    assert stream.read(10)
    del stream
    gc.collect()
    assert inner.closed


@pytest.mark.parametrize("limit", [1, 7, 4096, 1 << 20])
def test_zlib_reads_what_isal_reads(limit: int) -> None:
    """
    Where ISA-L has no wheel, zlib's decoder gives the same, however little is asked for.
    """
    decoder, out, at = ZlibDecoder(), bytearray(), 0
    data = compress(Gzip(), CONTENT[:20_000]) + b"rest"
    while not decoder.eof:
        feed = data[at : at + 100] if decoder.needs_input else b""
        at += len(feed)
        out += decoder.decompress(feed, limit)
    assert bytes(out) == CONTENT[:20_000]
    assert decoder.unused_data + data[at:] == b"rest"
    with pytest.raises(zlib.error):
        ZlibDecoder().decompress(BROKEN["gzip with odd deflate"], limit)
