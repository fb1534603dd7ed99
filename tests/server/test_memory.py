"""
The storage in memory: what it promises to several threads, and what it costs.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable

import pytest

from ocikit.content.streams import BytesOpener
from ocikit.content.verify import DigestMismatch
from ocikit.digest import Digest
from ocikit.server.memory import Memory
from ocikit.server.pieces import PIECE
from ocikit.server.storage import StoredManifest, UploadOutOfOrder, UploadUnknown


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


def _begin(memory: Memory) -> str:
    return memory.begin("a", "sha256")


def test_bytes_are_held_without_a_copy() -> None:
    """
    A blob that comes as bytes in memory is those very bytes.
    """
    memory, data = Memory(), bytes(range(256)) * 100
    upload = _begin(memory)
    memory.receive("a", upload, BytesOpener(data).open(), 0, len(data))
    memory.commit("a", upload, Digest.of(data))
    blob = memory.blob("a", Digest.of(data))
    assert blob is not None
    assert isinstance(blob.opener, BytesOpener)
    assert blob.opener.data is data


def test_a_blob_is_held_once() -> None:
    """
    Repositories that hold the same blob share its bytes, mounted or pushed.
    """
    memory, digest = Memory(), Digest.of(b"data")
    for name in ("a", "b"):
        upload = memory.begin(name, "sha256")
        memory.receive(name, upload, io.BytesIO(b"".join([b"da", b"ta"])), None, None)
        memory.commit(name, upload, digest)
    memory.mount("c", digest, "b")
    assert memory.blob("a", digest) is memory.blob("b", digest) is memory.blob("c", digest)
    assert list(memory.holders(digest)) == ["a", "b", "c"]


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7])
@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_a_stream_is_kept_whole(size: int, algorithm: str) -> None:
    """
    Whatever its size, and whether or not the algorithm was known before.
    """
    memory, data = Memory(), bytes(range(251)) * (size // 251 + 1)
    data = data[:size]
    upload = _begin(memory)
    stream = _Script(*(data[at : at + 100_000] for at in range(0, size, 100_000)))
    assert memory.receive("a", upload, stream, None, None) == size
    digest = Digest.of(data, algorithm)
    memory.commit("a", upload, digest)
    blob = memory.blob("a", digest)
    assert blob is not None
    assert blob.size == size
    assert blob.opener.open().read() == data == blob.opener.open().read()


def test_who_resumes_takes_over() -> None:
    """
    A client that lost its connection sends the rest on another; what still comes on the
    first is not mixed in, and its thread is told.
    """
    memory = Memory()
    upload = _begin(memory)

    def resume() -> None:
        assert memory.receive("a", upload, io.BytesIO(b"new"), 0, 3) == 3

    with pytest.raises(UploadOutOfOrder):
        memory.receive("a", upload, _Script(resume, b"old"), 0, 3)
    memory.commit("a", upload, Digest.of(b"new"))


def test_a_short_chunk_of_the_past_undoes_nothing() -> None:
    """
    One that turns out too short after another took over must not take that one back.
    """
    memory = Memory()
    upload = _begin(memory)

    def resume() -> None:
        memory.receive("a", upload, io.BytesIO(b"new"), 0, 3)

    with pytest.raises(Exception, match="has 0 of the 3 bytes"):
        memory.receive("a", upload, _Script(resume), 0, 3)
    memory.commit("a", upload, Digest.of(b"new"))


def test_a_cancelled_upload_takes_no_more() -> None:
    """
    Whoever still sends is told so, rather than filling memory.
    """
    memory = Memory()
    upload = _begin(memory)
    stream = _Script(lambda: memory.cancel("a", upload), b"data")
    with pytest.raises(UploadUnknown):
        memory.receive("a", upload, stream, None, None)


def test_wrong_content_is_forgotten() -> None:
    """
    An upload whose digest was wrong is over, and was never to be seen.
    """
    memory = Memory()
    upload = _begin(memory)
    memory.receive("a", upload, io.BytesIO(b"data"), None, None)
    with pytest.raises(DigestMismatch):
        memory.commit("a", upload, Digest.of(b"other"))
    with pytest.raises(UploadUnknown):
        memory.received("a", upload)
    assert memory.tags("a", "", 1) is None


def test_many_threads_lose_nothing() -> None:
    """
    Eight threads that tag and untag at once leave the list of tags in order and whole.
    """
    memory = Memory()
    digest, manifest = Digest.of(b"{}"), StoredManifest(media_type="m", data=b"{}")

    def work(name: int) -> None:
        for n in range(200):
            memory.keep("a", digest, manifest, [f"{name}-{n}", "shared"])
            if n % 2:
                memory.untag("a", f"{name}-{n}")
                memory.tags("a", "", 10)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = sorted([f"{name}-{n}" for name in range(8) for n in range(0, 200, 2)] + ["shared"])
    assert memory.tags("a", "", 10_000) == expected
