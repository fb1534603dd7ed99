"""
What every storage promises, to one thread and to several.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocikit.digest import Digest
from ocikit.server.pieces import PIECE
from ocikit.server.storage import Storage
from ocikit.testing.contracts_storage import StorageContract
from ocikit.testing.scripted import Scripted
from tests.server.storages import STORAGES, opened


class TestEach(StorageContract):
    """
    The contract, over each storage that there is.
    """

    @pytest.fixture(params=STORAGES)
    def storage(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
        """
        A storage that is empty.
        """
        with opened(request.param, tmp_path / "storage") as storage:
            yield storage


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7])
@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_a_stream_is_kept_whole(storage: Storage, size: int, algorithm: str) -> None:
    """
    Whatever its size, and whether or not the algorithm was known before.
    """
    data = bytes(range(251)) * (size // 251 + 1)
    data = data[:size]
    upload = storage.begin("a", "sha256")
    stream = Scripted(*(data[at : at + 100_000] for at in range(0, size, 100_000)))
    assert storage.receive("a", upload, stream, None, None) == size
    digest = Digest.of(data, algorithm)
    storage.commit("a", upload, digest)
    blob = storage.blob("a", digest)
    assert blob is not None
    assert blob.size == size
    assert blob.opener.open().read() == data == blob.opener.open().read()


def test_a_short_chunk_of_the_past_undoes_nothing(storage: Storage) -> None:
    """
    One that turns out too short after another took over must not take that one back.
    """
    upload = storage.begin("a", "sha256")

    def resume() -> None:
        storage.receive("a", upload, io.BytesIO(b"new"), 0, 3)

    with pytest.raises(Exception, match="has 0 of the 3 bytes"):
        storage.receive("a", upload, Scripted(resume), 0, 3)
    storage.commit("a", upload, Digest.of(b"new"))
