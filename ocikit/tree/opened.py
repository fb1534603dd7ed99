"""
The content of files, read from the layers that have it.
"""

from __future__ import annotations

import functools
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING

import attrs

from ocikit.content.streams import Stream
from ocikit.errors import Invalid
from ocikit.tree.entry import Kind, Member
from ocikit.tree.filetree import File, FileTree, find
from ocikit.tree.reader import Limits, Reader
from ocikit.tree.sparse import filled

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer


@attrs.frozen(kw_only=True)
class NotAFile(Invalid):
    """
    Something other than a regular file was to be read.
    """

    path: str
    kind: Kind

    def __str__(self) -> str:
        return f"{self.path!r} is a {self.kind}, and has no content to read"


def open_file(tree: FileTree, path: str) -> Stream:
    """
    Open a file, following links.

    The layer that has it is decompressed up to the file, and no further than the file is
    read. Close the stream, or use `with`: then the rest of the layer, compressed as it
    is, is read as well and let go, for a digest is that of the whole; what was read is
    known to be what it names. After an exception it is not.

    Args:
        tree: where to look.
        path: relative to the root, with a leading slash or without.

    Raises:
        PathMissing: there is nothing at the path.
        NotAFile: it is not a regular file.

    >>> from ocikit.content.synthetic import layer
    >>> from ocikit.tree.filetree import load
    >>> from ocikit.tree.globs import glob
    >>> import random
    >>> tree = load([layer(random.Random(1), 100)])
    >>> with open_file(tree, next(glob(tree, "random/*")).path) as stream:
    ...     len(stream.read(10))
    10
    """
    file = find(tree, path)
    if file.place is None or file.kind != "file":
        raise NotAFile(path=path, kind=file.kind)
    layer, number = file.place
    return _Opened(_Content(tree.layers[layer].uncompressed(), number, tree.limits))


def read(tree: FileTree, path: str) -> bytes:
    """
    Give the content of a file, following links.

    Raises:
        PathMissing: there is nothing at the path.
        NotAFile: it is not a regular file.
    """
    with open_file(tree, path) as stream:
        return stream.read()


def contents(tree: FileTree, files: Iterable[File]) -> Iterator[tuple[File, Iterator[bytes]]]:
    """
    Give the content of many files, in whatever order their layers have it.

    Each layer is read once. What is not a regular file is passed over; of several names
    of one file the first is given.

    Args:
        tree: where they are.
        files: some of its files.

    The content of a file can be read until the next one is asked for.
    """
    for file, member, pieces in stored(tree, files):
        yield file, filled(member, pieces)


def stored(tree: FileTree, files: Iterable[File]) -> Iterator[tuple[File, Member, Iterator[bytes]]]:
    """
    Give the content of many files as their layers store it: of sparse files without holes.

    Args:
        tree: where they are.
        files: some of its files; see `contents`.
    """
    wanted: defaultdict[int, dict[int, File]] = defaultdict(dict)
    for file in files:
        if file.kind == "file" and file.place is not None:
            wanted[file.place[0]].setdefault(file.place[1], file)
    for layer in sorted(wanted):
        numbers = wanted[layer]
        last = max(numbers)
        with tree.layers[layer].uncompressed() as stream:
            reader = Reader(stream, tree.limits)
            for member in reader:
                if member.number in numbers:
                    yield numbers[member.number], member, reader.content()
                if member.number >= last:
                    break


class _Opened(io.BufferedReader):
    """
    A file in a layer; leaving it leaves the layer in the same way.
    """

    def __init__(self, content: _Content) -> None:
        self._content = content
        super().__init__(content)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._content.leave(kind, error, trace)
        self.close()


class _Content(io.RawIOBase):
    """
    Reads one member of an archive, and closes the archive with itself.
    """

    def __init__(self, stream: Stream, number: int, limits: Limits) -> None:
        self._stream = stream
        self._reader = Reader(stream, limits)
        self._number = number
        self._held = memoryview(b"")

    @functools.cached_property
    def _pieces(self) -> Iterator[bytes]:
        for member in self._reader:
            if member.number == self._number:
                return filled(member, self._reader.content())
        return iter(())

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        if not self._held:
            self._held = memoryview(next(self._pieces, b""))
        view = memoryview(buffer).cast("B")
        count = min(len(view), len(self._held))
        view[:count] = self._held[:count]
        self._held = self._held[count:]
        return count

    def leave(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """
        Close it and the archive, which hears of what went wrong.
        """
        self._stream.__exit__(kind, error, trace)
        super().close()

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()
