"""
Layers from folders and files: deterministic, faithful, and safe from what is in between.
"""

from __future__ import annotations

import io
import os
import socket
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ocikit import media
from ocikit.content.compression import Gzip, Plain, Zstd
from ocikit.content.layer import Layer
from ocikit.files.folder import FileChanged, Rules, TargetInvalid, archive
from ocikit.files.layer import layer
from ocikit.files.opener import FileMissing
from tests.real.process import Command, unavailable


def members(made: Layer) -> dict[str, tarfile.TarInfo]:
    """
    Read a layer's members by name, in order.
    """
    with tarfile.open(fileobj=io.BytesIO(made.uncompressed().read())) as tar:
        return {member.name: member for member in tar.getmembers()}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """
    A little of everything that a tree can hold.
    """
    root = tmp_path / "tree"
    (root / "b/deep").mkdir(parents=True)
    (root / "b/deep/file").write_bytes(b"x" * 3_000_000)
    (root / "b-file").write_text("small")
    (root / "a").write_text("#!/bin/sh")
    (root / "a").chmod(0o4755)
    os.link(root / "a", root / "z-same")
    (root / "link").symlink_to("/nowhere/in/particular")
    os.mkfifo(root / "pipe")
    (root / "ümläut").write_text("x")
    (root / ("long" * 60)).write_text("x")
    Path(os.fsdecode(os.fsencode(root) + b"/not-\xff-utf8")).write_text("x")
    for path in [root, *root.rglob("*")]:
        os.utime(path, ns=(10**18, 10**18 + 999_999_999), follow_symlinks=False)
    return root


def test_order_is_by_bytes_parents_first(tree: Path) -> None:
    """
    Names are sorted by their bytes in each folder, whatever order the disk gives.
    """
    assert list(members(layer(tree))) == [
        *("a", "b", "b/deep", "b/deep/file", "b-file", "link", "long" * 60),
        *("not-\udcff-utf8", "pipe", "z-same", "ümläut"),
    ]


def test_members_are_what_is_on_disk(tree: Path) -> None:
    """
    Kinds, permissions, owners, times, sizes and targets are kept; names of owners are not.
    """
    found = members(layer(tree))
    a, same = found["a"], found["z-same"]
    assert (a.mode, a.size, a.uid, a.uname) == (0o4755, 9, os.getuid(), "")
    assert a.mtime == 10**9
    assert (same.islnk(), same.linkname, same.size) == (True, "a", 0)
    assert (found["link"].issym(), found["link"].linkname) == (True, "/nowhere/in/particular")
    assert found["pipe"].isfifo()
    assert found["b/deep/file"].size == 3_000_000


@pytest.mark.skipif(os.getuid() != 0, reason="only root makes device nodes")
def test_devices_keep_their_numbers(tmp_path: Path) -> None:
    """
    Root file systems may hold device nodes.
    """
    os.mknod(tmp_path / "null", 0o20666, os.makedev(1, 3))
    (found,) = members(layer(tmp_path)).values()
    assert (found.ischr(), found.devmajor, found.devminor) == (True, 1, 3)


def test_sockets_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    No archive can hold one.
    """
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(tmp_path)
        server.bind("s")
        assert members(layer(tmp_path)) == {}


def test_same_tree_same_layer(tree: Path, tmp_path: Path) -> None:
    """
    Another copy, made in another order at another time, gives the same digest.
    """
    other = tmp_path / "other"
    other.mkdir()
    for path in sorted(tree.rglob("*"), reverse=True):
        target = other / path.relative_to(tree)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            target.symlink_to(path.readlink())
        elif path.is_fifo():
            os.mkfifo(target)
        elif path.is_file() and path.name != "z-same":
            target.write_bytes(path.read_bytes())
            target.chmod(path.stat().st_mode & 0o7777)
    os.link(other / "a", other / "z-same")
    options: dict[str, Any] = {"epoch": 0, "owner": (1, 2)}
    one, two = layer(tree, **options), layer(other, **options)
    assert (one.digest, one.diff_id) == (two.digest, two.diff_id)
    assert layer(tree, epoch=1).digest != one.digest


def test_epoch_clamps_and_owner_replaces(tree: Path) -> None:
    """
    Times later than the epoch become it, earlier ones stay (reproducible-builds.org).
    """
    os.utime(tree / "a", (5, 5))
    found = members(layer(tree, epoch=100, owner=(7, 8)))
    assert {member.mtime for member in found.values()} == {5, 100}
    assert {(member.uid, member.gid) for member in found.values()} == {(7, 8)}


def test_mode_keeps_what_can_be_run(tree: Path) -> None:
    """
    One mode serves: files that nobody can run lose the execute bits, and none stays setuid.
    """
    found = members(layer(tree, mode=0o755))
    assert (found["a"].mode, found["b"].mode, found["b-file"].mode) == (0o755, 0o755, 0o644)
    assert found["link"].mode == 0o777


def test_into_a_folder(tree: Path) -> None:
    """
    What leads to the target is written, with the permissions that such folders have.
    """
    found = members(layer(tree, into="/var//tmp/./app/", epoch=9))
    names = ["var", "var/tmp", "var/tmp/app"]
    assert list(found)[:4] == [*names, "var/tmp/app/a"]
    assert [found[name].mode for name in names] == [0o755, 0o1777, 0o755]
    assert [found[name].mtime for name in names] == [9, 9, 9]
    bare = members(layer(tree, into="var/tmp/app", parents=False))
    assert next(iter(bare)) == "var/tmp/app/a"
    assert bare["var/tmp/app/z-same"].linkname == "var/tmp/app/a"


@pytest.mark.parametrize("into", ["../up", "a/../b", "nul\0"])
def test_target_cannot_leave(tree: Path, into: str) -> None:
    """
    A layer holds nothing above its root.
    """
    with pytest.raises(TargetInvalid):
        layer(tree, into=into)


def test_permissions_of_the_folder_itself_do_not_count(tmp_path: Path) -> None:
    """
    A temporary folder is 0700; were it a member, nobody but root could use the image.
    """
    (tmp_path / "file").touch()
    tmp_path.chmod(0o700)
    assert list(members(layer(tmp_path))) == ["file"]


def test_one_file(tree: Path) -> None:
    """
    A file goes into the folder, under its own name; so does a link.
    """
    assert list(members(layer(tree / "a", into="bin"))) == ["bin", "bin/a"]
    assert members(layer(tree / "link"))["link"].issym()


@pytest.mark.parametrize(
    ("exclude", "gone"),
    [
        (["b"], {"b", "b/deep", "b/deep/file"}),
        (["/b/deep/"], {"b/deep", "b/deep/file"}),
        (["b/*"], {"b/deep", "b/deep/file"}),
        (["file", "*-file"], {"b/deep/file", "b-file"}),
        (["[a-z]"], {"a", "b", "b/deep", "b/deep/file"}),
        (lambda path: path.startswith("b"), {"b", "b/deep", "b/deep/file", "b-file"}),
    ],
)
def test_exclude(tree: Path, exclude: list[str] | Callable[[str], bool], gone: set[str]) -> None:
    """
    A pattern without a slash is a name at any depth; folders go with what is in them.
    """
    assert set(members(layer(tree))) - set(members(layer(tree, exclude=exclude))) == gone


def test_excluded_first_name_of_a_file(tree: Path) -> None:
    """
    A hard link never refers to what was left out.
    """
    found = members(layer(tree, exclude=["a"]))
    assert (found["z-same"].isreg(), found["z-same"].size) == (True, 9)


def test_xattrs_when_asked(tmp_path: Path) -> None:
    """
    Capabilities and user attributes are kept; labels of this machine are not.
    """
    (tmp_path / "file").touch()
    try:
        os.setxattr(tmp_path / "file", "user.b", b"\0\xff")
        os.setxattr(tmp_path / "file", "user.a", b"")
    except OSError:
        unavailable("the file system of temporary files has no user attributes")
    assert members(layer(tmp_path))["file"].pax_headers == {}
    kept = members(layer(tmp_path, xattrs=True))["file"].pax_headers
    assert list(kept) == ["SCHILY.xattr.user.a", "SCHILY.xattr.user.b"]


def test_file_that_grows_or_shrinks(tree: Path) -> None:
    """
    A layer of half an old and half a new file would be neither; it is refused.
    """
    for size in (2_000_000, 4_000_000):
        os.truncate(tree / "b/deep/file", 3_000_000)
        chunks = archive(tree / "b", Rules())
        next(chunks)
        os.truncate(tree / "b/deep/file", size)
        with pytest.raises(FileChanged, match="deep/file"):
            list(chunks)


def test_missing_folder(tmp_path: Path) -> None:
    """
    A misspelt path is not an empty layer.
    """
    with pytest.raises(FileMissing, match="none"):
        layer(tmp_path / "none")


@pytest.mark.parametrize(
    ("compression", "docker", "kind"),
    [
        (Gzip(), False, media.OCI_LAYER_GZIP),
        (Gzip(), True, media.DOCKER_LAYER_GZIP),
        (Zstd(), False, media.OCI_LAYER_ZSTD),
        (Plain(), True, media.DOCKER_LAYER),
    ],
)
def test_compression_and_media_type(
    tree: Path, compression: Gzip | Zstd | Plain, docker: bool, kind: str
) -> None:
    """
    The media type says what was done; the content is the same by all.
    """
    made = layer(tree, compression=compression, docker=docker)
    assert made.media_type == kind
    assert made.diff_id == layer(tree, compression=Gzip(9)).diff_id


@pytest.mark.real
def test_debian_is_what_tar_says(rootfs: Path, tmp_path: Path) -> None:
    """
    GNU tar finds no difference between a whole Debian and the layer made of it.
    """
    tar = Command(("tar", "--numeric-owner", "-C", os.fspath(rootfs)))
    with (tmp_path / "ours.tar").open("wb") as out:
        out.writelines(archive(rootfs, Rules(xattrs=True)))
    assert tar("--compare", "--file", tmp_path / "ours.tar") == ""
    tar("--create", "--file", tmp_path / "theirs.tar", ".")
    listings = [
        {line.rstrip("/") for line in tar("--list", "--file", tmp_path / name).splitlines()}
        for name in ("ours.tar", "theirs.tar")
    ]
    assert listings[0] == {name.removeprefix("./") for name in listings[1]} - {"."}
    links = [
        tar("-tv", "--file", tmp_path / name).count(" link to ")
        for name in ("ours.tar", "theirs.tar")
    ]
    assert links[0] == links[1] > 0
