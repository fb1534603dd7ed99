"""
A storage in an object store, over the S3 protocol.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from ocikit.server.garbage import EXPIRES
from ocikit.server.handler import registry
from ocikit.server.objects.storage import Objects
from ocikit.server.storage import StorageFailed, UploadUnknown
from ocikit.testing.machines import registry_machine
from ocikit.testing.modelled import Place
from ocikit.testing.time import VirtualTime
from tests.server.samples import ask, digest, push_blob, push_image, refused

if TYPE_CHECKING:
    from obstore.store import S3Store

BIG = bytes(range(256)) * 50_000


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """
    A server of S3 in this process.
    """
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def _store(endpoint: str, prefix: str | None = None) -> S3Store:
    from obstore.store import S3Store

    return S3Store(
        "registry",
        prefix=prefix,
        endpoint=endpoint,
        region="us-east-1",
        access_key_id="ada",
        secret_access_key="geheim",
        client_options={"allow_http": True},
        retry_config={"max_retries": 1},
    )


@pytest.fixture(scope="module")
def bucket(endpoint: str) -> str:
    """
    A server of S3 that has a bucket.
    """
    import urllib.request

    request = urllib.request.Request(f"{endpoint}/registry", method="PUT")
    with urllib.request.urlopen(request) as response:
        assert response.status == 200
    return endpoint


def test_images_go_to_a_bucket_and_back(bucket: str) -> None:
    """
    Large blobs in several parts; ranges of them; and another process sees the same.
    """
    with closing(Objects(_store(bucket, "one"))) as storage:
        send = registry(storage)
        raw = push_image(send, "a/b", "t", b"layer")
        big = push_blob(send, "a", BIG)
        assert ask(send, "GET", "/v2/a/b/manifests/t").body.read() == raw
    with closing(Objects(_store(bucket, "one"))) as other:
        send = registry(other)
        assert ask(send, "GET", f"/v2/a/blobs/{big}").body.read() == BIG
        part = ask(send, "GET", f"/v2/a/blobs/{big}", Range="bytes=1000000-1000999")
        assert (part.status, part.body.read()) == (206, BIG[1000000:1001000])
        assert ask(send, "POST", f"/v2/c/blobs/uploads/?mount={big}").status == 201
        listed = ask(send, "GET", "/v2/_catalog").body.read()
        assert listed == b'{"repositories":["a","a/b","c"]}'


def test_a_bucket_and_a_dictionary_agree(bucket: str) -> None:
    """
    The state machine of registries, over S3.
    """
    number = count()

    def begin() -> Place:
        storage = Objects(_store(bucket, f"machine{next(number)}"))
        return Place(send=registry(storage, page=2), close=storage.close)

    run_state_machine_as_test(
        registry_machine(begin), settings=settings(max_examples=4, stateful_step_count=12)
    )


def test_a_store_that_fails_is_told_without_its_secrets(bucket: str) -> None:
    """
    The client is answered 500; nothing of an address or a key is in what it is told.
    """
    with closing(Objects(_store("http://127.0.0.1:9"))) as storage:
        with pytest.raises(StorageFailed):
            storage.tags("a", "", 1)
        response = ask(registry(storage), "GET", f"/v2/a/blobs/{digest(b'x')}")
        told = response.body.read()
        assert response.status == 500
        assert b"127.0.0.1" not in told
    send = registry(Objects(_store(bucket)))
    assert refused(ask(send, "GET", f"/v2/a/blobs/{digest(b'x')}")) == (404, "BLOB_UNKNOWN")


def test_openers_of_objects_travel(bucket: str) -> None:
    """
    They pickle, as all openers do, and show no secret.
    """
    with closing(Objects(_store(bucket, "two"))) as storage:
        send = registry(storage)
        push_blob(send, "a", b"data")
        from ocikit.digest import Digest

        blob = storage.blob("a", Digest.of(b"data"))
    assert blob is not None
    assert pickle.loads(pickle.dumps(blob.opener)).open().read() == b"data"
    assert "geheim" not in repr(blob)


def test_uploads_that_nobody_goes_on_with_end(tmp_path: Path) -> None:
    """
    A week after the last chunk, when another begins; nobody has to see to it.
    """
    from obstore.store import MemoryStore

    virtual = VirtualTime()
    with closing(Objects(MemoryStore(), tmp_path, virtual)) as objects:
        old = objects.begin("a", "sha256")
        virtual.now += EXPIRES - 60
        young = objects.begin("a", "sha256")
        assert objects.received("a", old) == 0
        virtual.now += 3660
        objects.begin("a", "sha256")
        assert objects.received("a", young) == 0
        with pytest.raises(UploadUnknown):
            objects.received("a", old)
