"""
How contracts use a place: what they write, load, and damage there.
"""

from __future__ import annotations

import abc
import io
import os
import tarfile
import tempfile
import tracemalloc
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Final

from hypothesis.strategies import SearchStrategy

from ocikit.content.blob import Blob
from ocikit.content.image import Content, Image
from ocikit.errors import Corrupt, Missing
from ocikit.query.plan import plan
from ocikit.testing.contents import contents, images
from ocikit.testing.contract import Contract

#: What the contracts of places ask for beside images, by the words of `holds`.
EVERYTHING: Final = frozenset(
    {
        # Content: indexes, artifacts, layers that are not to be distributed, digests that
        # are not of sha256, documents to the byte.
        *("indexes", "artifacts", "foreign", "sha512", "documents"),
        # Behaviour: what is loaded pickles; `damage` reaches its blobs; writing opens
        # nothing that is there, puts right what was damaged, and holds no blob in memory.
        *("pickles", "damage", "saves", "mends", "streams"),
    }
)
#: Where systems list what a process has open.
_DESCRIPTORS: Final = ("/proc/self/fd", "/dev/fd")


def all_bytes(content: Content) -> dict[str, bytes]:
    """
    Read every blob that content needs, by digest.

    >>> from ocikit.testing.samples import image
    >>> [len(data) for data in all_bytes(image()).values()]
    [123]
    """
    read = {}
    for blob in plan(content, foreign=True).blobs:
        with blob.open() as stream:
            read[str(blob.digest)] = stream.read()
    return read


def held_open() -> int:
    """
    Count the files and sockets that this process has open; 0 where that is not told.
    """
    for folder in _DESCRIPTORS:
        if os.path.isdir(folder):
            return len(os.listdir(folder))
    return 0


def most_memory(act: Callable[[], object]) -> int:
    """
    Tell how many bytes Python holds at most while something is done, beyond what it held.

    >>> most_memory(lambda: bytes(100_000)) > 90_000
    True
    """
    was = tracemalloc.is_tracing()
    if not was:
        tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        act()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        if not was:
            tracemalloc.stop()


class Using(Contract):
    """
    A place of content: how it is written to and read, and what it can hold.
    """

    #: What it can do; see `EVERYTHING`. Tests of what it cannot do are not run.
    holds: ClassVar[frozenset[str]] = EVERYTHING
    #: What the place can hold.
    contents: ClassVar[SearchStrategy[Content]] = contents(depth=2)
    #: Images that it can hold.
    images: ClassVar[SearchStrategy[Image]] = images()

    #: How it says that something is not there, when it is loaded or when it is opened.
    gone: ClassVar[tuple[type[Exception], ...]] = (Missing,)
    #: How it says that something ends early: what comes over a network may have been cut.
    cut: ClassVar[tuple[type[Exception], ...]] = (Corrupt,)

    @abc.abstractmethod
    def flush(self, folder: Path, content: Content) -> None:
        """
        Write content to the place, in place of what it holds.
        """

    @abc.abstractmethod
    def load(self, folder: Path) -> Content:
        """
        Load what was written last.
        """

    def damage(self, folder: Path, blob: Blob, data: bytes | None) -> None:
        """
        Put other bytes where those of a blob are, or None: take them away.

        As it is, it finds files that hold just that blob, and members of tar archives; a
        place that keeps them otherwise has its own, or no "damage" in what it `holds`.
        """
        with blob.open() as stream:
            good = stream.read()
        changed = [_damaged(path, good, data) for path in [*folder.rglob("*")] if path.is_file()]
        assert any(changed), "its blobs are not in files: override `damage`"

    @contextmanager
    def place(self) -> Generator[Path]:
        """
        Give a new folder, for one example.
        """
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)

    def back(self, folder: Path, content: Content) -> Content:
        """
        Write content, load it, and see that it is what it was.
        """
        self.flush(folder, content)
        return self.found(folder, content)

    def found(self, folder: Path, content: Content) -> Content:
        """
        See that a place has content, and all that it needs; give it as it is loaded.
        """
        back = self.load(folder)
        assert back == content
        assert type(back) is type(content)
        assert back.media_type == content.media_type
        assert all_bytes(back) == all_bytes(content)
        return back

    def image(self, folder: Path, content: Content) -> Image:
        """
        Write an image, and load it.
        """
        back = self.back(folder, content)
        assert isinstance(back, Image)
        return back


def names(folder: Path) -> set[str]:
    """
    List all files and folders below one, by what they are called there.
    """
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def _damaged(path: Path, good: bytes, bad: bytes | None) -> bool:
    if path.read_bytes() == good:
        path.unlink()
        if bad is not None:
            path.write_bytes(bad)
        return True
    return tarfile.is_tarfile(path) and _damaged_member(path, good, bad)


def _damaged_member(path: Path, good: bytes, bad: bytes | None) -> bool:
    """
    Write an archive anew, with other bytes in the place of a member's.
    """
    changed, written = False, io.BytesIO()
    with tarfile.open(path) as old, tarfile.open(fileobj=written, mode="w") as new:
        for member in old:
            stream = old.extractfile(member)
            data = b"" if stream is None else stream.read()
            if member.isreg() and data == good:
                changed, data = True, bad or b""
                if bad is None:
                    continue
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    if changed:
        path.unlink()
        path.write_bytes(written.getvalue())
    return changed
