"""
Whole file systems, extracted by us and by umoci.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from ocikit import layout
from ocikit.content.partial import image_of
from ocikit.files.extract import extract
from ocikit.files.layer import layer as folder_layer
from ocikit.spec.config import ConfigFile
from tests.files.places import as_layer
from tests.real.process import Command
from tests.tree.stacks import directory, layer, link, symlink

pytestmark = pytest.mark.real

#: On top of Debian: what is gone, replaced, linked, and put through links of the base.
CHANGES = layer(
    "usr/share/.wh.doc",
    directory("etc/apt", 0o711),
    "etc/apt/.wh..wh..opq",
    ("etc/apt/new", b"new"),
    ("lib/through-a-link", b"1"),
    "bin/.wh.bash",
    ("etc/passwd", b"root:x:0:0::/:/bin/sh"),
    link("etc/passwd-", "etc/passwd"),
    symlink("var", "/srv"),
    ("var/lib/there", b"2"),
)


def _seen(folder: Path) -> dict[str, tuple[Any, ...]]:
    """
    Take down every fact of every file.
    """
    found: dict[str, tuple[Any, ...]] = {}
    names: dict[tuple[int, int], list[str]] = {}
    for path in [folder, *folder.rglob("*")]:
        info = path.lstat()
        content = ""
        if stat.S_ISREG(info.st_mode):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        elif path.is_symlink():
            content = os.readlink(path)
        attributes = {
            name: os.getxattr(path, name, follow_symlinks=False)
            for name in os.listxattr(path, follow_symlinks=False)
            # umoci keeps notes of its own.
            if not name.startswith("user.umoci")
        }
        same = names.setdefault((info.st_dev, info.st_ino), [])
        same.append(str(path.relative_to(folder)))
        facts = (info.st_mode, info.st_uid, info.st_gid, info.st_rdev, content, attributes)
        found[same[-1]] = (*facts, int(info.st_mtime), same)
    return {path: (*facts, sorted(same)) for path, (*facts, same) in found.items()}


def test_we_extract_what_umoci_does(umoci: Command, rootfs: Path, tmp_path: Path) -> None:
    """
    A whole Debian, and a layer of changes upon it: every fact of every file.
    """
    base = folder_layer(rootfs, xattrs=True)
    image = image_of(ConfigFile(os="linux", architecture="amd64"), [base, as_layer(CHANGES)])
    layout.flush(tmp_path / "layout", image, reference="v1", durable=False)
    umoci("unpack", "--image", f"{tmp_path}/layout:v1", tmp_path / "bundle")
    assert extract(image, tmp_path / "ours") == ()
    theirs, ours = _seen(tmp_path / "bundle/rootfs"), _seen(tmp_path / "ours")
    # Times of folders that no layer speaks of, or that umoci went into by way of a link.
    for path in (".", "srv", "srv/lib"):
        facts = [found.pop(path)[:6] for found in (ours, theirs)]
        assert facts[0] == facts[1]
    assert {path for path in ours if ours[path] != theirs.get(path)} == set()
    assert theirs.keys() == ours.keys()
    assert len(ours) > 5000


def test_debian_comes_back(rootfs: Path, tmp_path: Path) -> None:
    """
    A folder, made a layer and extracted again, is the same folder.
    """
    assert extract([folder_layer(rootfs, xattrs=True)], tmp_path / "ours") == ()
    before, after = _seen(rootfs), _seen(tmp_path / "ours")
    # The folder itself is no member, and sockets cannot be.
    del before["."], after["."]
    assert before == after
