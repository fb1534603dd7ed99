"""
Deflate by zlib, or what is like it, in blocks, several of them at once (RFC 1951).

Where zlib is asked for it is by far the slowest step, and whatever else there is to do
leaves processors idle. A block needs of what comes before it no more than the 32 KiB that
it may refer to, so that little is lost: some bytes for each block. What comes out is a
function of the blocks and the level, and not of how many are worked on.
"""

from __future__ import annotations

import os
import zlib
from collections import deque
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

#: How far back deflate refers to, in bytes.
_WINDOW: Final = 32 << 10
_RAW: Final = -15
#: No more blocks than these are worked on at once: each is in memory, and what it becomes.
_MOST: Final = 8


class BlockDeflate:
    """
    Writes one deflate stream; each piece that it is given becomes a block.

    >>> deflate = BlockDeflate(9)
    >>> data = b"".join([deflate.compress(b"one "), deflate.compress(b"two"), deflate.flush()])
    >>> zlib.decompress(data, -15)
    b'one two'
    """

    def __init__(self, level: int, engine: Any = zlib, *, at_once: int | None = None) -> None:
        """
        Args:
            level: from 0 to 9.
            engine: zlib, or a module that has what it has.
            at_once: how many blocks are worked on; when None, as many as processors.
        """
        self._level, self._engine = level, engine
        self._at_once = at_once or min(_processors(), _MOST)
        #: The latest block waits: the last one of all is ended otherwise.
        self._block = b""
        #: What it may refer to.
        self._window = b""
        self._pool: ThreadPoolExecutor | None = None
        self._begun: deque[Future[bytes]] = deque()

    def compress(self, data: bytes | bytearray | memoryview) -> bytes:
        """
        Take the next block; give what is ready of those before it.
        """
        if not data:
            return b""
        ready = self._begin() if self._block else b""
        self._window = (self._window + self._block)[-_WINDOW:]
        self._block = bytes(data)
        return ready

    def flush(self) -> bytes:
        """
        End the stream; give what is left of it.
        """
        last = self._deflated(self._block, self._window, zlib.Z_FINISH)
        parts = [block.result() for block in self._begun]
        if self._pool is not None:
            self._pool.shutdown()
        return b"".join([*parts, last])

    def _begin(self) -> bytes:
        """
        Have the waiting block worked on; wait for the earliest while there are enough.
        """
        block = (self._block, self._window, zlib.Z_SYNC_FLUSH)
        if self._at_once == 1:
            return self._deflated(*block)
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(self._at_once, "ocikit-deflate")
        self._begun.append(self._pool.submit(self._deflated, *block))
        ready: list[bytes] = []
        while self._begun and (len(self._begun) > self._at_once or self._begun[0].done()):
            ready.append(self._begun.popleft().result())
        return b"".join(ready)

    def _deflated(self, block: bytes, window: bytes, end: int) -> bytes:
        settings = {"zdict": window} if window else {}
        deflate = self._engine.compressobj(self._level, zlib.DEFLATED, _RAW, **settings)
        made: bytes = deflate.compress(block) + deflate.flush(end)
        return made


def _processors() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
