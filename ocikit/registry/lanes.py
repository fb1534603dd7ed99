"""
A large blob over several connections, where one gives less than there is to be had.

Many servers give each connection a share only. The beginning of a large blob is asked for
as a range, and timed: a fast line goes on alone, for it could only lose; beside a slow
one others fetch what comes next, as far as no other blob needs their places. Bytes are
handed out in their order, and a few segments are kept in memory at most.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from ocikit.content.streams import FillingStream, Stream
from ocikit.http.message import Request
from ocikit.registry.places import Places
from ocikit.registry.resume import ResumedStream
from ocikit.registry.session import Access

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer

#: Of smaller blobs, in bytes, nothing is gained by it.
LARGE: Final = 64 << 20
#: How much is asked for to time a line, and how much each of several fetches at a time.
SEGMENT: Final = 8 << 20
#: Bytes a second at which a line is fast.
_FAST: Final = 200e6
#: No more lines than these fetch one blob.
_MOST_LANES: Final = 4
_PIECE: Final = 256 << 10


def open_bytes(access: Access, request: Request, size: int | None, start: int = 0) -> Stream:
    """
    Open what a request asks for from an offset on, over one line or several.

    Raises:
        Answered, Unreachable: the registry said no, or nothing.
    """
    if size is None or size - start < LARGE or access.places.count == 1:
        return ResumedStream(access, request, size, start, places=access.places)
    return LaneStream(access, request, size, start)


class LaneStream(FillingStream):
    """
    The bytes of a large blob, in their order.
    """

    def __init__(
        self, access: Access, request: Request, size: int, start: int, *, segment: int = SEGMENT
    ) -> None:
        """
        Args:
            access: the way to its repository.
            request: asks for all of it.
            size: the blob's, in bytes.
            start: where to begin, in bytes, at least a segment before the end.
            segment: how much is fetched over one line at a time, in bytes.

        Raises:
            Answered, Unreachable: the registry said no, or nothing.
        """
        self._access = access
        self._request = request
        self._size = size
        self._segment = segment
        #: Where begins what nobody was asked for yet.
        self._next = start + segment
        self._spent = 0.0
        self._segments: deque[_Segment] = deque()
        #: The one line that there is, before there are several, or if there never are.
        self._alone: ResumedStream | None = ResumedStream(
            access, request, size, start, end=self._next, places=access.places
        )

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if not len(view):
            return 0
        while self._alone is not None:
            count = self._timed(self._alone, view)
            if count or self._next == self._size:
                return count
            self._widen(self._alone)
        self._send_out()
        return self._take(view) if self._segments else 0

    def close(self) -> None:
        if self._alone is not None:
            self._alone.close()
        for segment in self._segments:
            segment.give_up()
        self._segments.clear()
        super().close()

    def _timed(self, stream: Stream, view: memoryview) -> int:
        before = self._access.clock.now()
        count = stream.readinto(view)
        self._spent += self._access.clock.now() - before
        return count

    def _widen(self, first: ResumedStream) -> None:
        """
        Decide at the end of the first segment how what comes next is fetched.
        """
        if not first.is_ranged:
            # It sends all of the blob, whatever it is asked for.
            first.run_on(self._size)
            self._next = self._size
        elif self._spent * _FAST < SEGMENT:
            start, self._next = self._next, self._size
            first.close()
            self._alone = self._line(start, self._size, self._access.places)
        else:
            first.close()
            self._alone = None

    def _line(self, start: int, end: int, places: Places | None = None) -> ResumedStream:
        return ResumedStream(self._access, self._request, self._size, start, end=end, places=places)

    def _send_out(self) -> None:
        """
        Have what comes next fetched, as far as there is room; one line there always is.
        """
        places = self._access.places
        while self._next < self._size and len(self._segments) < _MOST_LANES:
            if self._segments and not places.free:
                break
            start, end = self._next, min(self._next + self._segment, self._size)
            self._next = end
            self._segments.append(_Segment(partial(self._line, start, end), end - start, places))

    def _take(self, view: memoryview) -> int:
        count = self._segments[0].take(view)
        if self._segments[0].is_taken:
            self._segments.popleft()
        return count


class _Segment:
    """
    What one line fetches, kept until it is taken.
    """

    def __init__(self, line: Callable[[], Stream], size: int, places: Places) -> None:
        self._line = line
        self._places = places
        self._buffer = memoryview(bytearray(size))
        self._filled = self._taken = 0
        self._failure: BaseException | None = None
        self._unwanted = False
        self._changed = threading.Condition()
        places.enter()
        threading.Thread(target=self._fetch, name="ocikit-lane", daemon=True).start()

    @property
    def is_taken(self) -> bool:
        """
        Whether nothing is left of it.
        """
        return self._taken == len(self._buffer)

    def take(self, view: memoryview) -> int:
        """
        Give what has come, or wait for it.
        """
        with self._changed:
            while self._filled == self._taken:
                if self._failure is not None:
                    raise self._failure
                self._changed.wait()
            count = min(len(view), self._filled - self._taken)
        view[:count] = self._buffer[self._taken : self._taken + count]
        self._taken += count
        return count

    def give_up(self) -> None:
        """
        Fetch no more than the piece that is on its way.
        """
        self._unwanted = True

    def _fetch(self) -> None:
        try:
            with self._line() as stream:
                while self._filled < len(self._buffer) and not self._unwanted:
                    count = stream.readinto(self._buffer[self._filled : self._filled + _PIECE])
                    self._tell(count, None)
        except BaseException as error:
            self._tell(0, error)
        finally:
            self._places.leave()

    def _tell(self, count: int, failure: BaseException | None) -> None:
        with self._changed:
            self._filled += count
            self._failure = failure
            self._changed.notify_all()
