"""
Garbage collection, over every storage that can: what goes, and what never does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import attrs
import pytest
from obstore.store import MemoryStore

from ocikit import media
from ocikit.content.verify import DigestMismatch
from ocikit.digest import Digest
from ocikit.http.message import Send
from ocikit.server.disk.storage import Disk
from ocikit.server.garbage import Collectable, Removed, collect
from ocikit.server.handler import registry
from ocikit.server.memory import Memory
from ocikit.server.objects.storage import Objects
from ocikit.testing.asking import descriptor
from ocikit.testing.time import VirtualTime
from tests.server.samples import ask, begin, digest, index, push_blob, push_image, put

DAY = 86400.0


@attrs.frozen
class Kept:
    """
    A registry, and the time in it.
    """

    storage: Collectable
    time: VirtualTime
    send: Send

    def collect(self, untagged: bool = False, dry_run: bool = False) -> list[Removed]:
        """
        Collect, one hour after a push is taken for done.
        """
        return list(
            collect(self.storage, untagged=untagged, dry_run=dry_run, clock=self.time.clock.now)
        )

    def later(self) -> None:
        """
        Let all pushes be done.
        """
        self.time.now += DAY


@pytest.fixture(params=["memory", "disk", "objects"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    """
    A registry that is empty, over each storage.
    """
    time = VirtualTime()
    if request.param == "memory":
        memory = Memory(time.clock.now)
        yield Kept(memory, time, registry(memory))
        return
    if request.param == "objects":
        with closing(Objects(MemoryStore(), clock=time.clock.now)) as objects:
            yield Kept(objects, time, registry(objects))
        return
    with Disk(tmp_path / "storage", "none", clock=time.clock.now) as disk:
        yield Kept(disk, time, registry(disk))


def names(removed: list[Removed]) -> set[tuple[str, str, str]]:
    """
    Tell what was taken out of repositories.
    """
    kinds = ("blob", "manifest")
    return {(r.kind, r.repository, str(r.digest)) for r in removed if r.kind in kinds}


def test_what_nothing_refers_to_goes(kept: Kept) -> None:
    """
    A blob of no manifest goes, from its repository alone; images stay whole.
    """
    push_image(kept.send, "a", "t", b"layer")
    stray = push_blob(kept.send, "a", b"stray")
    push_image(kept.send, "b", "t", b"stray")
    kept.later()
    assert names(kept.collect(dry_run=True)) == {("blob", "a", stray)}
    assert names(kept.collect()) == {("blob", "a", stray)}
    assert kept.collect() == []
    assert ask(kept.send, "HEAD", f"/v2/a/blobs/{stray}").status == 404
    assert ask(kept.send, "GET", f"/v2/b/blobs/{stray}").body.read() == b"stray"
    assert ask(kept.send, "GET", f"/v2/a/blobs/{digest(b'layer')}").body.read() == b"layer"


def test_the_last_one_to_go_frees_the_bytes(tmp_path: Path) -> None:
    """
    On disk, content is there once, and goes with the last repository that had it.
    """
    time = VirtualTime()
    with Disk(tmp_path / "all", "none", clock=time.clock.now) as disk:
        send = registry(disk)
        for name in ("a", "b"):
            push_blob(send, name, b"stray")
        time.now += DAY
        removed = collect(disk, clock=time.clock.now)
    assert [each.kind for each in removed] == ["blob", "blob", "content"]
    assert not [path for path in (tmp_path / "all/_blobs").rglob("*") if path.is_file()]


def test_what_came_or_was_found_a_while_ago_stays(kept: Kept) -> None:
    """
    A client that asked whether a blob is there counts on it in the manifest that follows.
    """
    stray = push_blob(kept.send, "a", b"stray")
    assert kept.collect() == []
    kept.later()
    assert ask(kept.send, "HEAD", f"/v2/a/blobs/{stray}").status == 200
    assert kept.collect() == []
    kept.later()
    assert ask(kept.send, "POST", f"/v2/b/blobs/uploads/?mount={stray}&from=a").status == 201
    assert kept.collect() == []
    kept.later()
    assert len(names(kept.collect())) == 2


@attrs.frozen
class _Busy:
    """
    A storage in which somebody finds a blob just before it is removed.
    """

    inner: Collectable

    def discard(self, repository: str, held: object, before: float) -> bool:
        digest: Digest = getattr(held, "digest")  # noqa: B009
        assert self.inner.blob(repository, digest) is not None
        return self.inner.discard(repository, held, before)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)


def test_what_is_found_meanwhile_stays(kept: Kept) -> None:
    """
    Between the look at what is there and its removal a push may have begun.
    """
    stray = push_blob(kept.send, "a", b"stray")
    kept.later()
    busy = _Busy(kept.storage)
    assert collect(busy, clock=kept.time.clock.now) == ()  # type: ignore[arg-type]
    assert ask(kept.send, "HEAD", f"/v2/a/blobs/{stray}").status == 200


def test_manifests_without_a_tag_stay_unless_asked_for(kept: Kept) -> None:
    """
    They may be deployed by digest. Children of tagged indexes, and what is about a manifest
    that stays, are no garbage at all.
    """
    send = kept.send
    child = push_image(send, "a", "gone", b"child")
    parent = index(child)
    assert put(send, "a", "multi", parent, media.OCI_INDEX).status == 201
    about = descriptor(parent, media.OCI_INDEX)
    signature = push_image(send, "a", digest(_about(about)), b"signature", subject=about)
    old = push_image(send, "a", "old", b"old")
    for tag in ("gone", "old"):
        assert ask(send, "DELETE", f"/v2/a/manifests/{tag}").status == 202
    kept.later()
    assert kept.collect() == []
    expected = {("manifest", "a", digest(old)), ("blob", "a", digest(b"old"))}
    assert names(kept.collect(untagged=True, dry_run=True)) == expected
    assert names(kept.collect(untagged=True)) == expected
    for each in (child, parent, signature):
        assert ask(send, "GET", f"/v2/a/manifests/{digest(each)}").body.read() == each
    assert ask(send, "HEAD", f"/v2/a/blobs/{digest(b'child')}").status == 200


def _about(about: dict[str, object]) -> bytes:
    from tests.server.samples import image

    return image(b"signature", subject=about)


def test_uploads_that_nobody_goes_on_with_are_given_up(kept: Kept) -> None:
    """
    One week after something came of them.
    """
    location = begin(kept.send, "a")
    ask(kept.send, "PATCH", location, b"some")
    kept.later()
    if isinstance(kept.storage, Memory):
        assert kept.collect() == []
        kept.time.now += 7 * DAY
        assert [(each.kind, each.size) for each in kept.collect()] == [("upload", 4)]
        assert ask(kept.send, "GET", location).status == 404
    else:
        kept.time.now += 1e10
        assert [(each.kind, each.size) for each in kept.collect()] == [("upload", 4)]
        assert ask(kept.send, "GET", location).status == 404


def test_a_damaged_manifest_protects_its_repository(tmp_path: Path) -> None:
    """
    What it refers to is not known, so that nothing there is garbage.
    """
    time = VirtualTime()
    with Disk(tmp_path, "none", clock=time.clock.now) as disk:
        send = registry(disk)
        raw = push_image(send, "a", "t", b"layer")
        push_blob(send, "a", b"stray")
        time.now += DAY
        path = tmp_path / "a/blobs" / digest(raw).replace(":", "/")
        path.write_bytes(raw.replace(b"layers", b"LAYERS"))
        with pytest.raises(DigestMismatch):
            collect(disk, clock=lambda: time.now + DAY)
        response = ask(send, "GET", "/v2/a/manifests/t")
        assert response.status == 500
        assert ask(send, "HEAD", f"/v2/a/blobs/{digest(b'stray')}").status == 200
