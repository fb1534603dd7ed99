"""
An object store, by the few calls that all of them have: S3, Google's, Azure's, and folders.
"""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import attrs

from ocikit._records import record
from ocikit.content.streams import Stream
from ocikit.server.storage import StorageFailed

if TYPE_CHECKING:
    from pathlib import Path

    from obstore.store import ObjectStore

    from ocikit.content.streams import WriteableBuffer


@contextmanager
def asking() -> Generator[None]:
    """
    Turn what an object store says into an error of the storage.

    Raises:
        StorageFailed: something was wrong in the block.
        FileNotFoundError: there is no such object.
    """
    from obstore.exceptions import BaseError

    try:
        yield
    except BaseError as error:
        # The rest may tell addresses, and what was signed for them.
        raise StorageFailed(reason=type(error).__name__) from error


@record
class Bucket:
    """
    The objects of a store.
    """

    store: ObjectStore = attrs.field(repr=lambda store: type(store).__name__)

    def size(self, key: str) -> int | None:
        """
        Tell the size of an object; None when it is not there.
        """
        import obstore

        with asking():
            try:
                return obstore.head(self.store, key)["size"]
            except FileNotFoundError:
                return None

    def read(self, key: str) -> bytes | None:
        """
        Read a small object; None when it is not there.
        """
        import obstore

        with asking():
            try:
                return bytes(obstore.get(self.store, key).bytes())
            except FileNotFoundError:
                return None

    def write(self, key: str, data: bytes | Path) -> None:
        """
        Make an object, or let it take the place of the one there: others see either.
        """
        import obstore

        with asking():
            obstore.put(self.store, key, data)

    def create(self, key: str, data: bytes) -> bool:
        """
        Make an object; False when there is one.
        """
        import obstore
        from obstore.exceptions import AlreadyExistsError

        with asking():
            try:
                obstore.put(self.store, key, data, mode="create")
            except (AlreadyExistsError, FileExistsError):
                return False
        return True

    def remove(self, key: str) -> bool:
        """
        Remove an object; False when it is not there.
        """
        import obstore

        if self.size(key) is None:
            return False
        with asking():
            try:
                obstore.delete(self.store, key)
            except FileNotFoundError:
                return False
        return True

    def below(self, prefix: str) -> Iterator[str]:
        """
        List the keys below a prefix, less that, in no order.
        """
        return (key for key, _ in self.sizes(prefix))

    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        """
        List the keys below a prefix, less that, and the sizes of the objects.
        """
        import obstore

        with asking():
            for page in obstore.list(self.store, prefix, chunk_size=1000):
                for each in page:
                    yield each["path"].removeprefix(f"{prefix}/"), each["size"]

    def folders(self, prefix: str) -> list[str]:
        """
        List the next components of the keys below a prefix that have more.
        """
        import obstore

        with asking():
            found = obstore.list_with_delimiter(self.store, prefix)["common_prefixes"]
        return [each.rstrip("/").rpartition("/")[2] for each in found]


@record
class ObjectOpener:
    """
    An object of a store.
    """

    bucket: Bucket
    key: str

    def open(self) -> Stream:
        """
        Open the bytes from their beginning; they are fetched as they are read.
        """
        import obstore

        with asking():
            return _Reader(obstore.open_reader(self.bucket.store, self.key))


class _Reader(io.RawIOBase):
    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return int(self._reader.tell())

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        with asking():
            return int(self._reader.seek(offset, whence))

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        with asking():
            data = memoryview(self._reader.read(len(view))) if len(view) else memoryview(b"")
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._reader.close()
        super().close()
