"""
A whole file system, extracted, changed, and packed again on top of its image.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ocikit import layout
from ocikit.content.image import Image
from ocikit.content.partial import image_of
from ocikit.files.extraction import extract
from ocikit.files.layer import layer as folder_layer
from ocikit.files.repack import difference
from ocikit.mutate.layers import append
from ocikit.spec.config import ConfigFile
from ocikit.tree.tarheader import END
from tests.files.places import as_nobody, open_place, seen
from tests.real.process import Command
from tests.tree.archives import named

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def debian(rootfs: Path) -> Image:
    """
    An image of one layer, a whole Debian.
    """
    config = ConfigFile(os="linux", architecture="amd64")
    return image_of(config, [folder_layer(rootfs, xattrs=True)])


def _change(root: Path) -> None:
    """
    Do a little of everything that is done to a system.
    """
    shutil.rmtree(root / "usr/share/doc")
    shutil.move(root / "etc/apt", root / "etc/apt.old")
    (root / "etc/hostname").write_text("elsewhere\n")
    users = (root / "etc/passwd").read_text()
    (root / "etc/passwd").write_text(users + "me:x:1000:1000::/:/bin/sh\n")
    os.link(root / "etc/passwd", root / "etc/passwd.same")
    (root / "bin/bash").unlink()
    (root / "bin/bash").symlink_to("dash")
    os.chown(root / "usr/bin/passwd", 1, 2)
    (root / "usr/bin/passwd").chmod(0o4711)
    os.setxattr(root / "usr/bin/env", "trusted.a", b"\0\1")
    os.mknod(root / "dev/fuse", 0o20666, os.makedev(10, 229))
    os.mkfifo(root / "run/pipe")
    (root / "var/tmp").rmdir()
    (root / "var/tmp").write_text("no folder any more")
    (root / "usr/games").rmdir()
    (root / "usr/games").symlink_to("bin")


def test_changes_make_a_round_trip(debian: Image, umoci: Command, tmp_path: Path) -> None:
    """
    Extracted, changed, packed, appended, extracted: by us and by umoci the same folder.
    """
    folder = tmp_path / "changed"
    extract(debian, folder)
    assert difference(folder, debian).uncompressed().read() == END
    assert difference(folder, debian, contents=True).uncompressed().read() == END
    _change(folder)
    made = difference(folder, debian)
    assert 20 < len(named(made.uncompressed().read())) < 60
    image = append(debian, made)
    assert extract(image, tmp_path / "ours") == ()
    layout.flush(tmp_path / "layout", image, reference="v1", durable=False)
    umoci("unpack", "--image", f"{tmp_path}/layout:v1", tmp_path / "bundle")
    changed, ours, theirs = (seen(tmp_path / name) for name in ("changed", "ours", "bundle/rootfs"))
    for found in (changed, ours, theirs):
        # Nobody speaks of the folder itself.
        del found["."]
    assert {path for path in changed if changed[path] != ours.get(path)} == set()
    assert changed.keys() == ours.keys()
    assert {path for path in changed if changed[path] != theirs.get(path)} == set()
    assert changed.keys() == theirs.keys()


def test_what_umoci_unpacked_can_be_packed(debian: Image, umoci: Command, tmp_path: Path) -> None:
    """
    Nothing differs: its notes and ours agree on every fact.
    """
    layout.flush(tmp_path / "layout", debian, reference="v1", durable=False)
    umoci("unpack", "--image", f"{tmp_path}/layout:v1", tmp_path / "bundle")
    assert difference(tmp_path / "bundle/rootfs", debian).uncompressed().read() == END


def test_without_rights(debian: Image) -> None:
    """
    Who is nobody extracts, changes one file and packs it: all else stays root's.
    """
    with open_place() as place:
        place.chmod(0o777)

        def change() -> tuple[bytes, bytes]:
            extract(debian, place / "mine")
            before = difference(place / "mine", debian)
            (place / "mine/etc/hostname").write_text("mine\n")
            after = difference(place / "mine", debian)
            return before.uncompressed().read(), after.uncompressed().read()

        before, after = as_nobody(change)
    assert before == END
    assert named(after) == ["etc/", "etc/hostname"]
