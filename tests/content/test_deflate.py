"""
Deflate in blocks: one stream, whatever is worked on at once.
"""

from __future__ import annotations

import threading
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zlib_ng import zlib_ng

from ocikit.content.compression import Gzip, compressor
from ocikit.content.deflate import BlockDeflate
from ocikit.content.streams import CHUNK

LINES = b"".join(b"%d of a file\n" % number for number in range(400_000))


def deflated(
    blocks: list[bytes], level: int = 6, engine: Any = zlib, at_once: int | None = None
) -> bytes:
    """
    Write a stream of so many blocks.
    """
    deflate = BlockDeflate(level, engine, at_once=at_once)
    return b"".join([*map(deflate.compress, blocks), deflate.flush()])


engines = st.sampled_from([zlib, zlib_ng])
blocks = st.lists(st.binary(max_size=200) | st.sampled_from([b"", b"ab" * 30_000]), max_size=8)


@given(blocks, st.integers(0, 9), engines, st.integers(1, 4))
def test_it_is_read_as_it_was(blocks: list[bytes], level: int, engine: Any, at_once: int) -> None:
    """
    Inflating gives the blocks one after another, and the stream ends with them.
    """
    inflate = zlib.decompressobj(-15)
    assert inflate.decompress(deflated(blocks, level, engine, at_once)) == b"".join(blocks)
    assert inflate.eof
    assert inflate.unused_data == b""


@given(blocks, st.integers(0, 9), engines)
def test_bytes_are_the_same_however_many_are_worked_on(
    blocks: list[bytes], level: int, engine: Any
) -> None:
    """
    Else digests would be those of a machine.
    """
    assert deflated(blocks, level, engine, 1) == deflated(blocks, level, engine, 3)


def test_one_block_is_what_zlib_writes() -> None:
    """
    Layers of less than a block are what others make of them at the same level.
    """
    plain = zlib.compressobj(9, zlib.DEFLATED, -15)
    assert deflated([LINES], 9) == plain.compress(LINES) + plain.flush()


@pytest.mark.parametrize("level", [6, 9])
def test_little_is_lost_between_blocks(level: int) -> None:
    """
    A block may refer to the end of the one before it: it costs a thousandth at most.
    """
    blocks = [LINES[at : at + CHUNK] for at in range(0, len(LINES), CHUNK)]
    assert len(blocks) > 4
    assert len(deflated(blocks, level)) < 1.001 * len(deflated([LINES], level))


def test_several_are_worked_on_at_once() -> None:
    """
    As many as were allowed; and no thread is left, whether or not the stream has ended.
    """

    def threads() -> list[threading.Thread]:
        return [each for each in threading.enumerate() if each.name.startswith("ocikit-deflate")]

    for ended in (True, False):
        deflate = BlockDeflate(9, at_once=3)
        for _ in range(5):
            deflate.compress(LINES[:CHUNK])
        began = threads()
        assert len(began) == 3
        if ended:
            deflate.flush()
        del deflate
        for thread in began:
            thread.join(10)
        assert threads() == []


@pytest.mark.parametrize("engine", ["zlib", "zlib-ng"])
def test_gzip_is_of_such_blocks(engine: str) -> None:
    """
    In the gzip format, whose checksum is of all of them.
    """
    running = compressor(Gzip(6, engine))
    data = running.compress(LINES) + running.flush()
    assert zlib.decompress(data, 31) == LINES
