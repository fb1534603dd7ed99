"""
Content whose blobs are counted, come a few bytes at a time, or break in the middle.

    ledger = Ledger()
    my_store.put(counted(image, ledger))
    assert ledger.now == 0  # all that was opened is closed
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

import attrs

from ocikit._records import evolve, record
from ocikit.content.blob import Blob
from ocikit.content.image import Content, Image, Loaded
from ocikit.content.streams import Opener, Stream

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer


@attrs.define(eq=False)
class Ledger:
    """
    Which blobs were opened, by digest and in their order, and how many are still open.

    A stream that was only forgotten is still open: elsewhere nobody knows when it goes.
    """

    opened: list[str] = attrs.field(factory=list)
    now: int = 0
    _lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)

    def enter(self, digest: str) -> None:
        """
        Note that a blob was opened.
        """
        with self._lock:
            self.opened.append(digest)
            self.now += 1

    def leave(self) -> None:
        """
        Note that one was closed.
        """
        with self._lock:
            self.now -= 1


class _Through(io.RawIOBase):
    """
    A stream that passes another on, and does something now and then.
    """

    def __init__(
        self,
        inner: Stream,
        *,
        most: int | None = None,
        after: int | None = None,
        fail: Callable[[], BaseException] | None = None,
        closed: Callable[[], None] | None = None,
    ) -> None:
        self._inner = inner
        self._most = most
        self._left = after
        self._fail = fail
        self._told = closed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        room = memoryview(buffer).cast("B")
        if self._left is not None:
            if not self._left and self._fail is not None:
                raise self._fail()
            room = room[: self._left]
        if self._most is not None:
            room = room[: self._most]
        count = self._inner.readinto(room)
        if self._left is not None and self._fail is not None:
            if not count and len(room):
                raise self._fail()
            self._left -= count
        return count

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
            if self._told is not None:
                self._told()
        super().close()

    def __del__(self) -> None:
        # Who forgets a stream has not closed it, though here it is closed at once.
        self._told = None
        self.close()


@record
class CountedOpener:
    """
    An opener that enters in a ledger when it is opened and closed.
    """

    inner: Opener
    digest: str
    ledger: Ledger = attrs.field(repr=False)

    def open(self) -> Stream:
        """
        Enter, and open.
        """
        stream = self.inner.open()
        self.ledger.enter(self.digest)
        return _Through(stream, closed=self.ledger.leave)


@record
class SlowOpener:
    """
    An opener whose streams give few bytes at a time, as sockets do.

    >>> from ocikit.content.streams import BytesOpener
    >>> SlowOpener(BytesOpener(b"hello"), most=2).open().read(5)
    b'he'
    """

    inner: Opener
    most: int = 3

    def open(self) -> Stream:
        """
        Open what gives little.
        """
        return _Through(self.inner.open(), most=self.most)


@record
class BreakingOpener:
    """
    An opener whose streams raise an error after so many bytes, at the latest at their end.

    >>> from ocikit.content.streams import BytesOpener
    >>> BreakingOpener(BytesOpener(b"hello"), 2, OSError).open().read(2)
    b'he'
    """

    inner: Opener
    after: int
    error: Callable[[], BaseException]

    def open(self) -> Stream:
        """
        Open what breaks.
        """
        return _Through(self.inner.open(), after=self.after, fail=self.error)


@record
class FailingOpener:
    """
    An opener that cannot be opened, or content that cannot be loaded.
    """

    error: Callable[[], BaseException]

    def open(self) -> NoReturn:
        """
        Raise the error.
        """
        raise self.error()


def through(content: Content, opener: Callable[[Blob], Opener]) -> Content:
    """
    Give content whose blobs are opened in another way; it is equal to what it was.

    Blobs come as documents list them: the configuration, layers, and children in turn.

    >>> from ocikit.testing.samples import image
    >>> ledger = Ledger()
    >>> _ = counted(image("a"), ledger).layers[0].blob.open()
    >>> len(ledger.opened), ledger.now
    (1, 1)
    """

    def changed(blob: Blob) -> Blob:
        return evolve(blob, opener=opener(blob))

    if isinstance(content, Blob):
        return changed(content)
    if isinstance(content, Image):
        config = changed(content.config)
        layers = tuple(evolve(layer, blob=changed(layer.blob)) for layer in content.layers)
        return evolve(content, config=config, layers=layers)
    children = tuple(
        evolve(child, opener=Loaded(content=through(child.content, opener)))
        for child in content.children
    )
    return evolve(content, children=children)


def counted(content: Content, ledger: Ledger) -> Content:
    """
    Give content that enters in a ledger which of its blobs are opened.
    """
    return through(content, lambda blob: CountedOpener(blob.opener, str(blob.digest), ledger))


def at(content: Content, position: int, opener: Callable[[Blob], Opener]) -> Content:
    """
    Give content of which one blob is opened in another way: that at a position, counted as
    they come, from the end where it is negative.

    >>> from ocikit.testing.samples import image
    >>> lost = FailingOpener(OSError)
    >>> at(image("a"), 0, lambda blob: lost).config.opener == lost
    True
    >>> at(image("a", "b"), -1, lambda blob: lost).layers[1].blob.opener == lost
    True
    """
    there: list[Blob] = []

    def seen(blob: Blob) -> Opener:
        there.append(blob)
        return blob.opener

    through(content, seen)
    chosen = there[position]
    return through(content, lambda blob: opener(blob) if blob == chosen else blob.opener)
