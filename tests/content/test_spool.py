"""
The spool: small content stays in memory, large content leaves no file behind.
"""

from __future__ import annotations

import copy
import gc
import os
import pickle
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from ocikit.content.spool import Spool, SpoolOpener, SpoolUnpicklable
from ocikit.content.streams import BytesOpener, chunks

CONTENT = random.Random(3).randbytes(300_000)


def spooled(memory: int = 1000, step: int = 999) -> Spool:
    """
    Spool the content in pieces.
    """
    spool = Spool(memory)
    for at in range(0, len(CONTENT), step):
        spool.write(CONTENT[at : at + step])
    return spool


def descriptors() -> int:
    """
    Count the open files of this process.
    """
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("memory", [0, 1000, len(CONTENT) - 1, len(CONTENT), 1 << 20])
def test_all_that_was_written_is_read(memory: int) -> None:
    """
    On both sides of the bound, and again and again.
    """
    spool = spooled(memory)
    opener = spool.opener()
    assert isinstance(opener, BytesOpener) == (memory >= len(CONTENT))
    assert spool.size == len(CONTENT)
    for _ in range(2):
        with opener.open() as stream:
            assert b"".join(chunks(stream, 7777)) == CONTENT
            assert stream.read() == b""


def test_reads_of_every_shape() -> None:
    """
    To the end, nothing, into a small buffer, into one larger than what is left.
    """
    stream = spooled().opener().open()
    assert stream.read(0) == b""
    small, large = bytearray(3), bytearray(len(CONTENT))
    assert (stream.readinto(small), bytes(small)) == (3, CONTENT[:3])
    assert stream.read(4) == CONTENT[3:7]
    assert stream.readinto(large) == len(CONTENT) - 7
    assert stream.readinto(large) == 0
    stream.close()
    with pytest.raises(ValueError, match="closed"):
        stream.read(1)


def test_many_read_at_once() -> None:
    """
    Streams of one opener do not move each other: sinks open in parallel.
    """
    opener = spooled().opener()

    def whole(size: int) -> bytes:
        return b"".join(chunks(opener.open(), size))

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(whole, [100, 1000, 10_000, 100_000] * 3)) == {CONTENT}


def test_no_file_has_a_name() -> None:
    """
    What is spooled is gone with the process, even with one that is killed.
    """
    opener = spooled().opener()
    assert isinstance(opener, SpoolOpener)
    assert os.readlink(f"/proc/self/fd/{opener.file.descriptor}").endswith("(deleted)")


def test_file_goes_with_its_last_reader() -> None:
    """
    The descriptor lives as long as an opener or a stream does, and not longer.
    """
    gc.collect()
    before = descriptors()
    opener = spooled().opener()
    stream = opener.open()
    assert descriptors() == before + 1
    del opener
    assert stream.read() == CONTENT
    stream.close()
    gc.collect()
    assert descriptors() == before


def test_a_writer_that_failed_leaves_nothing() -> None:
    """
    A spool that nobody took an opener of closes its file too.
    """
    gc.collect()
    before = descriptors()
    spool = spooled()
    assert descriptors() == before + 1
    del spool
    gc.collect()
    assert descriptors() == before


def test_openers_of_files_refuse_to_be_pickled() -> None:
    """
    Another process cannot reach an unnamed file: better told now than there.
    """
    opener = spooled().opener()
    with pytest.raises(SpoolUnpicklable, match="flush them"):
        pickle.dumps(opener)
    assert isinstance(opener, SpoolOpener)
    assert copy.deepcopy(opener) == opener


def test_openers_of_memory_pickle() -> None:
    """
    Small layers travel with their image.
    """
    opener = spooled(1 << 20).opener()
    assert pickle.loads(pickle.dumps(opener)) == opener
