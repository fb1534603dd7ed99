"""
What comes next in a stream, made ready while what came before is worked on.

Decompressing, hashing and compressing leave the interpreter to others, so that a thread
for what is read and one for what is made of it take the time of the slower of the two.
That is all they change: the bytes are the same, errors are raised where the bytes would
have come, and when reading ends, for whatever reason, so has the thread.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Generator, Iterable, Iterator
from queue import Queue, SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Final

from ocikit.content.streams import CHUNK, Stream, chunks
from ocikit.digest import Buffer, hasher

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer

#: Below so many bytes a thread costs more than it gains.
_WORTH: Final = CHUNK
#: Pieces that wait; as many mebibytes where pieces are chunks.
_MOST: Final = 2
#: Buffers that are filled in turn: some to be hashed, one to be filled.
_RING: Final = 4


def ahead(pieces: Iterable[bytes]) -> Generator[bytes, None, None]:
    """
    Give pieces while the next ones are made in another thread.

    Args:
        pieces: of any size, about `CHUNK` for good effect; a mebibyte of them is taken
            before a thread is begun. Close what is returned to end it early.

    >>> sum(map(len, ahead(bytes(10**6) for _ in range(5))))
    5000000
    """
    source, count = iter(pieces), 0
    for piece in source:
        yield piece
        count += len(piece)
        if count >= _WORTH:
            break
    else:
        return
    lane = _Lane(source)
    try:
        yield from lane.pieces()
    finally:
        lane.end()


class _Lane:
    """
    A thread that takes pieces from a source, a few more than were asked for.
    """

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source = source
        self._ready: Queue[bytes | BaseException | None] = Queue(_MOST)
        self._unwanted = self._ended = False
        self._thread = threading.Thread(target=self._run, name="ocikit-ahead", daemon=True)
        self._thread.start()

    def pieces(self) -> Iterator[bytes]:
        """
        Give what the source gives, and raise what it raises.
        """
        while not isinstance(piece := self._next(), BaseException):
            if piece is None:
                return
            yield piece
        raise piece

    def end(self) -> None:
        """
        Wait until the thread has ended; it takes at most one piece more.
        """
        self._unwanted = True
        while not self._ended:
            self._next()
        self._thread.join()

    def _next(self) -> bytes | BaseException | None:
        piece = self._ready.get()
        self._ended = not isinstance(piece, bytes)
        return piece

    def _run(self) -> None:
        last: BaseException | None = None
        try:
            for piece in self._source:
                self._ready.put(piece)
                if self._unwanted:
                    break
            # A generator that is not at its end has things open.
            getattr(self._source, "close", lambda: None)()
        except BaseException as error:
            last = error
        self._ready.put(last)


class AheadStream(io.RawIOBase):
    """
    A stream that another thread reads on in while what was read is worked on.

    It is read from its beginning, in chunks, by nobody else. Leaving it leaves `stream`
    in the same way.

    >>> with AheadStream(io.BytesIO(bytes(3 * CHUNK))) as stream:
    ...     len(stream.read(100)), len(stream.read())
    (100, 3145628)
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._pieces = ahead(chunks(stream))
        self._held = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        piece = self.read(len(view))
        view[: len(piece)] = piece
        return len(piece)

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            held, self._held = self._held, memoryview(b"")
            return b"".join([held, *self._pieces])
        if not self._held:
            piece = next(self._pieces, b"")
            if len(piece) <= size:
                # A whole chunk is handed on as it is.
                return piece
            self._held = memoryview(piece)
        piece = bytes(self._held[:size])
        self._held = self._held[size:]
        return piece

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()
        self._stream.__exit__(kind, error, trace)
        self.close()

    def close(self) -> None:
        if not self.closed:
            self._leave()
            self._stream.close()
        super().close()

    def _leave(self) -> None:
        self._held = memoryview(b"")
        self._pieces.close()


class HashBeside:
    """
    A hash that another thread takes of what was received while more is received.

    It has the buffers to receive into, which are filled in turn: a piece is hashed where it
    lies, and `update` waits until there is a buffer again that may be filled. Leaving it
    ends the thread.

    >>> with HashBeside("sha256", 8) as beside:
    ...     for buffer, data in zip(beside.buffers, [b"any ", b"bytes"]):
    ...         buffer[: len(data)] = data
    ...         beside.update(buffer[: len(data)])
    ...     beside.hexdigest() == hasher("sha256", b"any bytes").hexdigest()
    True
    """

    def __init__(self, algorithm: str, size: int) -> None:
        """
        Args:
            algorithm: of the digest.
            size: of each buffer, in bytes.

        Raises:
            DigestAlgorithmUnknown: not sha256, sha384 or sha512.
        """
        self._hash = hasher(algorithm)
        self.name = self._hash.name
        self.buffers = tuple(memoryview(bytearray(size)) for _ in range(_RING))
        self._work: SimpleQueue[Buffer | None] = SimpleQueue()
        self._free: SimpleQueue[None] = SimpleQueue()
        # One buffer is being filled: it is not free, and its turn comes last.
        for _ in range(_RING - 1):
            self._free.put(None)
        self._thread = threading.Thread(target=self._run, name="ocikit-hash", daemon=True)
        self._thread.start()

    def update(self, data: Buffer, /) -> None:
        """
        Take the next piece, to be hashed soon.
        """
        self._work.put(data)
        self._free.get()

    def hexdigest(self) -> str:
        """
        Wait for all pieces, and give the hash of them.
        """
        self._end()
        return self._hash.hexdigest()

    def __enter__(self) -> HashBeside:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        self._work.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (data := self._work.get()) is not None:
            self._hash.update(data)
            self._free.put(None)
