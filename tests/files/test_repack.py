"""
What a changed root file system adds to the layers that it was extracted from.
"""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ocikit import media
from ocikit._records import FrozenMap
from ocikit.content.partial import image_of
from ocikit.files.extraction import extract
from ocikit.files.found import NameReserved
from ocikit.files.opener import FileMissing, FileUnreadable
from ocikit.files.repack import difference
from ocikit.spec.config import ConfigFile
from ocikit.testing.building import archive, directory, link, symlink
from ocikit.tree.entry import Entry
from ocikit.tree.filetree import load
from tests.files.places import ROOT, as_layer, as_nobody, as_root, open_place
from tests.tree.archives import entries

needs_root = pytest.mark.skipif(not ROOT, reason="only root gives files away")

TIME = 1_600_000_000
#: All that an ordinary user cannot have on disk, and the rest.
BELOW = archive(
    Entry(name="bin", kind="directory", mtime_ns=TIME * 10**9, mode=0o755),
    Entry(name="bin/su", mode=0o4755, mtime_ns=TIME * 10**9, uid=0),
    Entry(name="bin/ping", pax=FrozenMap({"SCHILY.xattr.trusted.a": b"1"}), uid=5, gid=6),
    Entry(name="dev", kind="directory", mode=0o755),
    Entry(name="dev/null", kind="char", devmajor=1, devminor=3, mode=0o666),
    Entry(name="home", kind="directory", mode=0o755, uid=1000, gid=100, uname="me", gname="us"),
    ("home/a", b"aaa"),
    ("home/b", b"bbb"),
    link("home/c", "home/b"),
    symlink("tmp", "home"),
)


@pytest.fixture
def place() -> Iterator[Path]:
    """
    Give a folder that others may enter.
    """
    with open_place() as made:
        made.chmod(0o777)
        yield made


def told(folder: Path, *below: bytes, **options: Any) -> list[Entry]:
    """
    Give the members of the difference.
    """
    made = difference(folder, [as_layer(each) for each in below or (BELOW,)], **options)
    return entries(made.uncompressed().read())


def named(folder: Path, *below: bytes, **options: Any) -> list[str]:
    """
    Give their names.
    """
    return [entry.name for entry in told(folder, *below, **options)]


def extracted(place: Path, *layers: bytes) -> Path:
    """
    Extract layers.
    """
    extract([as_layer(each) for each in layers or (BELOW,)], place / "rootfs")
    return place / "rootfs"


def test_a_member_for_each_change(place: Path) -> None:
    """
    What is gone, new, other; directories too, where their times are others.
    """
    folder = extracted(place)
    (folder / "home/a").unlink()
    os.utime(folder / "home", (0, 0))
    (folder / "bin/new").write_bytes(b"new")
    (folder / "tmp").unlink()
    (folder / "tmp").mkdir()
    marks = ["home/.wh.a", ".wh.tmp"]
    assert named(folder, parents=False) == [*marks, "bin/", "bin/new", "tmp/"]
    assert named(folder) == [*marks, "bin/", "bin/new", "home/", "tmp/"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda file: file.touch(), ["home/a"]),
        (lambda file: file.chmod(0o600), ["home/a"]),
        (lambda file: file.write_bytes(b"longer"), ["home/a"]),
        (lambda file: os.setxattr(file, "user.a", b"1"), ["home/a"]),
        (lambda file: os.utime(file, ns=(0, 999_999_999)), []),
        (lambda file: os.utime(file, (-1, -1)), ["home/a"]),
    ],
)
def test_facts_tell(place: Path, change: Callable[[Path], object], expected: list[str]) -> None:
    """
    Times count to the second, for that is what the layer has.
    """
    folder = extracted(place)
    change(folder / "home/a")
    assert named(folder, parents=False) == expected


def test_nanoseconds_where_layers_have_them(place: Path) -> None:
    """
    They are compared, and written.
    """
    below = archive(Entry(name="a", mtime_ns=TIME * 10**9 + 5), Entry(name="b", mtime_ns=TIME))
    folder = extracted(place, below)
    assert named(folder, below) == []
    os.utime(folder / "a", ns=(0, TIME * 10**9 + 6))
    (folder / "b").chmod(0o600)
    (folder / "c").touch()
    os.utime(folder / "c", ns=(0, 7))
    found = {entry.name: entry.mtime_ns for entry in told(folder, below)}
    assert found == {"a": TIME * 10**9 + 6, "b": TIME, "c": 0}


def test_content_where_facts_do_not_tell(place: Path) -> None:
    """
    When asked for, or when times are no guide: ignored, or later than any may be.
    """
    folder = extracted(place)
    (folder / "home/a").write_bytes(b"AAA")
    (folder / "home/b").touch()
    times: dict[str, Any] = {"parents": False, "ignore": ["mtime_ns"]}
    assert named(folder, **times) == ["home/a"]
    assert named(folder, parents=False, epoch=0) == ["home/a"]
    assert named(folder, parents=False, ignore=["mtime_ns", "content"]) == []
    os.utime(folder / "home/a", (0, 0))
    assert named(folder, parents=False, contents=True) == ["home/a", "home/b", "home/c"]


def test_no_time_is_later_than_the_epoch(place: Path) -> None:
    """
    Those of layers may be, and are no difference.
    """
    folder = extracted(place)
    (folder / "bin/new").touch()
    (folder / "old").touch()
    os.utime(folder / "old", (5, 5))
    found = {entry.name: entry.mtime_ns for entry in told(folder, epoch=100)}
    assert found == {"bin/": 100 * 10**9, "bin/new": 100 * 10**9, "old": 5 * 10**9}


def test_what_is_excluded_stays(place: Path) -> None:
    """
    As it is below: neither written nor taken away, and no link to it is.
    """
    folder = extracted(place)
    for path in ("home/b", "bin/ping"):
        (folder / path).unlink()
    (folder / "home/new").touch()
    (folder / "dev/new").touch()
    assert named(folder, exclude=["home", "dev"], parents=False) == ["bin/.wh.ping", "bin/"]
    os.utime(folder / "home", (0, 0))
    assert named(folder, exclude=["b", "new", "ping", "/bin", "dev"], parents=False) == []


def test_hard_links(place: Path) -> None:
    """
    A new name is written with the old ones, unless names are ignored.
    """
    folder = extracted(place)
    os.link(folder / "home/a", folder / "home/d")
    os.utime(folder / "home", (0, 0))
    found = [(entry.name, entry.linkname) for entry in told(folder, parents=False)]
    assert found == [("home/a", ""), ("home/d", "home/a")]
    (folder / "home/d").unlink()
    (folder / "home/c").unlink()
    (folder / "home/c").write_bytes(b"bbb")
    for name in ("home/c", "home"):
        os.utime(folder / name, (0, 0))
    assert named(folder, parents=False) == ["home/c"]
    assert named(folder, parents=False, ignore=["links"]) == []


@needs_root
@pytest.mark.parametrize("who", [as_root, as_nobody])
def test_what_only_root_can_have(place: Path, who: Callable[[Callable[[], Any]], Any]) -> None:
    """
    Devices, owners, set-id bits and attributes are there without being on disk.
    """
    folder = place / "rootfs"
    who(lambda: extract([as_layer(BELOW)], folder))
    assert who(lambda: named(folder)) == []

    def change() -> list[Entry]:
        (folder / "bin/ping").chmod(0o700)
        (folder / "bin/su").chmod(0o4711 if os.geteuid() == 0 else 0o711)
        (folder / "home/new").touch()
        (folder / "home/a").write_bytes(b"new")
        return told(folder)

    found = {entry.name: entry for entry in who(change)}
    assert list(found) == ["bin/", "bin/ping", "bin/su", "home/", "home/a", "home/new"]
    ping, new = found["bin/ping"], found["home/new"]
    assert (ping.uid, ping.gid, ping.mode, dict(ping.xattrs)) == (5, 6, 0o700, {"trusted.a": b"1"})
    assert (new.uid, new.gid) == (0, 0)


@needs_root
def test_rights_do_not_outlive_content(place: Path) -> None:
    """
    Trap: who is not root writes a program; it must not be setuid of root in the image.
    """
    folder = place / "rootfs"
    below = archive(
        Entry(name="su", mode=0o4755, pax=FrozenMap({"SCHILY.xattr.trusted.a": b"1"})),
        Entry(name="sg", mode=0o2755),
    )
    as_nobody(lambda: extract([as_layer(below)], folder))

    def change() -> list[Entry]:
        (folder / "su").write_bytes(b"evil")
        os.utime(folder / "sg", (1, 1))
        return told(folder, below)

    found = {entry.name: entry for entry in as_nobody(change)}
    assert (found["su"].mode, found["su"].xattrs) == (0o755, {})
    # A time that is another may stand for other content too.
    assert found["sg"].mode == 0o755


def test_directories_that_no_layer_speaks_of(place: Path) -> None:
    """
    They have no time that could be another; the folder itself is not compared.
    """
    below = archive("a/b/c")
    folder = extracted(place, below)
    folder.chmod(0o711)
    assert named(folder, below) == []
    (folder / "a/b").chmod(0o700)
    (folder / "a/d").touch()
    assert named(folder, below) == ["a/b/", "a/d"]
    spoken = archive(directory("./", 0o700), "a")
    folder = extracted(place / "other", spoken)
    folder.chmod(0o711)
    assert named(folder, spoken) == ["./"]


def test_names_that_are_marks_in_layers(place: Path) -> None:
    """
    Trap: written, it would take away its neighbour.
    """
    folder = extracted(place)
    (folder / "home/.wh.a").touch()
    with pytest.raises(NameReserved, match="rename or exclude it"):
        told(folder)
    os.utime(folder / "home", (0, 0))
    assert named(folder, exclude=[".wh.*"]) == []


def test_sockets_are_not_there(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    One in the place of a file takes it away.
    """
    folder = extracted(place)
    (folder / "home/a").unlink()
    monkeypatch.chdir(folder / "home")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("a")
        os.utime(folder / "home", (0, 0))
        assert named(folder, parents=False) == ["home/.wh.a"]


def test_folders_that_are_none(place: Path) -> None:
    """
    A misspelt path must not take everything away.
    """
    with pytest.raises(FileMissing, match="none"):
        told(place / "none")
    (place / "file").touch()
    with pytest.raises(FileUnreadable, match="no folder"):
        told(place / "file")


def test_of_an_image_or_a_tree(place: Path) -> None:
    """
    What was loaded already is not read again; links of the folder itself are followed.
    """
    folder = extracted(place)
    (folder / "home/a").chmod(0o600)
    (place / "link").symlink_to("rootfs")
    image = image_of(ConfigFile(os="linux", architecture="amd64"), [as_layer(BELOW)])
    made = difference(place / "link", image, docker=True)
    assert made == difference(folder, load(image.layers), docker=True)
    assert made.media_type == media.DOCKER_LAYER_GZIP
    extract([*image.layers, made], place / "again")
    assert stat.S_IMODE((place / "again/home/a").stat().st_mode) == 0o600
