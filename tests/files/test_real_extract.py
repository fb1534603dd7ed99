"""
Whole file systems, extracted by us and by umoci.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ocikit import layout
from ocikit.content.partial import image_of
from ocikit.files.extraction import extract
from ocikit.files.layer import layer as folder_layer
from ocikit.spec.config import ConfigFile
from ocikit.testing.building import archive, directory, link, symlink
from tests.files.places import as_layer, seen
from tests.real.process import Command

pytestmark = pytest.mark.real

#: On top of Debian: what is gone, replaced, linked, and put through links of the base.
CHANGES = archive(
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


def test_we_extract_what_umoci_does(umoci: Command, rootfs: Path, tmp_path: Path) -> None:
    """
    A whole Debian, and a layer of changes upon it: every fact of every file.
    """
    base = folder_layer(rootfs, xattrs=True)
    image = image_of(ConfigFile(os="linux", architecture="amd64"), [base, as_layer(CHANGES)])
    layout.flush(tmp_path / "layout", image, reference="v1", durable=False)
    umoci("unpack", "--image", f"{tmp_path}/layout:v1", tmp_path / "bundle")
    assert extract(image, tmp_path / "ours") == ()
    theirs, ours = seen(tmp_path / "bundle/rootfs"), seen(tmp_path / "ours")
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
    before, after = seen(rootfs), seen(tmp_path / "ours")
    # The folder itself is no member, and sockets cannot be.
    del before["."], after["."]
    assert before == after
