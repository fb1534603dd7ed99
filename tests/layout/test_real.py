"""
Layouts as other tools read and write them.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from random import Random

import pytest

from ocikit import layout, media
from ocikit.content import synthetic
from ocikit.content.compression import Zstd
from ocikit.content.image import Image, Index
from ocikit.content.partial import image_of
from ocikit.files.layer import layer
from ocikit.spec.config import ConfigFile
from ocikit.spec.layout import REF_NAME
from tests.real.process import Command

pytestmark = pytest.mark.real


def test_skopeo_copies_what_we_wrote_and_we_read_its_copy(
    skopeo: Command, busybox: Image, tmp_path: Path
) -> None:
    """
    Through skopeo and back the image has the same digest, and all its content.
    """
    layout.flush(tmp_path / "ours", busybox, reference="v1")
    skopeo("copy", f"oci:{tmp_path}/ours:v1", f"oci:{tmp_path}/theirs:v2")
    found = layout.load(tmp_path / "theirs", "v2")
    assert found == busybox
    assert isinstance(found, Image)
    assert found.layers[0].blob.open().read() == busybox.layers[0].blob.open().read()
    inspected = json.loads(skopeo("inspect", f"oci:{tmp_path}/ours:v1"))
    assert inspected["Layers"] == [str(layer.digest) for layer in busybox.layers]


def test_skopeo_copies_indexes_both_ways(skopeo: Command, tmp_path: Path) -> None:
    """
    All platforms of an index go through, with the digest of the index.
    """
    index = synthetic.index(Random(1), layers=2)
    layout.flush(tmp_path / "ours", index, reference="v1")
    skopeo("copy", "--all", f"oci:{tmp_path}/ours:v1", f"oci:{tmp_path}/theirs:v1")
    found = layout.load(tmp_path / "theirs", "v1")
    assert isinstance(found, Index)
    assert found == index
    assert [child.content for child in found.children] == [c.content for c in index.children]


def test_flush_into_a_layout_of_skopeo_s(skopeo: Command, busybox: Image, tmp_path: Path) -> None:
    """
    Both tools write into one layout, and each still reads what the other wrote.
    """
    layout.flush(tmp_path / "first", busybox, reference="v1")
    skopeo("copy", f"oci:{tmp_path}/first:v1", f"oci:{tmp_path}/both:theirs")
    other = synthetic.image(Random(1))
    layout.flush(tmp_path / "both", other, reference="ours")
    skopeo("copy", f"oci:{tmp_path}/both:ours", f"oci:{tmp_path}/last:a")
    skopeo("copy", f"oci:{tmp_path}/both:theirs", f"oci:{tmp_path}/last:b")
    assert layout.load(tmp_path / "last", "a") == other
    assert layout.load(tmp_path / "last", "b") == busybox


def test_umoci_unpacks_and_we_read_what_it_made(
    umoci: Command, busybox: Image, tmp_path: Path
) -> None:
    """
    umoci unpacks our image to the files it was made of, and repacks it to one we read.
    """
    layout.flush(tmp_path / "out", busybox, reference="v1")
    umoci("unpack", "--image", f"{tmp_path}/out:v1", tmp_path / "bundle")
    assert (tmp_path / "bundle/rootfs/bin/sh").readlink() == Path("busybox")
    (tmp_path / "bundle/rootfs/new").write_text("new")
    umoci("repack", "--image", f"{tmp_path}/out:v2", tmp_path / "bundle")
    found = layout.load(tmp_path / "out", "v2")
    assert isinstance(found, Image)
    assert len(found.layers) == 2
    assert found.layers[0] == busybox.layers[0]
    assert b"new\0" in found.layers[1].uncompressed().read()
    assert layout.load(tmp_path / "out", "v1") == busybox


def test_umoci_s_gc_and_ours_agree(umoci: Command, busybox: Image, tmp_path: Path) -> None:
    """
    After ours there is nothing left for umoci's to remove.
    """
    layout.flush(tmp_path, busybox, reference="v1")
    layout.flush(tmp_path, synthetic.image(Random(1)), reference="v2")
    layout.remove(tmp_path, "v2")
    assert len(layout.gc(tmp_path)) == 3
    before = sorted(os.listdir(tmp_path / "blobs/sha256"))
    umoci("gc", "--layout", tmp_path)
    assert sorted(os.listdir(tmp_path / "blobs/sha256")) == before
    assert layout.load(tmp_path, "v1") == busybox


def test_zstd_layers_through_skopeo(
    skopeo: Command, busybox_layer_tree: Path, tmp_path: Path
) -> None:
    """
    skopeo copies zstd layers as they are.
    """
    made = layer(busybox_layer_tree, compression=Zstd())
    image = image_of(ConfigFile(os="linux", architecture="amd64"), [made])
    layout.flush(tmp_path / "ours", image, reference="v1")
    skopeo("copy", f"oci:{tmp_path}/ours:v1", f"oci:{tmp_path}/theirs:v1")
    found = layout.load(tmp_path / "theirs", "v1")
    assert found == image
    assert image.layers[0].media_type == media.OCI_LAYER_ZSTD


def test_debian_unpacks_to_what_it_was(rootfs: Path, umoci: Command, tmp_path: Path) -> None:
    """
    A whole Debian, packed by us and unpacked by umoci, is the same tree: content, links,
    owners, permissions, times, and which names are one file.
    """
    image = image_of(ConfigFile(os="linux", architecture="amd64"), [layer(rootfs, xattrs=True)])
    layout.flush(tmp_path / "out", image, reference="debian")
    umoci("unpack", "--image", f"{tmp_path}/out:debian", tmp_path / "bundle")
    there = tmp_path / "bundle/rootfs"
    differences = subprocess.run(
        ["diff", "--recursive", "--no-dereference", "--brief", rootfs, there],
        capture_output=True,
        text=True,
    )
    # Device nodes are no content to compare.
    real = [line for line in differences.stdout.splitlines() if "special file" not in line]
    assert real == []
    ours, theirs = _facts(rootfs), _facts(there)
    assert ours == theirs
    assert any(fact[-1] > 1 for fact in ours.values())
    (entry,) = layout.entries(tmp_path / "out")
    assert entry.annotations == {REF_NAME: "debian"}


def _facts(root: Path) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            info = os.lstat(path)
            is_folder = os.path.isdir(path) and not os.path.islink(path)
            found[os.path.relpath(path, root)] = (
                info.st_mode,
                info.st_uid,
                info.st_gid,
                info.st_rdev,
                int(info.st_mtime),
                1 if is_folder else info.st_nlink,
            )
    return found
