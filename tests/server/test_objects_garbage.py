"""
Collecting the garbage of an object store, while others push at every moment of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from typing import Any

import attrs
import pytest
from obstore.store import MemoryStore

from ocikit import media
from ocikit.digest import Digest
from ocikit.http.message import Send
from ocikit.server.garbage import collect
from ocikit.server.handler import registry
from ocikit.server.objects.documents import Documents
from ocikit.server.objects.members import Members
from ocikit.server.objects.storage import Objects
from ocikit.server.objects.store import Bucket
from ocikit.testing.asking import descriptor
from ocikit.testing.time import VirtualTime
from tests.server.samples import ask, digest, image, push_blob, push_image, put

DAY = 86400.0


@attrs.define
class Interrupted:
    """
    A bucket of which something else happens just before one of its calls.
    """

    bucket: Bucket
    at: int
    then: Callable[[], None]
    calls: Iterator[int] = attrs.field(factory=count)

    @property
    def store(self) -> object:
        """
        The store itself.
        """
        return self.bucket.store

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any) -> Any:
            if next(self.calls) == self.at:
                self.then()
            done = getattr(self.bucket, name)(*args)
            return list(done) if name in ("below", "sizes") else done

        return call


def _interrupted(
    store: MemoryStore, clock: VirtualTime, at: int, then: Callable[[], None]
) -> tuple[Objects, Interrupted]:
    objects = Objects(store, clock=clock)
    bucket: Any = Interrupted(Bucket(store), at, then)
    members, documents = Members(bucket, clock), Documents(bucket, clock)
    vars(objects).update(_bucket=bucket, _members=members, _documents=documents)
    return objects, bucket


def _keys(store: MemoryStore, prefix: str) -> list[str]:
    return list(Bucket(store).below(prefix))


def _push(send: Send, repository: str) -> None:
    """
    Push as clients do: what is there is not sent; some try to mount.
    """
    for data in (b"stray", b"{}"):
        name = digest(data)
        if ask(send, "HEAD", f"/v2/{repository}/blobs/{name}").status == 200:
            continue
        mount = f"/v2/{repository}/blobs/uploads/?mount={name}&from=a"
        if ask(send, "POST", mount).status != 201:
            push_blob(send, repository, data)
    assert put(send, repository, "t", image(b"stray")).status == 201


def _check(send: Send, repository: str) -> None:
    for data in (b"stray", b"{}"):
        path = f"/v2/{repository}/blobs/{digest(data)}"
        assert ask(send, "GET", path).body.read() == data
    assert ask(send, "GET", f"/v2/{repository}/manifests/t").body.read() == image(b"stray")


@pytest.mark.parametrize("repository", ["a", "b"])
def test_a_push_at_any_moment_of_a_collection_is_whole(repository: str) -> None:
    """
    Whatever the collection has seen by then, and whether it was the blob's last holder.
    """
    for at in count():
        store, clock, pushed = MemoryStore(), VirtualTime(), list[None]()
        with closing(Objects(store, clock=clock)) as other:
            send = registry(other)
            push_image(send, "a", "other", b"layer")
            push_blob(send, "a", b"stray")
            clock.now += DAY

            def then(send: Send = send, pushed: list[None] = pushed) -> None:
                pushed.append(_push(send, repository))  # type: ignore[func-returns-value]

            collector, _ = _interrupted(store, clock, at, then)
            with closing(collector):
                collect(collector, clock=clock)
                if not pushed:
                    assert at > 10
                    return
                _check(send, repository)
                clock.now += DAY
                collect(other, untagged=True, clock=clock)
            _check(send, repository)


@pytest.mark.parametrize("repository", ["a", "b"])
def test_a_collection_at_any_moment_of_a_push_takes_nothing_of_it(repository: str) -> None:
    """
    The same the other way round.
    """
    for at in count():
        store, clock, done = MemoryStore(), VirtualTime(), list[int]()
        with closing(Objects(store, clock=clock)) as other:
            push_blob(registry(other), "a", b"stray")
            clock.now += DAY

            def then(
                other: Objects = other, clock: VirtualTime = clock, done: list[int] = done
            ) -> None:
                done.append(len(collect(other, clock=clock)))

            pusher, _ = _interrupted(store, clock, at, then)
            with closing(pusher):
                _push(registry(pusher), repository)
            if not done:
                assert at > 10
                return
            _check(registry(other), repository)


def test_bytes_go_with_the_last_repository_that_had_them() -> None:
    """
    Nothing is left in the bucket, not even marks.
    """
    store, clock = MemoryStore(), VirtualTime()
    with closing(Objects(store, clock=clock)) as objects:
        send = registry(objects)
        for name in ("a", "b"):
            push_blob(send, name, b"stray")
        assert len(_keys(store, "blobs")) == 1
        clock.now += DAY
        dry = collect(objects, dry_run=True, clock=clock)
        assert [each.kind for each in dry] == ["blob", "blob"]
        removed = collect(objects, clock=clock)
    assert [each.kind for each in removed] == ["blob", "blob", "content"]
    assert not any(each for page in _pages(store) for each in page)


def _pages(store: MemoryStore) -> list[Any]:
    import obstore

    return list(obstore.list(store))


def test_marks_do_not_add_up() -> None:
    """
    However often something is found there are two: the last one, and the one before.
    """
    store, clock = MemoryStore(), VirtualTime()
    with closing(Objects(store, clock=clock)) as objects:
        send = registry(objects)
        subject = descriptor(push_image(send, "a", "s", b"layer"), media.OCI_MANIFEST)
        push_image(send, "a", "t", b"layer", subject=subject)
        for _ in range(5):
            clock.now += 600
            for path in (f"blobs/{digest(b'layer')}", "manifests/t", "manifests/s"):
                assert ask(send, "HEAD", f"/v2/a/{path}").status == 200
                assert ask(send, "HEAD", f"/v2/a/{path}").status == 200
        path = digest(b"layer").replace(":", "/")
        assert len(_keys(store, f"repositories/a/_blobs/{path}")) == 2
        assert len(_keys(store, f"holders/{path}")) == 2
        assert len(_keys(store, "repositories/a/_manifests")) == 4
        assert len(_keys(store, "repositories/a/_referrers")) == 2
        assert len(objects.referrers("a", Digest.parse(subject["digest"]))) == 1


@pytest.mark.parametrize("at", range(40))
def test_a_collector_or_a_client_that_died_is_got_over(at: int) -> None:
    """
    Whatever it left behind, a blob can be pushed, and goes when it is garbage again.
    """
    store, clock = MemoryStore(), VirtualTime()

    def die() -> None:
        raise SystemExit

    dying, _ = _interrupted(store, clock, at, die)
    with closing(dying), closing(Objects(store, clock=clock)) as objects:
        try:
            upload = dying.begin("a", "sha256")
            dying.commit("a", upload, Digest.of(b""))
            clock.now += DAY
            collect(dying, clock=clock)
        except SystemExit:
            pass
        name = push_blob(registry(objects), "b", b"")
        assert ask(registry(objects), "GET", f"/v2/b/blobs/{name}").body.read() == b""
        clock.now += DAY
        collect(objects, clock=clock)
        assert ask(registry(objects), "GET", f"/v2/b/blobs/{name}").status == 404
        assert _keys(store, "blobs") == []
