"""
`ocikit layout`: what is in one, cleaned up and mended.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from ocikit import layout
from ocikit.content import synthetic
from ocikit.content.image import Image
from tests.cli.running import done, run


@pytest.fixture
def image(tmp_path: Path) -> Image:
    """
    An image that the layout `out` holds, and beside it one without a name.
    """
    made = synthetic.image(Random(1), layers=1)
    layout.flush(tmp_path / "out", made, reference="v1")
    layout.flush(tmp_path / "out", synthetic.image(Random(2), layers=1))
    return made


def test_list_names_each_as_a_place(tmp_path: Path, image: Image) -> None:
    """
    What is printed can be given to any command.
    """
    lines = done("layout", "list", tmp_path / "out").lines
    places = [line.split("\t")[0] for line in lines]
    assert places == [f"oci:{tmp_path}/out:v1", f"oci:{tmp_path}/out:@1"]
    for place, line in zip(places, lines, strict=True):
        assert done("digest", place).lines == [line.split("\t")[1]]
    told = done("layout", "list", f"oci:{tmp_path}/out", "--output", "json").objects
    assert [each["name"] for each in told] == ["v1", None]
    assert told[0]["digest"] == str(image.digest)


def test_remove_and_gc(tmp_path: Path, image: Image) -> None:
    """
    What is taken out is told, and deleted only by gc, which tells it before.
    """
    place = f"oci:{tmp_path}/out:v1"
    assert done("layout", "remove", place).lines == [str(image.digest)]
    assert run("layout", "remove", place).code == 3
    for young in (("--older-than", "1h"), ("--grace", "3600"), ("--older-than", "3600")):
        assert done("layout", "gc", *young, tmp_path / "out").lines == []
    assert run("layout", "gc", "--older-than", "-1", tmp_path / "out").code == 2
    told = done("layout", "gc", "--dry-run", tmp_path / "out")
    assert len(told.lines) == 3
    assert "would delete 3 files" in told.err
    assert done("layout", "gc", tmp_path / "out").lines == told.lines
    assert done("layout", "gc", tmp_path / "out").lines == []


def test_annotate(tmp_path: Path, image: Image) -> None:
    """
    An entry gets a name, and an annotation.
    """
    told = done("layout", "annotate", "--name", "v2", "-a", "x=y", f"oci:{tmp_path}/out:@0")
    assert told.lines == [f"oci:{tmp_path}/out:v2"]
    assert layout.entries(tmp_path / "out")[0].annotations["x"] == "y"
    assert run("layout", "annotate", f"oci:{tmp_path}/out:v2").code == 2
    assert run("layout", "annotate", "-a", "x=y", "debian").code == 2
    assert run("layout", "annotate", "--name", "", f"oci:{tmp_path}/out:v2").code == 2
    assert run("layout", "gc", f"oci:{tmp_path}/out:v2").code == 2


def test_a_damaged_index_says_how_it_is_mended(tmp_path: Path, image: Image) -> None:
    """
    The command that an error names is the one that helps.
    """
    (tmp_path / "out/index.json").write_bytes(b"")
    ran = run("copy", f"oci:{tmp_path}/out:v1", f"oci:{tmp_path}/other")
    assert ran.code == 5
    words = ran.err.split("`")[1].split()
    assert run("layout", "fsck", tmp_path / "out").code == 1
    assert words[0] == "ocikit"
    done(*words[1:])
    assert done("layout", "fsck", tmp_path / "out").lines == []
    assert len(done("layout", "list", tmp_path / "out").lines) == 2
