"""
What every storage promises, to one thread and to several.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable

import pytest

from ocikit.content.verify import DigestMismatch
from ocikit.digest import Digest
from ocikit.server.pieces import PIECE
from ocikit.server.storage import Storage, StoredManifest, UploadOutOfOrder, UploadUnknown


class _Script(io.RawIOBase):
    """
    A stream that does something before each piece that it gives.
    """

    def __init__(self, *steps: bytes | Callable[[], None]) -> None:
        self._steps = list(steps)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        while self._steps:
            step = self._steps.pop(0)
            if isinstance(step, bytes):
                room = memoryview(buffer)  # type: ignore[arg-type]
                part, rest = step[: len(room)], step[len(room) :]
                room[: len(part)] = part
                self._steps[:0] = [rest] if rest else []
                return len(part)
            step()
        return 0


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7])
@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_a_stream_is_kept_whole(storage: Storage, size: int, algorithm: str) -> None:
    """
    Whatever its size, and whether or not the algorithm was known before.
    """
    data = bytes(range(251)) * (size // 251 + 1)
    data = data[:size]
    upload = storage.begin("a", "sha256")
    stream = _Script(*(data[at : at + 100_000] for at in range(0, size, 100_000)))
    assert storage.receive("a", upload, stream, None, None) == size
    digest = Digest.of(data, algorithm)
    storage.commit("a", upload, digest)
    blob = storage.blob("a", digest)
    assert blob is not None
    assert blob.size == size
    assert blob.opener.open().read() == data == blob.opener.open().read()


def test_who_resumes_takes_over(storage: Storage) -> None:
    """
    A client that lost its connection sends the rest on another; what still comes on the
    first is not mixed in, and its thread is told.
    """
    upload = storage.begin("a", "sha256")

    def resume() -> None:
        assert storage.receive("a", upload, io.BytesIO(b"new"), 0, 3) == 3

    with pytest.raises(UploadOutOfOrder):
        storage.receive("a", upload, _Script(resume, b"old"), 0, 3)
    storage.commit("a", upload, Digest.of(b"new"))


def test_a_short_chunk_of_the_past_undoes_nothing(storage: Storage) -> None:
    """
    One that turns out too short after another took over must not take that one back.
    """
    upload = storage.begin("a", "sha256")

    def resume() -> None:
        storage.receive("a", upload, io.BytesIO(b"new"), 0, 3)

    with pytest.raises(Exception, match="has 0 of the 3 bytes"):
        storage.receive("a", upload, _Script(resume), 0, 3)
    storage.commit("a", upload, Digest.of(b"new"))


def test_a_cancelled_upload_takes_no_more(storage: Storage) -> None:
    """
    Whoever still sends is told so, rather than filling storage.
    """
    upload = storage.begin("a", "sha256")
    stream = _Script(lambda: storage.cancel("a", upload), b"data")
    with pytest.raises(UploadUnknown):
        storage.receive("a", upload, stream, None, None)


def test_wrong_content_is_forgotten(storage: Storage) -> None:
    """
    An upload whose digest was wrong is over, and was never to be seen.
    """
    upload = storage.begin("a", "sha256")
    storage.receive("a", upload, io.BytesIO(b"data"), None, None)
    with pytest.raises(DigestMismatch):
        storage.commit("a", upload, Digest.of(b"other"))
    with pytest.raises(UploadUnknown):
        storage.received("a", upload)
    assert storage.tags("a", "", 1) is None


def test_many_threads_lose_nothing(storage: Storage) -> None:
    """
    Eight threads that tag and untag at once leave the list of tags in order and whole.
    """
    digest, manifest = Digest.of(b"{}"), StoredManifest(media_type="m", data=b"{}")

    def work(name: int) -> None:
        for n in range(200):
            storage.keep("a", digest, manifest, [f"{name}-{n}", "shared"])
            if n % 2:
                storage.untag("a", f"{name}-{n}")
                storage.tags("a", "", 10)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = sorted([f"{name}-{n}" for name in range(8) for n in range(0, 200, 2)] + ["shared"])
    assert storage.tags("a", "", 10_000) == expected
