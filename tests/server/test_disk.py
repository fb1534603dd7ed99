"""
What is particular to a registry on disk: its files, its restarts, and what it shares.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import threading
import time
from io import BytesIO
from pathlib import Path
from types import FrameType

import pytest

from ocikit import layout
from ocikit.content.verify import DigestMismatch
from ocikit.digest import Digest
from ocikit.files.opener import FileOpener
from ocikit.server.disk.batch import Batches
from ocikit.server.disk.lock import FolderInUse, RegistryVersionUnknown
from ocikit.server.disk.storage import Disk
from ocikit.server.disk.system import System
from ocikit.server.disk.view import LATER
from ocikit.server.handler import registry
from ocikit.server.storage import UploadUnknown
from ocikit.testing.time import VirtualTime
from tests.real.process import Command
from tests.server.samples import ask, begin, digest, push_blob, push_image

DATA = b"0123456789" * 10


def test_every_repository_is_a_layout(tmp_path: Path) -> None:
    """
    Also one whose name has parts that a layout has, and tags that differ in capitals.
    """
    names = ["a", "a/blobs", "a/index.json/oci-layout", "b" * 255]
    with Disk(tmp_path, "none") as disk:
        for name in names:
            for tag in ("v1", "V1", "L" * 128):
                push_image(registry(disk), name, tag, name.encode(), b"shared" + tag.encode())
    for name, folder in zip(
        names, ("a", "a/+blobs", "a/+index.json/+oci-layout", "b" * 255), strict=True
    ):
        found = {tag: layout.load(tmp_path / folder, tag) for tag in ("v1", "V1", "L" * 128)}
        assert len({content.digest for content in found.values()}) == 3, name
    with Disk(tmp_path, "none") as disk:
        assert disk.repositories("", 10) == names
        assert disk.tags("a", "", 10) == ["L" * 128, "V1", "v1"]


def test_others_see_tags_while_it_is_served(tmp_path: Path) -> None:
    """
    A short time after they came, and after a restart at once if there was no time before.
    """
    with Disk(tmp_path, "none") as disk:
        push_image(registry(disk), "a", "one", b"one")
        time.sleep(3 * LATER)
        assert _tags(tmp_path / "a") == ["one"]
        push_image(registry(disk), "a", "two", b"two")
        disk.abandon()
    assert _tags(tmp_path / "a") == ["one"]
    Disk(tmp_path, "none").close()
    assert _tags(tmp_path / "a") == ["one", "two"]


def _tags(folder: Path) -> list[str]:
    entries = json.loads((folder / "index.json").read_bytes())["manifests"]
    return [each["annotations"]["org.opencontainers.image.ref.name"] for each in entries]


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_an_upload_goes_on_after_a_restart(tmp_path: Path, algorithm: str) -> None:
    """
    GET tells where it stands, and what came before is hashed again.
    """
    with Disk(tmp_path, "none") as disk:
        location = begin(registry(disk), "a")
        ask(registry(disk), "PATCH", location, DATA[:70])
        disk.abandon()
    with Disk(tmp_path, "none") as disk:
        send = registry(disk)
        assert ask(send, "GET", location).headers.get("Range") == "0-69"
        assert ask(send, "GET", location.replace("/a/", "/b/")).status == 404
        assert ask(send, "PATCH", location, DATA[70:], Content_Range="70-99").status == 202
        named = digest(DATA, algorithm)
        assert ask(send, "PUT", f"{location}?digest={named}").status == 201
        assert ask(send, "GET", f"/v2/a/blobs/{named}").body.read() == DATA
    assert list((tmp_path / "_uploads").iterdir()) == []


def test_what_expired_or_belongs_to_nobody_is_swept(tmp_path: Path) -> None:
    """
    Uploads that nobody went on with, and files of a process that was killed.
    """
    with Disk(tmp_path, "none") as disk:
        old, new = (begin(registry(disk), "a") for _ in range(2))
    os.utime(tmp_path / "_uploads" / old.rpartition("/")[2], (0, 0))
    (tmp_path / "_uploads" / ("0" * 32)).write_bytes(b"of nobody")
    (tmp_path / "_temporary/x").write_bytes(b"half")
    with Disk(tmp_path, "none") as disk:
        assert ask(registry(disk), "GET", old).status == 404
        assert ask(registry(disk), "GET", new).status == 204
    assert len(list((tmp_path / "_uploads").iterdir())) == 2
    assert list((tmp_path / "_temporary").iterdir()) == []


def test_the_age_of_an_upload_is_told_by_the_clock_that_was_given(tmp_path: Path) -> None:
    """
    Since something was last added, whatever time the system has.
    """
    virtual = VirtualTime()
    with Disk(tmp_path, "none", expires=60, clock=virtual) as disk:
        old, young = (disk.begin("a", "sha256") for _ in range(2))
        virtual.now += 50
        disk.receive("a", young, BytesIO(DATA), None, None)
    virtual.now += 50
    with Disk(tmp_path, "none", expires=60, clock=virtual) as disk:
        assert disk.received("a", young) == len(DATA)
        with pytest.raises(UploadUnknown):
            disk.received("a", old)


def test_a_name_of_an_upload_is_no_path(tmp_path: Path) -> None:
    """
    Whatever a client says that its upload is called, no other file is looked at.
    """
    with Disk(tmp_path, "none") as disk:
        for name in ("..%5c", "_registry", "%2e%2e", "a" * 31, "A" * 32, "0" * 32 + ".of"):
            assert ask(registry(disk), "GET", f"/v2/a/blobs/uploads/{name}").status == 404


class _Linkless(System):
    """
    A file system on which a file has one name.
    """

    def link(self, source: str, target: str) -> None:
        raise OSError(errno.EMLINK, "one name is enough")


def test_files_are_copied_where_they_cannot_be_shared(tmp_path: Path) -> None:
    """
    No such file system is refused, and each repository is a layout all the same.
    """
    with Disk(tmp_path, system=_Linkless()) as disk:
        send = registry(disk)
        raw = push_image(send, "a", "t", b"layer")
        push_image(send, "a", "t", b"layer")
        blob = digest(b"layer")
        assert ask(send, "POST", f"/v2/b/blobs/uploads/?mount={blob}").status == 201
        assert ask(send, "GET", f"/v2/b/blobs/{blob}").body.read() == b"layer"
    assert str(layout.load(tmp_path / "a", "t").digest) == digest(raw)


def test_blobs_are_sent_from_their_files(tmp_path: Path) -> None:
    """
    The kernel can send a file to a socket by itself; content is on the disk once.
    """
    with Disk(tmp_path, "none") as disk:
        push_blob(registry(disk), "a", DATA)
        push_blob(registry(disk), "b", DATA)
        (held,) = disk.contents("a")
        blob = disk.blob("a", held.digest)
        assert blob is not None
        assert isinstance(blob.opener, FileOpener)
        assert os.stat(blob.opener.path).st_nlink == 3


def test_what_is_pushed_again_is_not_written_again(tmp_path: Path) -> None:
    """
    Neither content, nor what is said of it, nor a tag that stays.
    """
    with Disk(tmp_path, "none") as disk:
        push_image(registry(disk), "a", "t", b"layer")
        before = _inodes(tmp_path)
        push_image(registry(disk), "a", "t", b"layer")
        assert _inodes(tmp_path).items() >= before.items()


def _inodes(folder: Path) -> dict[str, int]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != "index.json")
    return {str(path): path.stat().st_ino for path in found}


def test_a_manifest_that_was_read_is_not_read_again(tmp_path: Path) -> None:
    """
    While its file is the same: one that was damaged since is found out, as is one that is
    gone.
    """
    opened: list[str] = []

    def watch(frame: FrameType, event: str, value: object) -> None:
        if event == "c_call" and value is open:
            opened.append(frame.f_code.co_name)

    with Disk(tmp_path, "none") as disk:
        raw = push_image(registry(disk), "a", "t", DATA)
        named = Digest.of(raw)
        sys.setprofile(watch)
        found = [disk.manifest("a", named) for _ in range(3)]
        sys.setprofile(None)
        assert [each and each.data for each in found] == [raw] * 3
        assert opened == ["read_file"]
        file = tmp_path / "a/blobs" / named.algorithm / named.hex
        file.write_bytes(raw.swapcase())
        with pytest.raises(DigestMismatch):
            disk.manifest("a", named)
        file.unlink()
        assert disk.manifest("a", named) is None


def test_writers_share_what_forces_names_to_the_disk() -> None:
    """
    Whoever comes while one batch is forced there waits for the next, with all others.
    """
    begun, may_end = threading.Event(), threading.Event()
    forced: list[str] = []

    def force(folder: str) -> None:
        forced.append(folder)
        begun.set()
        may_end.wait(20)

    batches = Batches(force, durable=True)

    def write(folder: str) -> None:
        batches.changed(folder)
        batches.settle()

    threads = [threading.Thread(target=write, args=("first",))]
    threads[0].start()
    begun.wait(20)
    threads += [threading.Thread(target=write, args=("shared",)) for _ in range(8)]
    for thread in threads[1:]:
        thread.start()
    while threading.active_count() < 9:
        time.sleep(0.001)
    time.sleep(0.05)
    may_end.set()
    for thread in threads:
        thread.join()
    assert forced[0] == "first"
    assert forced.count("shared") < 8


def test_one_process_at_a_time(tmp_path: Path) -> None:
    """
    Another is refused, and may have the folder afterwards; a newer kind of folder is, too.
    """
    with Disk(tmp_path), pytest.raises(FolderInUse):
        Disk(tmp_path)
    Disk(tmp_path).close()
    (tmp_path / "_registry").write_text('{"ocikitRegistry":2}')
    with pytest.raises(RegistryVersionUnknown):
        Disk(tmp_path)


@pytest.mark.real
def test_skopeo_reads_the_folder(tmp_path: Path, skopeo: Command) -> None:
    """
    While the registry is served, and without asking it.
    """
    with Disk(tmp_path, "none") as disk:
        raw = push_image(registry(disk), "library/debian", "12", b"layer")
        time.sleep(3 * LATER)
        told = skopeo("inspect", "--raw", f"oci:{tmp_path}/library/debian:12")
    assert told.encode() == raw
