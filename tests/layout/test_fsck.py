"""
Layouts examined and mended: all that is wrong is told, and nothing is thrown away.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from random import Random

import pytest

from ocikit import layout
from ocikit._records import FrozenMap
from ocikit.content import synthetic
from ocikit.content.blob import of_bytes
from ocikit.content.image import Image
from ocikit.content.partial import artifact
from ocikit.layout.flush import MARKER
from ocikit.layout.store import NotALayout, blob_path
from ocikit.query.finding import Severity
from ocikit.spec.layout import REF_NAME
from tests.layout.names import TOP, all_of, names


def _path(folder: Path, image: Image, part: int) -> Path:
    blobs = [image.digest, image.config.digest, *(layer.digest for layer in image.layers)]
    return Path(blob_path(os.fspath(folder), blobs[part]))


def test_a_whole_layout_has_no_flaws(tmp_path: Path, image: Image) -> None:
    """
    Neither images, nor indexes, artifacts, bare blobs; and nothing is written.
    """
    layout.flush(tmp_path, image, reference="v1")
    layout.flush(tmp_path, synthetic.index(Random(1)), reference="v2")
    layout.flush(tmp_path, synthetic.artifact(Random(2), subject=image.descriptor))
    layout.flush(tmp_path, of_bytes(b"{}", "text/plain"))
    before = names(tmp_path)
    assert layout.fsck(tmp_path) == ()
    assert layout.fsck(tmp_path, repair=True, rebuild=True) == ()
    assert names(tmp_path) == before


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("damage", ["cut", "zeros", "link"])
def test_a_damaged_blob_goes_to_quarantine(
    tmp_path: Path, image: Image, part: int, damage: str
) -> None:
    """
    Whatever it is a part of; then it is missing, and the next flush brings it back.
    """
    layout.flush(tmp_path, image, reference="v1")
    path = _path(tmp_path, image, part)
    size = path.stat().st_size
    path.unlink()
    if damage == "link":
        path.symlink_to("/etc/passwd")
    else:
        path.write_bytes(bytes(size if damage == "zeros" else size - 1))
    told = layout.fsck(tmp_path)
    within = str(path.relative_to(tmp_path))
    assert [flaw.path for flaw in told if flaw.repair] == [within]
    assert {flaw.severity for flaw in told} == {Severity.ERROR}
    assert not any(flaw.repaired for flaw in told)
    assert layout.fsck(tmp_path, repair=True)[0].repaired
    assert names(tmp_path) - {f"quarantine/{path.name}"} == TOP | all_of(image) - {within}
    (missing,) = layout.fsck(tmp_path)
    assert f"names sha256:{path.name}, not there" in str(missing)
    layout.flush(tmp_path, image, reference="v1")
    assert layout.fsck(tmp_path) == ()
    assert layout.load(tmp_path, "v1") == image


@pytest.mark.parametrize("text", ["", "{", '{"manifests": "x"}', None])
def test_an_index_made_anew(tmp_path: Path, image: Image, text: str | None) -> None:
    """
    An index that is cut or gone is made of the manifests there, each that no other
    lists; what it was stays in quarantine.
    """
    nested = synthetic.index(Random(1))
    note = artifact("text/plain", [of_bytes(b'{"config":{}}', "a/b")], subject=image.descriptor)
    said = FrozenMap({REF_NAME: "mine"})
    named = synthetic.image(Random(9))
    signed = artifact("text/plain", annotations=said)
    for content in (image, nested, note, named, signed):
        layout.flush(tmp_path, content)
    if text is None:
        (tmp_path / "index.json").unlink()
    else:
        (tmp_path / "index.json").write_text(text)
    told = layout.fsck(tmp_path)
    assert [flaw.path for flaw in told] == ["index.json"]
    assert "--rebuild" in str(told[0])
    assert layout.fsck(tmp_path, repair=True)[0].repaired is False
    layout.fsck(tmp_path, rebuild=True)
    listed = {entry.digest for entry in layout.entries(tmp_path)}
    assert listed == {each.digest for each in (image, nested, note, named, signed)}
    assert layout.load(tmp_path, "mine") == signed
    assert layout.fsck(tmp_path) == ()
    if text is not None:
        assert (tmp_path / "quarantine/index.json").read_text() == text


def test_names_stay_when_the_index_can_be_read(tmp_path: Path, image: Image) -> None:
    """
    What is not there is listed no longer, what nothing lists is listed; the rest stays as
    it is, foreign members too.
    """
    other = synthetic.image(Random(5))
    for name, content in (("a", image), ("b", other)):
        layout.flush(tmp_path, content, reference=name)
    lost = synthetic.image(Random(6))
    layout.flush(tmp_path, lost, reference="lost")
    layout.remove(tmp_path, "lost")
    _path(tmp_path, other, 0).unlink()
    document = json.loads((tmp_path / "index.json").read_bytes())
    (tmp_path / "index.json").write_text(json.dumps({"x-mine": 1, **document}))
    told = layout.fsck(tmp_path, rebuild=True)
    assert [flaw.repair for flaw in told][:2] == ["listed no longer", "listed again"]
    assert layout.entries(tmp_path)[0].annotations[REF_NAME] == "a"
    assert {e.digest for e in layout.entries(tmp_path)} == {image.digest, lost.digest}
    assert json.loads((tmp_path / "index.json").read_bytes())["x-mine"] == 1
    assert layout.fsck(tmp_path) == ()


def test_small_things(tmp_path: Path, image: Image) -> None:
    """
    A marker that is not there, what a killed writer left, what is no blob.
    """
    layout.flush(tmp_path, image)
    (tmp_path / "oci-layout").unlink()
    for name in ("dead.77-0.part", f"{'0' * 64}.part", "notes"):
        (tmp_path / "blobs/sha256" / name).touch()
    assert len(layout.fsck(tmp_path)) == 4
    told = layout.fsck(tmp_path, repair=True)
    assert [flaw.repair for flaw in told if flaw.repaired] == ["written", "deleted", "deleted"]
    assert [str(flaw) for flaw in layout.fsck(tmp_path)] == [
        "note: blobs/sha256/notes: is no part of a layout"
    ]
    assert (tmp_path / "oci-layout").read_bytes() == MARKER


def test_what_is_allowed_to_be_missing(tmp_path: Path) -> None:
    """
    Platforms of an index that were not copied are no error.
    """
    index = synthetic.index(Random(1))
    layout.flush(tmp_path, index)
    Path(blob_path(os.fspath(tmp_path), index.children[1].descriptor.digest)).unlink()
    assert {flaw.severity for flaw in layout.fsck(tmp_path)} == {Severity.NOTE}


def test_no_layout(tmp_path: Path) -> None:
    """
    A folder of something else is not made one.
    """
    with pytest.raises(NotALayout):
        layout.fsck(tmp_path, rebuild=True)
    assert names(tmp_path) == set()
