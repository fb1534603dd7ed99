"""
One file of an image, replaced or added by a layer on top.
"""

from __future__ import annotations

import pytest

from ocikit import media
from ocikit._records import FrozenMap, evolve
from ocikit.content.compression import Zstd
from ocikit.content.image import Image
from ocikit.content.streams import BytesOpener, Opener
from ocikit.crane.onefile import edit_file
from ocikit.crane.options import Options
from ocikit.mutate.settings import platform
from ocikit.query.validate import validate
from ocikit.testing.building import archive, directory, image, link, symlink
from ocikit.tree.entry import Entry
from ocikit.tree.filetree import PathMissing
from ocikit.tree.opened import NotAFile
from tests.crane.conftest import Reach
from tests.crane.filesystems import files, members
from tests.tree.archives import by_reader

XATTR = FrozenMap({"SCHILY.xattr.user.a": b"\x00\xff"})
MOTD = Entry(name="etc/motd", mode=0o640, uid=7, gid=8, uname="u", gname="g", pax=XATTR)
IMAGE = image(
    archive(directory("etc"), evolve(MOTD, size=0), symlink("link", "/etc/motd"), directory("d")),
    archive(symlink("var", "usr/var"), directory("usr"), symlink("dangling", "etc/new")),
)


def edited(old: Image, path: str, content: bytes, options: Options, **facts: object) -> Image:
    """
    Edit a file, and see that the result is a good image.
    """
    made = edit_file(old, path, lambda _: BytesOpener(content), options, **facts)  # type: ignore[arg-type]
    assert [each for each in validate(made) if each.severity == "error"] == []
    return made


def top(made: Image) -> list[tuple[Entry, bytes]]:
    """
    Give what is in the layer on top.
    """
    with made.layers[-1].uncompressed() as stream:
        return by_reader(stream.read())


@pytest.mark.parametrize("path", ["/etc/motd", "etc/motd", "./etc//motd", "link", "d/../link"])
def test_however_the_path_is_written(reach: Reach, path: str) -> None:
    """
    Trap: `/etc/motd` is `etc/motd`, and links lead to it; it is there once, as it was.
    """
    made = edited(IMAGE, path, b"hello", reach.options)
    ((entry, content),) = top(made)
    assert (entry, content) == (evolve(MOTD, size=5), b"hello")
    assert made.layers[:-1] == IMAGE.layers
    assert reach.notices == []
    assert len(made.config_file.history) == 3
    assert "motd" in made.config_file.history[-1].created_by or "link" in path


def test_nothing_changes_when_nothing_changes(reach: Reach) -> None:
    """
    The same content is no layer; another mode is one.
    """
    made = edited(IMAGE, "etc/motd", b"hello", reach.options, mtime=5)
    assert edited(made, "etc/motd", b"hello", reach.options, mtime=9) is made
    again = edited(made, "etc/motd", b"hello", reach.options, mode=0o600, owner=(1, 2))
    ((entry, _),) = top(again)
    assert (entry.mode, entry.uid, entry.gid, entry.uname) == (0o600, 1, 2, "")
    assert entry.mtime_ns == 5 * 10**9


def test_what_the_old_content_was(reach: Reach) -> None:
    """
    Whoever edits is given what is there, or nothing for a new file.
    """
    seen: list[bytes | None] = []

    def change(old: Opener | None) -> Opener:
        seen.append(None if old is None else old.open().read())
        return BytesOpener(b"x")

    made = edit_file(IMAGE, "etc/motd", change, reach.options)
    made = edit_file(made, "etc/motd", change, reach.options)
    edit_file(made, "new", change, reach.options)
    assert seen == [b"", b"x", None]


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("new", ["new"]),
        ("a/b/c", ["a/", "a/b/", "a/b/c"]),
        ("etc/x/y", ["etc/x/", "etc/x/y"]),
        ("var/lib/z", ["usr/var/", "usr/var/lib/", "usr/var/lib/z"]),
        ("dangling", ["etc/new"]),
    ],
)
def test_a_new_file(reach: Reach, path: str, names: list[str]) -> None:
    """
    Trap: it is 0644, and not to be run; folders that it needs are made; and it says so.
    """
    made = edited(IMAGE, path, b"x", reach.options, mtime=3)
    there = top(made)
    assert [entry.name for entry, _ in there] == names
    assert {(e.kind, e.mode, e.mtime_ns) for e, _ in there[:-1]} <= {
        ("directory", 0o755, 3 * 10**9)
    }
    assert (there[-1][0].mode, there[-1][0].uid) == (0o644, 0)
    assert reach.notices == [f"{path}: is new; mode 0644, owner 0:0"]


def test_all_names_of_a_file(reach: Reach) -> None:
    """
    Trap: who writes to a file with several names changes it under each.
    """
    old = image(archive(("a", b"1"), link("b", "a"), link("c", "a")))
    made = edited(old, "b", b"22", reach.options)
    assert [(e.name, e.kind, e.linkname) for e, _ in members(made)] == [
        ("b", "file", ""),
        ("a", "hardlink", "b"),
        ("c", "hardlink", "b"),
    ]
    assert files(made)["b"] == b"22"


@pytest.mark.parametrize("docker", [True, False])
def test_the_layer_fits_the_image(reach: Reach, docker: bool) -> None:
    """
    Trap: an OCI image gets no layer of Docker's types; it is compressed as the others.
    """
    made = edited(image(archive("a"), docker=docker), "b", b"", reach.options)
    assert media.is_docker(made.layers[-1].media_type) == docker
    zstd = edited(image(archive("a"), compression=Zstd()), "b", b"", reach.options)
    assert zstd.layers[-1].media_type == media.OCI_LAYER_ZSTD


def test_an_image_for_windows(reach: Reach) -> None:
    """
    Its files are where its containers look for them, and so is the new one.
    """
    old = platform(image(archive(directory("Files"), ("Files/a", b"1"))), "windows/amd64")
    made = edited(old, "/a", b"2", reach.options)
    assert reach.notices == []
    assert files(made)["Files/a"] == b"2"
    assert "MSWINDOWS.rawsd" in dict(top(made)[-1][0].pax)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("", NotAFile),
        ("/", NotAFile),
        ("etc", NotAFile),
        ("etc/motd/x", PathMissing),
        ("loop", PathMissing),
        ("tty", NotAFile),
    ],
)
def test_what_is_no_file(reach: Reach, path: str, error: type[Exception]) -> None:
    """
    A folder, a device, what is below a file, what goes round in circles.
    """
    tty = Entry(name="tty", kind="char", devmajor=5)
    old = image(archive(directory("etc"), "etc/motd", symlink("loop", "loop"), tty))
    with pytest.raises(error):
        edited(old, path, b"x", reach.options)
