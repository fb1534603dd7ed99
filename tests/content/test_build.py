"""
Building a layer: one pass, two hashes, and the same bytes again.
"""

from __future__ import annotations

import io
import pickle
import tracemalloc
from collections.abc import Iterator

import pytest

from ocikit import media
from ocikit.content.build import build_layer
from ocikit.content.compression import Compression, Gzip, Plain, Zstd, sniff
from ocikit.content.layer import Layer
from ocikit.content.streams import CHUNK, chunks
from ocikit.digest import Digest
from tests.content.test_compression import ALL, CONTENT


@pytest.mark.parametrize("compression", ALL, ids=str)
def test_both_sides_are_what_they_say(compression: Compression) -> None:
    """
    The diff ID is of what went in, the digest and size of what came out.
    """
    layer = build_layer([CONTENT[:99], b"", CONTENT[99:]], compression=compression)
    assert layer.diff_id == Digest.of(CONTENT)
    with layer.blob.open() as stream:
        data = stream.read()
    assert (layer.digest, layer.size) == (Digest.of(data), len(data))
    assert sniff(data) == compression.name == media.compression_of(layer.media_type)
    with layer.uncompressed() as content:
        assert content.read() == CONTENT


@pytest.mark.parametrize(
    ("compression", "docker", "media_type"),
    [
        (Gzip(), False, media.OCI_LAYER_GZIP),
        (Gzip(), True, media.DOCKER_LAYER_GZIP),
        (Plain(), True, media.DOCKER_LAYER),
        (Zstd(), False, media.OCI_LAYER_ZSTD),
    ],
)
def test_media_type_fits(compression: Compression, docker: bool, media_type: str) -> None:
    """
    The media type follows the compression, unless another is given.
    """
    assert build_layer([], compression=compression, docker=docker).media_type == media_type
    assert build_layer([], compression=compression, media_type="x/y").media_type == "x/y"


@pytest.mark.parametrize("compression", ALL, ids=str)
@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_a_diff_id_that_is_known_changes_nothing(compression: Compression, algorithm: str) -> None:
    """
    Nor does it name the layer when it is by another hash.
    """
    known = Digest.of(CONTENT, algorithm)
    layer = build_layer([CONTENT], compression=compression)
    made = build_layer([CONTENT], compression=compression, diff_id=known)
    assert (made.descriptor, made.diff_id) == (layer.descriptor, layer.diff_id)


def test_a_stream_of_known_diff_id_is_not_hashed() -> None:
    """
    Whoever gives one has hashed it: what is given is believed.
    """
    other = Digest.of(b"other")
    assert build_layer([CONTENT], diff_id=other).diff_id == other


def test_no_layer_of_half_a_stream() -> None:
    """
    A source that fails is not taken for one that ended.
    """

    def failing() -> Iterator[bytes]:
        yield CONTENT
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        build_layer(failing())


def test_known_diff_id_is_not_found_again() -> None:
    """
    What was hashed on the way in is not decompressed to be hashed.
    """
    layer = build_layer([CONTENT])
    assert layer.known_diff_id == layer.diff_id
    assert Layer(blob=layer.blob).diff_id == layer.diff_id


def test_small_layers_pickle() -> None:
    """
    Images that are built in one process are pushed by another.
    """
    layer = build_layer([CONTENT])
    again = pickle.loads(pickle.dumps(layer))
    assert again == layer
    assert again.uncompressed().read() == CONTENT


def test_memory_is_bounded() -> None:
    """
    A layer of any size is built, and read, within the spool's bound and a few buffers.
    """
    chunk = bytes(range(256)) * (CHUNK // 256)
    tracemalloc.start()
    try:
        layer = build_layer((chunk for _ in range(40)), compression=Plain())
        with layer.uncompressed() as stream:
            total = sum(map(len, chunks(stream)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == 40 * CHUNK
    assert peak < 20 << 20


def test_a_file_that_was_given_is_left_open() -> None:
    """
    It is its opener's, who may go on with it; a generator is ended, and what it has open.
    """
    ended = []

    def pieces() -> Iterator[bytes]:
        try:
            yield b"a"
            yield b"b"
        finally:
            ended.append(True)

    file = io.BytesIO(b"a\nb\n")
    assert build_layer(file).diff_id == Digest.of(b"a\nb\n")
    assert not file.closed
    given = pieces()
    assert build_layer(given).diff_id == Digest.of(b"ab")
    assert ended
