"""
A registry on disk when the disk or the process fails: what was acknowledged is there.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest

from ocikit import media
from ocikit.http.message import Response, Send
from ocikit.server.disk.fsck import fsck
from ocikit.server.disk.storage import Disk
from ocikit.server.disk.system import System
from ocikit.server.handler import registry
from ocikit.testing.asking import descriptor
from tests.server.disks import Failing, Watching
from tests.server.samples import ask, begin, code, digest, image, put

#: Every sixth call fails in its turn; each of them when OCIKIT_EVERY_CALL is set.
STRIDE = 1 if os.environ.get("OCIKIT_EVERY_CALL") else 6
FIRST, SECOND = b"first" * 100, b"second" * 100


@attrs.define
class Acknowledged:
    """
    What a client was told is there; None where it was told that it is not.
    """

    blobs: dict[tuple[str, str], bytes | None] = attrs.field(factory=dict)
    manifests: dict[tuple[str, str], bytes | None] = attrs.field(factory=dict)
    tags: dict[tuple[str, str], str | None] = attrs.field(factory=dict)
    uploads: dict[str, int] = attrs.field(factory=dict)
    #: What was asked for, and may be there or not: keys of the above.
    asked: set[object] = attrs.field(factory=set)


Step = tuple[Callable[[Send, Acknowledged], Response], object, Callable[[Acknowledged], object]]


def _blob(name: str, data: bytes) -> Step:
    path = f"/v2/{name}/blobs/uploads/?digest={digest(data)}"
    key = (name, digest(data))
    return (
        lambda send, known: ask(send, "POST", path, data),
        key,
        lambda known: known.blobs.update({key: data}),
    )


def _drop_blob(name: str, data: bytes) -> Step:
    key = (name, digest(data))
    return (
        lambda send, known: ask(send, "DELETE", f"/v2/{name}/blobs/{key[1]}"),
        key,
        lambda known: known.blobs.update({key: None}),
    )


def _mount(name: str, data: bytes, source: str) -> Step:
    path = f"/v2/{name}/blobs/uploads/?mount={digest(data)}&from={source}"
    key = (name, digest(data))
    return (
        lambda send, known: ask(send, "POST", path),
        key,
        lambda known: known.blobs.update({key: data}),
    )


def _put(name: str, tag: str, raw: bytes) -> Step:
    def done(known: Acknowledged) -> None:
        known.manifests[name, digest(raw)] = raw
        known.tags[name, tag] = digest(raw)

    return lambda send, known: put(send, name, tag, raw, media.OCI_MANIFEST), (name, tag), done


def _untag(name: str, tag: str) -> Step:
    return (
        lambda send, known: ask(send, "DELETE", f"/v2/{name}/manifests/{tag}"),
        (name, tag),
        lambda known: known.tags.update({(name, tag): None}),
    )


def _drop(name: str, raw: bytes) -> Step:
    def done(known: Acknowledged) -> None:
        known.manifests[name, digest(raw)] = None
        for key in [key for key, to in known.tags.items() if to == digest(raw)]:
            known.tags[key] = None

    def step(send: Send, known: Acknowledged) -> Response:
        known.asked |= {key for key, to in known.tags.items() if to == digest(raw)}
        return ask(send, "DELETE", f"/v2/{name}/manifests/{digest(raw)}")

    return step, (name, digest(raw)), done


def _upload(send: Send, known: Acknowledged) -> Response:
    location = begin(send, "a")
    response = ask(send, "PATCH", location, FIRST)
    if response.status == 202:
        known.uploads[location] = len(FIRST)
    return response


ONE, TWO = image(FIRST), image(FIRST, SECOND)
ABOUT = image(FIRST, subject=descriptor(ONE, media.OCI_MANIFEST))
STEPS: tuple[Step, ...] = (
    _blob("a", FIRST),
    _blob("a", b"{}"),
    _put("a", "t", ONE),
    (_upload, None, lambda known: None),
    _blob("a", SECOND),
    _put("a", "t", TWO),
    _put("a", "signature", ABOUT),
    _mount("b/c", SECOND, "a"),
    _blob("b/c", FIRST),
    _put("a", "T", ONE),
    _untag("a", "t"),
    _drop("a", TWO),
    _drop_blob("a", SECOND),
)


def _run(send: Send, known: Acknowledged) -> Iterator[Response]:
    """
    Do the steps until one fails, and give what failed.
    """
    for step, key, done in STEPS:
        known.asked.add(key)
        try:
            response = step(send, known)
        except AssertionError:
            # `begin` was refused.
            return
        if response.status >= 500:
            yield response
            return
        assert response.status < 300, response.body.read()
        known.asked.discard(key)
        done(known)


def _check(send: Send, known: Acknowledged) -> None:
    for (name, named), data in known.blobs.items():
        found = _get(send, f"/v2/{name}/blobs/{named}")
        # What was about to be deleted may be gone.
        assert found == data or ((name, named) in known.asked and found is None)
    for (name, named), raw in known.manifests.items():
        found = _get(send, f"/v2/{name}/manifests/{named}")
        assert found == raw or ((name, named) in known.asked and found is None)
    for (name, tag), target in known.tags.items():
        response = ask(send, "HEAD", f"/v2/{name}/manifests/{tag}")
        if (name, tag) not in known.asked:
            assert response.headers.get("Docker-Content-Digest") == (target or "")
    for location, size in known.uploads.items():
        assert ask(send, "GET", location).headers.get("Range") == f"0-{size - 1}"


def _get(send: Send, path: str) -> bytes | None:
    response = ask(send, "GET", path)
    assert response.status in (200, 404)
    return response.body.read() if response.status == 200 else None


def _serious(path: Path) -> list[str]:
    """
    Tell what is wrong in a folder, but for an index that was still to be written.
    """
    return [f"{each}" for each in fsck(path) if each.kind != "index-stale"]


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_any_call_may_fail(tmp_path: Path, error: int) -> None:
    """
    The client is told; what it was told before is there, now and after a restart; and when
    the disk is well again everything can be done.
    """
    number, failed = 1 - STRIDE, set[str]()
    while True:
        number += STRIDE
        path, known = tmp_path / str(number), Acknowledged()
        with Disk(path) as disk:
            # It was well until now.
            system = Failing(number, error)
            _replace(disk, system)
            refused = list(_run(registry(disk), known))
            for response in refused:
                assert response.status == (507 if error == errno.ENOSPC else 500)
                assert code(response) == "UNKNOWN"
            system.left = -1
            _check(registry(disk), known)
        assert _serious(path) == []
        with Disk(path, "none") as disk:
            _check(registry(disk), known)
            again = Acknowledged()
            assert list(_run(registry(disk), again)) == []
            _check(registry(disk), again)
        failed.add(system.failed)
        if not system.failed:
            break
    assert number > 100
    assert failed >= {"write", "sync", "sync_folder", "link", "replace"}


def _replace(disk: Disk, system: System) -> None:
    writer, batches = getattr(disk, "_writer"), getattr(disk, "_batches")  # noqa: B009
    writer.system = system
    batches._sync = system.sync_folder


def test_the_process_may_end_between_any_two_calls(tmp_path: Path) -> None:
    """
    Nothing is cleaned up then: the next process finds all that was acknowledged, nothing
    that is damaged, and no more files than there would be.
    """
    number = 1 - STRIDE
    while True:
        number += STRIDE
        path, known = tmp_path / str(number), Acknowledged()
        system = Failing(number, errno.EIO, forever=True)
        disk = Disk(path)
        _replace(disk, system)
        list(_run(registry(disk), known))
        disk.close()
        assert _serious(path) == []
        with Disk(path, "none") as disk:
            assert list((path / "_temporary").iterdir()) == []
            _check(registry(disk), known)
            again = Acknowledged()
            assert list(_run(registry(disk), again)) == []
            _check(registry(disk), again)
        if not system.failed:
            break


def test_nothing_is_acknowledged_before_it_is_on_the_disk(tmp_path: Path) -> None:
    """
    Names are given to files whose bytes are there, and whoever is answered could have the
    power cut.
    """
    system = Watching()
    with Disk(tmp_path, system=system) as disk:
        known, send = Acknowledged(), registry(disk)
        for step, _, done in STEPS:
            assert step(send, known).status < 300
            done(known)
            assert system.folders == set()
        assert system.wrong == []
    assert system.syncs > 30


def test_nothing_is_forced_when_it_need_not_be(tmp_path: Path) -> None:
    """
    With `durability="none"` no call waits for the disk.
    """
    system = Watching()
    with Disk(tmp_path, "none", system=system) as disk:
        assert list(_run(registry(disk), Acknowledged())) == []
    assert system.syncs == 0
