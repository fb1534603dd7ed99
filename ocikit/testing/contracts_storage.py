"""
What a registry needs of a storage, to run against any: subclass the contract.

    class TestMyStorage(StorageContract):
        @pytest.fixture
        def storage(self):
            with MyStorage() as storage:
                yield storage
"""

from __future__ import annotations

import threading
from io import BytesIO

import pytest

from ocikit.content.verify import DigestMismatch
from ocikit.digest import Digest
from ocikit.server.storage import ChunkLengthWrong, Storage, UploadOutOfOrder, UploadUnknown
from ocikit.testing.contract import Contract
from ocikit.testing.contracts_storage_manifests import StorageManifests, keep
from ocikit.testing.scripted import Scripted

ONE, TWO = b"one", b"two"
#: More than any storage is likely to take in one piece.
LARGE = bytes(range(251)) * 20_000


def push(storage: Storage, repository: str, data: bytes, algorithm: str = "sha256") -> Digest:
    """
    Upload a blob.
    """
    upload, digest = storage.begin(repository, algorithm), Digest.of(data, algorithm)
    storage.receive(repository, upload, BytesIO(data), None, None)
    storage.commit(repository, upload, digest)
    return digest


def read(storage: Storage, repository: str, digest: Digest) -> bytes | None:
    """
    Read a blob of a repository; None when it has none.
    """
    found = storage.blob(repository, digest)
    if found is None:
        return None
    with found.opener.open() as stream:
        data = stream.read()
    assert found.size == len(data)
    return data


class _Blobs(Contract):
    @pytest.mark.parametrize("data", [b"", ONE, LARGE], ids=["empty", "small", "large"])
    @pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
    def test_a_blob_is_read_as_it_was_pushed(
        self, storage: Storage, data: bytes, algorithm: str
    ) -> None:
        """
        Under a digest of any algorithm, as often as it is asked for.
        """
        digest = push(storage, "a", data, algorithm)
        assert read(storage, "a", digest) == data == read(storage, "a", digest)

    def test_blobs_do_not_mix(self, storage: Storage) -> None:
        """
        Of one repository, each has its bytes.
        """
        one, two = push(storage, "a", ONE), push(storage, "a", TWO)
        assert (read(storage, "a", one), read(storage, "a", two)) == (ONE, TWO)

    def test_a_blob_may_be_pushed_again(self, storage: Storage) -> None:
        """
        Nothing changes.
        """
        push(storage, "a", ONE)
        assert read(storage, "a", push(storage, "a", ONE)) == ONE

    def test_a_blob_is_of_its_repository_only(self, storage: Storage) -> None:
        """
        Not of another, nor of one whose name goes on.
        """
        digest = push(storage, "a", ONE)
        assert storage.blob("b", digest) is None
        assert storage.blob("a/b", digest) is None

    def test_the_algorithm_may_be_another_than_was_thought(self, storage: Storage) -> None:
        """
        What an upload was begun with is a hint.
        """
        upload, digest = storage.begin("a", "sha256"), Digest.of(LARGE, "sha512")
        storage.receive("a", upload, BytesIO(LARGE), None, None)
        storage.commit("a", upload, digest)
        assert read(storage, "a", digest) == LARGE

    def test_holders_are_those_that_hold(self, storage: Storage) -> None:
        """
        All repositories with the blob, and no other.
        """
        digest = push(storage, "b", ONE)
        push(storage, "a", ONE)
        push(storage, "c", TWO)
        assert sorted(storage.holders(digest)) == ["a", "b"]
        assert list(storage.holders(Digest.of(b"none"))) == []

    def test_what_is_mounted_is_there(self, storage: Storage) -> None:
        """
        In both repositories.
        """
        digest = push(storage, "a", ONE)
        assert storage.mount("b", digest, "a")
        assert read(storage, "b", digest) == ONE
        assert sorted(storage.holders(digest)) == ["a", "b"]

    def test_what_is_not_there_is_not_mounted(self, storage: Storage) -> None:
        """
        And the repository it was to go to is not made.
        """
        digest = push(storage, "a", ONE)
        assert not storage.mount("b", digest, "c")
        assert not storage.mount("b", Digest.of(b"none"), "a")
        assert storage.blob("b", digest) is None
        assert storage.tags("b", "", 1) is None

    def test_what_is_dropped_is_gone(self, storage: Storage) -> None:
        """
        And cannot be dropped again.
        """
        digest = push(storage, "a", ONE)
        assert storage.drop_blob("a", digest)
        assert storage.blob("a", digest) is None
        assert not storage.drop_blob("a", digest)

    def test_what_is_dropped_stays_with_others(self, storage: Storage) -> None:
        """
        Repositories share bytes, not fates.
        """
        digest = push(storage, "a", ONE)
        storage.mount("b", digest, "a")
        assert storage.drop_blob("a", digest)
        assert storage.blob("a", digest) is None
        assert read(storage, "b", digest) == ONE
        assert list(storage.holders(digest)) == ["b"]

    def test_what_was_dropped_can_be_pushed_again(self, storage: Storage) -> None:
        """
        Nothing is left that is in the way.
        """
        digest = push(storage, "a", ONE)
        storage.drop_blob("a", digest)
        push(storage, "a", ONE)
        assert read(storage, "a", digest) == ONE

    def test_what_is_being_read_can_be_dropped(self, storage: Storage) -> None:
        """
        Who reads gets the rest.
        """
        digest = push(storage, "a", LARGE)
        found = storage.blob("a", digest)
        assert found is not None
        with found.opener.open() as stream:
            begin = stream.read(1)
            storage.drop_blob("a", digest)
            assert begin + stream.read() == LARGE


class _Uploads(Contract):
    def test_uploads_have_names_of_their_own(self, storage: Storage) -> None:
        """
        However many are begun.
        """
        assert len({storage.begin("a", "sha256") for _ in range(20)}) == 20

    def test_an_upload_counts(self, storage: Storage) -> None:
        """
        What it received, in one part or several.
        """
        upload = storage.begin("a", "sha256")
        assert storage.received("a", upload) == 0
        assert storage.receive("a", upload, BytesIO(ONE), 0, 3) == 3
        assert storage.receive("a", upload, BytesIO(TWO), None, None) == 6
        assert storage.received("a", upload) == 6

    def test_chunks_become_one_blob(self, storage: Storage) -> None:
        """
        In the order in which they came.
        """
        upload, digest = storage.begin("a", "sha256"), Digest.of(ONE + TWO)
        storage.receive("a", upload, BytesIO(ONE), 0, 3)
        storage.receive("a", upload, BytesIO(TWO), 3, 3)
        storage.commit("a", upload, digest)
        assert read(storage, "a", digest) == ONE + TWO

    @pytest.mark.parametrize("at", [0, 2, 4])
    def test_chunks_come_in_their_order(self, storage: Storage, at: int) -> None:
        """
        One that comes too early or too late is refused, and changes nothing.
        """
        upload = storage.begin("a", "sha256")
        storage.receive("a", upload, BytesIO(ONE), 0, 3)
        with pytest.raises(UploadOutOfOrder):
            storage.receive("a", upload, BytesIO(TWO), at, 3)
        assert storage.received("a", upload) == 3
        storage.commit("a", upload, Digest.of(ONE))

    @pytest.mark.parametrize("length", [2, 4])
    def test_a_chunk_of_another_length_is_not_kept(self, storage: Storage, length: int) -> None:
        """
        The upload is where it was, and can go on.
        """
        upload = storage.begin("a", "sha256")
        storage.receive("a", upload, BytesIO(ONE), 0, 3)
        with pytest.raises(ChunkLengthWrong):
            storage.receive("a", upload, BytesIO(TWO), 3, length)
        assert storage.received("a", upload) == 3
        storage.receive("a", upload, BytesIO(TWO), 3, 3)
        storage.commit("a", upload, Digest.of(ONE + TWO))

    def test_what_came_before_a_stream_broke_is_kept(self, storage: Storage) -> None:
        """
        So that an upload can be resumed.
        """
        upload = storage.begin("a", "sha256")
        with pytest.raises(ConnectionResetError):
            storage.receive("a", upload, Scripted(ONE, ConnectionResetError()), 0, None)
        assert storage.received("a", upload) == 3
        storage.receive("a", upload, BytesIO(TWO), 3, 3)
        storage.commit("a", upload, Digest.of(ONE + TWO))

    def test_an_upload_is_of_its_repository(self, storage: Storage) -> None:
        """
        Another does not know it.
        """
        upload = storage.begin("a", "sha256")
        with pytest.raises(UploadUnknown):
            storage.received("b", upload)
        with pytest.raises(UploadUnknown):
            storage.commit("b", upload, Digest.of(b""))

    def test_what_never_began_is_unknown(self, storage: Storage) -> None:
        """
        For whatever is to be done with it.
        """
        for name in ("none", "0" * 32):
            with pytest.raises(UploadUnknown):
                storage.received("a", name)
            with pytest.raises(UploadUnknown):
                storage.receive("a", name, BytesIO(ONE), None, None)
            with pytest.raises(UploadUnknown):
                storage.cancel("a", name)

    def test_other_bytes_are_refused_and_forgotten(self, storage: Storage) -> None:
        """
        Nothing of them is to be seen.
        """
        upload, digest = storage.begin("a", "sha256"), Digest.of(TWO)
        storage.receive("a", upload, BytesIO(ONE), None, None)
        with pytest.raises(DigestMismatch):
            storage.commit("a", upload, digest)
        with pytest.raises(UploadUnknown):
            storage.received("a", upload)
        assert storage.blob("a", digest) is storage.blob("a", Digest.of(ONE)) is None
        assert storage.tags("a", "", 1) is None

    def test_an_upload_ends_once(self, storage: Storage) -> None:
        """
        The blob that it became stays.
        """
        upload, digest = storage.begin("a", "sha256"), Digest.of(ONE)
        storage.receive("a", upload, BytesIO(ONE), None, None)
        storage.commit("a", upload, digest)
        with pytest.raises(UploadUnknown):
            storage.commit("a", upload, digest)
        assert read(storage, "a", digest) == ONE

    def test_a_cancelled_upload_is_gone(self, storage: Storage) -> None:
        """
        It cannot become a blob.
        """
        upload = storage.begin("a", "sha256")
        storage.receive("a", upload, BytesIO(ONE), None, None)
        storage.cancel("a", upload)
        with pytest.raises(UploadUnknown):
            storage.commit("a", upload, Digest.of(ONE))

    def test_a_cancelled_upload_takes_no_more(self, storage: Storage) -> None:
        """
        Not even what is on its way.
        """
        upload = storage.begin("a", "sha256")
        stream = Scripted(lambda: storage.cancel("a", upload), b"data")
        with pytest.raises(UploadUnknown):
            storage.receive("a", upload, stream, None, None)

    def test_an_upload_alone_is_nothing_to_see(self, storage: Storage) -> None:
        """
        Neither a blob nor a repository.
        """
        upload = storage.begin("a", "sha256")
        storage.receive("a", upload, BytesIO(ONE), None, None)
        assert list(storage.repositories("", 10)) == []
        assert storage.blob("a", Digest.of(ONE)) is None

    def test_who_resumes_takes_over(self, storage: Storage) -> None:
        """
        What the first request still sends is not kept.
        """
        upload = storage.begin("a", "sha256")

        def resume() -> None:
            assert storage.receive("a", upload, BytesIO(b"new"), 0, 3) == 3

        with pytest.raises(UploadOutOfOrder):
            storage.receive("a", upload, Scripted(resume, b"old"), 0, 3)
        storage.commit("a", upload, Digest.of(b"new"))

    def test_many_at_once_do_not_mix(self, storage: Storage) -> None:
        """
        Threads push into one repository, and each reads what it pushed.
        """
        failed: list[BaseException] = []

        def work(number: int) -> None:
            try:
                for name in range(5):
                    data = f"{number} {name}".encode() * 5000
                    assert read(storage, "a", push(storage, "a", data)) == data
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failed


class StorageContract(_Blobs, _Uploads, StorageManifests):
    """
    What holds of every storage of a registry.
    """

    @pytest.fixture
    def storage(self) -> Storage:
        """
        Give a storage that holds nothing, anew for each test.
        """
        pytest.fail("a storage contract needs a fixture `storage`", pytrace=False)

    def test_repositories_are_those_that_hold_something(self, storage: Storage) -> None:
        """
        Blobs or manifests; in order, page by page.
        """
        push(storage, "b", ONE)
        keep(storage, "a/c", b"{}")
        storage.begin("d", "sha256")
        assert list(storage.repositories("", 10)) == ["a/c", "b"]
        assert list(storage.repositories("a/c", 10)) == ["b"]
        assert list(storage.repositories("", 1)) == ["a/c"]
        assert list(storage.repositories("b", 10)) == []

    def test_a_repository_ends_with_what_it_holds(self, storage: Storage) -> None:
        """
        When the last of it is dropped.
        """
        blob, manifest = push(storage, "a", ONE), keep(storage, "a", b"{}")
        storage.drop_blob("a", blob)
        assert list(storage.repositories("", 10)) == ["a"]
        storage.drop_manifest("a", manifest)
        assert list(storage.repositories("", 10)) == []
        assert storage.tags("a", "", 1) is None
