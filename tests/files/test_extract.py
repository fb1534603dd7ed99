"""
Layers on disk: all that they hold, as they hold it.
"""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from hypothesis import given

from ocikit._records import FrozenMap
from ocikit.digest import Digest
from ocikit.files.extraction import FileUnwritable, extract
from ocikit.files.facts import Skipped
from ocikit.testing.building import archive, directory, link, symlink
from ocikit.tree.checked import DiffIDMismatch
from ocikit.tree.entry import Entry
from ocikit.tree.faults import TarInvalid
from ocikit.tree.resolve import LinkTargetMissing
from tests.files.places import ROOT, as_layer, as_nobody, on_disk, open_place
from tests.real.process import unavailable
from tests.tree.archives import END, block, file, padded, pax
from tests.tree.model import Dangling, unpack
from tests.tree.stacks import stacks

needs_root = pytest.mark.skipif(not ROOT, reason="only root gives files away")


@pytest.fixture
def place() -> Iterator[Path]:
    """
    Give a folder that others may enter.
    """
    with open_place() as made:
        made.chmod(0o777)
        yield made


@needs_root
@given(stacks)
def test_what_is_on_disk_is_what_the_model_has(layers: list[bytes]) -> None:
    """
    Every kind of member, spelling, link and mark: kinds, contents, facts, links.
    """
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "rootfs")
        try:
            expected = unpack(layers)
        except Dangling:
            with pytest.raises(LinkTargetMissing):
                extract([as_layer(each) for each in layers], target)
            assert list(target.iterdir()) == []
            return
        assert extract([as_layer(each) for each in layers], target) == ()
        assert _timeless(on_disk(target), expected) == _timeless(expected, expected)


def _timeless(found: dict[str, tuple[Entry, bytes, list[str]]], like: object) -> object:
    # Of directories that no layer speaks of nothing is known, links have no permissions.
    return {
        path: (
            attrs.evolve(
                entry,
                mode=0 if entry.kind == "symlink" or not path else entry.mode,
                mtime_ns=0 if entry.kind == "directory" else entry.mtime_ns,
            ),
            *rest,
        )
        for path, (entry, *rest) in found.items()
    }


def test_facts(place: Path) -> None:
    """
    Permissions, times to the nanosecond, owners as root; of folders too.
    """
    time = 1_600_000_000_123_456_789
    made = archive(
        Entry(name="./", kind="directory", mode=0o750, mtime_ns=time),
        Entry(name="d", kind="directory", mode=0o1555, mtime_ns=time, uid=1, gid=2),
        Entry(name="d/f", mode=0o604, mtime_ns=time, uid=3, gid=4),
        Entry(name="d/s", kind="symlink", linkname="f", mtime_ns=time, uid=5, gid=6),
        "e/f",
    )
    extract([as_layer(made)], place / "rootfs")
    found = {path: (place / "rootfs" / path).lstat() for path in (".", "d", "d/f", "d/s", "e")}
    assert [found[path].st_mtime_ns for path in (".", "d", "d/f", "d/s")] == [time] * 4
    modes = [stat.S_IMODE(found[path].st_mode) for path in (".", "d", "d/f", "e")]
    assert modes == [0o750, 0o1555, 0o604, 0o755]
    if ROOT:
        owners = [(info.st_uid, info.st_gid) for info in found.values()]
        assert owners == [(0, 0), (1, 2), (3, 4), (5, 6), (0, 0)]


@needs_root
def test_rights_stay_with_their_owner(place: Path) -> None:
    """
    Trap: setuid of root's file must not become setuid of the one who extracts.
    """
    made = as_layer(archive(Entry(name="su", mode=0o4755), Entry(name="wall", mode=0o2755)))
    extract([made], place / "root")
    as_nobody(lambda: extract([made], place / "nobody"))
    extract([made], place / "mine", owners=False)
    found = {
        who: [(place / who / name).stat().st_mode & 0o7777 for name in ("su", "wall")]
        for who in ("root", "nobody", "mine")
    }
    assert found == {
        "root": [0o4755, 0o2755],
        "nobody": [0o755, 0o755],
        "mine": [0o755, 0o755],
    }


@needs_root
def test_what_only_root_can_do(place: Path) -> None:
    """
    Devices, and attributes of the system: without rights they are left out, and told.
    """
    made = as_layer(
        archive(
            Entry(name="null", kind="char", devmajor=1, devminor=3, mode=0o666),
            Entry(name="disk", kind="block", devmajor=8, devminor=2**20 - 1),
            Entry(name="pipe", kind="fifo", mode=0o622),
            Entry(name="f", pax=FrozenMap({"SCHILY.xattr.trusted.a": b"\0\1"})),
            Entry(name="s", kind="symlink", linkname="f", pax=_attribute("trusted.b")),
            Entry(name="d", kind="directory", pax=_attribute("trusted.c")),
        )
    )
    assert extract([made], place / "root") == ()
    null = (place / "root/null").stat()
    assert (null.st_mode, null.st_rdev) == (stat.S_IFCHR | 0o666, os.makedev(1, 3))
    assert (place / "root/disk").stat().st_rdev == os.makedev(8, 2**20 - 1)
    assert (place / "root/pipe").stat().st_mode == stat.S_IFIFO | 0o622
    assert os.getxattr(place / "root/f", "trusted.a") == b"\0\1"
    assert os.getxattr(place / "root/s", "trusted.b", follow_symlinks=False) == b"1"
    assert os.getxattr(place / "root/d", "trusted.c") == b"1"
    skipped = as_nobody(lambda: extract([made], place / "nobody"))
    assert [(each.path, each.what) for each in skipped] == [
        ("null", "device"),
        ("disk", "device"),
        ("f", "attribute"),
        ("s", "attribute"),
        ("d/", "attribute"),
    ]
    assert skipped[0] == Skipped(path="null", what="device", reason="Operation not permitted")
    assert sorted(path.name for path in (place / "nobody").iterdir()) == ["d", "f", "pipe", "s"]


def _attribute(name: str) -> FrozenMap[str, bytes]:
    return FrozenMap({f"SCHILY.xattr.{name}": b"1"})


@needs_root
def test_owners_that_are_none(place: Path) -> None:
    """
    Trap: to the system the owner -1 means the old one, so that the file would be root's.
    """
    made = as_layer(
        archive(Entry(name="a", uid=2**32 - 1, mode=0o4755), Entry(name="b", gid=2**40))
    )
    skipped = extract([made], place / "rootfs")
    assert [(each.path, each.what) for each in skipped] == [("a", "owner"), ("b", "owner")]
    assert stat.S_IMODE((place / "rootfs/a").stat().st_mode) == 0o755


def test_times_beyond_the_clock(place: Path) -> None:
    """
    What the file system cannot hold is told, and the file is there.
    """
    made = as_layer(archive(Entry(name="a", mtime_ns=2**93)))
    assert [each.what for each in extract([made], place / "rootfs")] == ["time"]
    assert (place / "rootfs/a").exists()


def test_holes_stay_holes(place: Path) -> None:
    """
    A sparse file takes no more room than what is in it.
    """
    size = 64 << 20
    records = {b"GNU.sparse.map": b"%d,3" % (1 << 20), b"GNU.sparse.size": b"%d" % size}
    made = pax(records) + block(b"s", size=3) + padded(b"abc") + END
    extract([as_layer(made)], place / "rootfs")
    info = (place / "rootfs/s").stat()
    assert (info.st_size, info.st_blocks < 2048) == (size, True)
    with (place / "rootfs/s").open("rb") as stream:
        stream.seek(1 << 20)
        assert stream.read(5) == b"abc\0\0"


def test_what_is_there_stays(place: Path) -> None:
    """
    Files of other names do, folders are gone into, files of the same name are replaced.
    """
    target = place / "rootfs"
    (target / "d/e").mkdir(parents=True)
    (target / "d/mine").write_bytes(b"mine")
    (target / "d/f").write_bytes(b"old")
    held = (target / "d/f").open("rb")
    extract([as_layer(archive(".wh.d", directory("d"), ("d/f", b"new"), "d/e/g"))], target)
    assert sorted(path.name for path in target.rglob("*")) == ["d", "e", "f", "g", "mine"]
    assert (target / "d/f").read_bytes() == b"new"
    with held:
        assert held.read() == b"old"


def test_full_folders_are_not_replaced(place: Path) -> None:
    """
    A file in the place of a folder that is not empty would take away what is not ours.
    """
    target = place / "rootfs"
    (target / "d/mine").mkdir(parents=True)
    with pytest.raises(FileUnwritable, match=r"'d': cannot be written: .*not empty"):
        extract([as_layer(archive("d"))], target)
    (target / "d/mine").rmdir()
    extract([as_layer(archive("d"))], target)
    assert (target / "d").is_file()


def test_names_that_cannot_be_written(place: Path) -> None:
    """
    The system's refusal is told with the path; nothing is left behind.
    """
    with pytest.raises(FileUnwritable, match="too long") as caught:
        extract([as_layer(archive("a", "b/" + "x" * 300))], place / "rootfs")
    assert caught.value.path.startswith("b/xxx")
    assert list((place / "rootfs").iterdir()) == []


def test_nothing_is_left_of_what_fails(place: Path) -> None:
    """
    Also when a layer turns out not to be the right one when all of it was read.
    """
    good = as_layer(archive("a", directory("d", 0o500), "d/x"))
    bad = as_layer(archive("b") + b"x")
    wrong = attrs.evolve(bad, diff_id=Digest.of(b"other"))
    with pytest.raises(DiffIDMismatch, match="put together wrongly"):
        extract([good, wrong], place / "rootfs")
    assert list((place / "rootfs").iterdir()) == []
    with pytest.raises(TarInvalid):
        extract([good, as_layer(file("a") + b"x" * 512)], place / "rootfs")
    assert list((place / "rootfs").iterdir()) == []


@needs_root
def test_a_disk_that_is_full(place: Path) -> None:
    """
    It is told with the path; no file is left half-written, and what was there stays.
    """
    made = as_layer(archive("a", "d/b", ("d/c", bytes(4 << 20))))
    for name in ("empty", "full"):
        (place / name).mkdir()
        command = ("mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place / name))
        if subprocess.run(command, capture_output=True).returncode:
            unavailable("this system does not let us mount a small disk")
    try:
        (place / "full/mine").write_bytes(b"mine")
        for name, left in {"empty": [], "full": ["a", "b", "d", "mine"]}.items():
            with pytest.raises(FileUnwritable, match=r"'d/c': cannot be written: No space left"):
                extract([made], place / name)
            assert sorted(path.name for path in (place / name).rglob("*")) == left
        assert (place / "full/mine").read_bytes() == b"mine"
    finally:
        for name in ("empty", "full"):
            subprocess.run(("umount", str(place / name)), check=True)


@needs_root
def test_files_that_may_not_grow(place: Path) -> None:
    """
    A limit of the caller's is told as a full disk is.
    """
    made = as_layer(archive("a", ("b", bytes(1 << 20))))

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))
        extract([made], place / "rootfs")

    with pytest.raises(FileUnwritable, match="'b': cannot be written: File too large"):
        as_nobody(limited)
    assert list((place / "rootfs").iterdir()) == []


def test_more_than_one_pass(place: Path) -> None:
    """
    What was written before it was known to be wrong is gone.
    """
    layers = [
        archive(("f", b"1"), link("l", "f"), symlink("s", "d")),
        archive(".wh.f", "s/x", "s/x"),
    ]
    extract([as_layer(each) for each in layers], place / "rootfs")
    assert sorted(p.name for p in (place / "rootfs").rglob("*")) == ["d", "l", "s", "x"]
    assert (place / "rootfs/l").read_bytes() == b"1"
    assert (place / "rootfs/d/x").exists()
