"""
A registry in a bucket of Ceph's gateway, which is neither ours nor made for tests.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import closing
from itertools import count

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from ocikit import media
from ocikit.digest import Digest
from ocikit.server.garbage import collect
from ocikit.server.handler import registry
from ocikit.server.objects.storage import Objects
from ocikit.server.objects.store import Bucket
from ocikit.server.storage import Storage
from ocikit.testing.asking import descriptor
from ocikit.testing.contracts_storage import StorageContract
from ocikit.testing.machines import registry_machine
from ocikit.testing.modelled import Place
from ocikit.testing.time import VirtualTime
from tests.real.ceph_rgw import CephGateway
from tests.server.samples import ask, digest, push_blob, push_image

BIG = bytes(range(256)) * 50_000
DAY = 86400.0


class TestCeph(StorageContract):
    """
    The contract of storages.
    """

    @pytest.fixture
    def storage(self, ceph_rgw: CephGateway, request: pytest.FixtureRequest) -> Iterator[Storage]:
        """
        A part of the bucket that is empty.
        """
        with closing(Objects(ceph_rgw.store(digest(request.node.name.encode())))) as objects:
            yield objects


def test_images_go_to_ceph_and_back(ceph_rgw: CephGateway) -> None:
    """
    Large blobs in several parts, ranges, mounts, lists, referrers; another process sees them.
    """
    with closing(Objects(ceph_rgw.store("one"))) as storage:
        send = registry(storage)
        raw = push_image(send, "a/b", "t", b"layer")
        subject = descriptor(raw, media.OCI_MANIFEST)
        about = push_image(send, "a/b", "s", b"signature", subject=subject)
        big = push_blob(send, "a", BIG)
        opener = pickle.dumps(storage.blob("a", Digest.of(BIG)))
    with closing(Objects(ceph_rgw.store("one"))) as other:
        send = registry(other)
        assert ask(send, "GET", "/v2/a/b/manifests/t").body.read() == raw
        assert ask(send, "GET", f"/v2/a/blobs/{big}").body.read() == BIG
        part = ask(send, "GET", f"/v2/a/blobs/{big}", Range="bytes=1000000-1000999")
        assert (part.status, part.body.read()) == (206, BIG[1000000:1001000])
        assert ask(send, "POST", f"/v2/c/blobs/uploads/?mount={big}").status == 201
        listed = ask(send, "GET", "/v2/_catalog").body.read()
        assert listed == b'{"repositories":["a","a/b","c"]}'
        assert b'"tags":["s","t"]' in ask(send, "GET", "/v2/a/b/tags/list").body.read()
        referrers = other.referrers("a/b", Digest.of(raw))
        assert [each.digest for each in referrers] == [Digest.of(about)]
        assert ask(send, "DELETE", f"/v2/a/b/manifests/{digest(about)}").status == 202
        assert other.referrers("a/b", Digest.of(raw)) == []
    assert pickle.loads(opener).opener.open().read() == BIG


def test_an_object_is_made_once(ceph_rgw: CephGateway) -> None:
    """
    Of two that make it if there is none, one is told that there is.
    """
    bucket = Bucket(ceph_rgw.store("once"))
    assert bucket.create("a/b", b"first")
    assert not bucket.create("a/b", b"second")
    assert bucket.read("a/b") == b"first"
    assert bucket.remove("a/b")
    assert not bucket.remove("a/b")
    assert bucket.create("a/b", b"third")


def test_garbage_goes_and_nothing_else(ceph_rgw: CephGateway) -> None:
    """
    What is found in the meantime stays, and space is freed at the end.
    """
    time = VirtualTime()
    store = ceph_rgw.store("garbage")
    with closing(Objects(store, clock=time)) as objects:
        send = registry(objects)
        push_image(send, "a", "t", b"layer")
        for name in ("a", "b"):
            push_blob(send, name, b"stray")
        assert collect(objects, clock=time) == ()
        time.now += DAY
        assert ask(send, "HEAD", f"/v2/a/blobs/{digest(b'stray')}").status == 200
        kinds = [each.kind for each in collect(objects, clock=time)]
        assert kinds == ["blob"]
        time.now += DAY
        kinds = [each.kind for each in collect(objects, clock=time)]
        assert kinds == ["blob", "content"]
        assert ask(send, "GET", f"/v2/a/blobs/{digest(b'layer')}").body.read() == b"layer"
        assert len(list(Bucket(store).below("blobs"))) == 2


def test_ceph_and_a_dictionary_agree(ceph_rgw: CephGateway) -> None:
    """
    The state machine of registries.
    """
    number = count()

    def begin() -> Place:
        storage = Objects(ceph_rgw.store(f"machine{next(number)}"))
        return Place(send=registry(storage, page=2), close=storage.close)

    run_state_machine_as_test(
        registry_machine(begin), settings=settings(max_examples=2, stateful_step_count=10)
    )
