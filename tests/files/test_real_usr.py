"""
The files of the machine that the tests run on: whatever its makers put there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

from ocikit.content.build import build_layer
from ocikit.content.partial import image_of
from ocikit.files.extraction import extract
from ocikit.files.layer import layer
from ocikit.files.repack import difference
from ocikit.query.validate import validate
from ocikit.spec.config import ConfigFile
from ocikit.tree.difference import compare
from ocikit.tree.filetree import load
from ocikit.tree.overlay import merge_into
from ocikit.tree.tarheader import END
from tests.files.places import ROOT, seen

USR: Final = Path("/usr")
#: Python's own library takes seconds, what CI looks at a minute, and all of it many.
PARTS: Final = {
    **dict(zip(["python"], sorted(USR.glob("lib/python3.*")), strict=False)),
    **({"share": USR / "share"} if os.environ.get("OCIKIT_REQUIRE_REAL") == "1" else {}),
    **({"all": USR} if os.environ.get("OCIKIT_WHOLE_USR") == "1" else {}),
}


@pytest.mark.real
@pytest.mark.skipif(not ROOT, reason="only root gives files away")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", PARTS)
def test_usr_comes_back(part: str, tmp_path: Path) -> None:
    """
    A layer of it is valid, flat already, and extracts to the same files.
    """
    folder = PARTS[part]
    made = layer(folder, xattrs=True)
    image = image_of(ConfigFile(os="linux", architecture="amd64"), [made])
    assert validate(image) == ()
    flat = merge_into([made], build_layer)
    assert flat.diff_id == made.diff_id
    tree = load([made])
    assert compare(tree, load([flat])) == ()
    assert extract(image, tmp_path / "ours") == ()
    before, after = seen(folder), seen(tmp_path / "ours")
    del before["."], after["."]
    assert len(before) == len(tree.files) - 1
    assert {path for path in before if before[path] != after.get(path)} == set()
    assert before.keys() == after.keys()
    assert difference(tmp_path / "ours", tree).uncompressed().read() == END
