"""
Changes of a whole Debian, as umoci unpacks what came of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ocikit import layout, mutate
from ocikit.content.image import Image
from ocikit.content.partial import image_of
from ocikit.files.layer import layer as folder_layer
from ocikit.spec.config import ConfigFile
from ocikit.testing.building import archive, directory, link
from tests.files.places import as_layer, seen
from tests.real.process import Command

pytestmark = pytest.mark.real

PLATFORM = ConfigFile(os="linux", architecture="amd64")
#: What was built on top: something gone, replaced, opaque, linked.
CHANGES = (
    archive("usr/bin/.wh.perl", directory("etc/apt", 0o711), "etc/apt/.wh..wh..opq", "etc/apt/new"),
    archive(directory("app"), ("app/run", b"1"), link("app/again", "app/run"), "app/key"),
)
GONE = ("usr/share/doc", "usr/share/man", "app/run", "app/key", "etc/apt", "**/*.pl")


def unpacked(umoci: Command, image: Image, where: Path) -> dict[str, Any]:
    """
    Let umoci unpack an image, and take down every fact of every file.
    """
    layout.flush(where / "layout", image, reference="v1", durable=False)
    umoci("unpack", "--image", f"{where}/layout:v1", where / "bundle")
    return seen(where / "bundle/rootfs")


def test_other_tools_see_what_is_left(umoci: Command, rootfs: Path, tmp_path: Path) -> None:
    """
    All but the paths that were removed, flattened or not; links among them.
    """
    base = image_of(PLATFORM, [folder_layer(rootfs, xattrs=True)])
    image = mutate.append(base, *map(as_layer, CHANGES))
    made = mutate.remove_paths(image, *GONE)
    before, after = unpacked(umoci, image, tmp_path / "1"), unpacked(umoci, made, tmp_path / "2")
    tops = {path for path in GONE if "*" not in path}
    gone = {
        path
        for path in before
        if path.endswith(".pl") or any(path == top or path.startswith(top + "/") for top in tops)
    }
    assert before.keys() - after.keys() == gone
    assert len(gone) > 500
    assert after.pop("app/again")[-1] == ["app/again"]
    assert {path for path in after if after[path] != before[path]} <= {"."}
    flat = unpacked(umoci, mutate.flatten(made), tmp_path / "3")
    assert {path for path in after if flat[path] != after[path]} <= {"."}
    assert made.layers[0] != image.layers[0]
    assert mutate.remove_paths(image, "nowhere") is image


def test_other_tools_see_what_was_rebased(umoci: Command, rootfs: Path, tmp_path: Path) -> None:
    """
    What was built on one base is as if it had been built on the other.
    """
    old = image_of(PLATFORM, [folder_layer(rootfs / "etc", into="/etc")])
    new = image_of(PLATFORM, [folder_layer(rootfs, xattrs=True)])
    top = tuple(map(as_layer, CHANGES))
    made = mutate.canonical(mutate.rebase(mutate.append(old, *top), old, new))
    expected = mutate.canonical(mutate.append(new, *top))
    assert made.layers == expected.layers
    assert len(unpacked(umoci, made, tmp_path)) > 5000
