"""
Layouts read: chosen by name, position or alone; verified; never followed out of their folder.
"""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from random import Random

import pytest

from ocikit import layout
from ocikit.content import synthetic
from ocikit.content.blob import Blob
from ocikit.content.image import Image, Index
from ocikit.content.verify import DigestMismatch, SizeMismatch
from ocikit.files.opener import FileMissing, NotARegularFile
from ocikit.layout.store import IndexDamaged, LayoutVersionUnknown, NotALayout, blob_path
from ocikit.platforms import parse
from ocikit.query.entries import EntryMissing
from ocikit.query.select import PlatformMissing
from ocikit.spec.document import DocumentTooLarge


def _file(folder: Path, image: Image, part: str = "manifest") -> Path:
    digests = {
        "manifest": image.digest,
        "config": image.config.digest,
        "layer": image.layers[0].digest,
    }
    return Path(blob_path(os.fspath(folder), digests[part]))


def test_entries_are_found_by_name_position_and_alone(tmp_path: Path, image: Image) -> None:
    """
    One entry needs no name; of several one is asked for, and an error lists them.
    """
    layout.flush(tmp_path, image, reference="one")
    assert layout.load(tmp_path) == image
    other = synthetic.image(Random(2))
    layout.flush(tmp_path, other, reference="two")
    assert layout.load(tmp_path, "two") == layout.load(tmp_path, position=1) == other
    assert layout.load(tmp_path, str(image.digest)) == image
    with pytest.raises(EntryMissing, match=r"several entries, .* one \(@0\), two \(@1\)"):
        layout.load(tmp_path)
    with pytest.raises(EntryMissing, match=r"no entry named 'three'; there is one"):
        layout.load(tmp_path, "three")
    with pytest.raises(EntryMissing, match="no entry @2"):
        layout.load(tmp_path, position=2)


def test_index_stays_an_index(tmp_path: Path) -> None:
    """
    A platform chooses of an index; without one nothing is chosen silently.
    """
    index = synthetic.index(Random(1))
    layout.flush(tmp_path, index)
    assert layout.load(tmp_path) == index
    arm = layout.load(tmp_path, platform="linux/arm64")
    assert isinstance(arm, Image)
    assert arm.platform == parse("linux/arm64/v8")
    with pytest.raises(PlatformMissing):
        layout.load(tmp_path, platform="linux/s390x")


def test_root_is_content_too(tmp_path: Path, image: Image) -> None:
    """
    The layout's own index can be pushed as it is.
    """
    layout.flush(tmp_path, image, reference="one")
    root = layout.root(tmp_path)
    assert root.document.raw == (tmp_path / "index.json").read_bytes()
    assert [child.content for child in root.children] == [image]


def test_loading_reads_no_layer(tmp_path: Path, image: Image) -> None:
    """
    Layers are opened when they are asked for; a missing one is then missing.
    """
    layout.flush(tmp_path, image)
    _file(tmp_path, image, "layer").unlink()
    found = layout.load(tmp_path)
    assert isinstance(found, Image)
    with pytest.raises(FileMissing, match=image.layers[0].digest.hex):
        found.layers[0].blob.open()


def test_content_outlives_a_change_of_folder(
    tmp_path: Path, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A relative path is that of the moment of loading; content pickles.
    """
    layout.flush(tmp_path / "out", image)
    monkeypatch.chdir(tmp_path)
    found = layout.load("out")
    monkeypatch.chdir("/")
    assert isinstance(found, Image)
    again = pickle.loads(pickle.dumps(found))
    assert again.layers[1].blob.open().read() == image.layers[1].blob.open().read()


def test_what_is_no_layout_is_missing(tmp_path: Path) -> None:
    """
    An empty folder, a file, and no folder at all.
    """
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file", tmp_path / "none"):
        with pytest.raises(NotALayout, match=r"no index\.json"):
            layout.load(path)
        with pytest.raises(NotALayout):
            layout.entries(path)


def test_marker_is_checked(tmp_path: Path, image: Image) -> None:
    """
    A layout of another version is not guessed at; the marker may be missing.
    """
    layout.flush(tmp_path, image)
    (tmp_path / "oci-layout").write_text('{"imageLayoutVersion": "2.0.0"}')
    with pytest.raises(LayoutVersionUnknown, match=r"'2\.0\.0'"):
        layout.load(tmp_path)
    (tmp_path / "oci-layout").write_text('{"imageLayoutVersion": "1.1.0"}')
    assert layout.load(tmp_path) == image
    (tmp_path / "oci-layout").unlink()
    assert layout.load(tmp_path) == image


@pytest.mark.parametrize("text", ["", "{", "[]", '{"manifests": "x"}', '{"a": 1, "a": 2}'])
def test_damaged_index_is_told(tmp_path: Path, image: Image, text: str) -> None:
    """
    An empty file is what a crash of other writers leaves; nothing takes it for no entries.
    """
    layout.flush(tmp_path, image)
    (tmp_path / "index.json").write_text(text)
    with pytest.raises(IndexDamaged, match=r"ocikit layout fsck --rebuild /"):
        layout.load(tmp_path)
    with pytest.raises(IndexDamaged):
        layout.flush(tmp_path, synthetic.image(Random(2)))
    assert (tmp_path / "index.json").read_text() == text


def test_altered_manifest_is_corrupt(tmp_path: Path, image: Image) -> None:
    """
    Shorter, longer and other bytes are told before they are read as a manifest.
    """
    layout.flush(tmp_path, image)
    file = _file(tmp_path, image)
    good = file.read_bytes()
    for bad, error in [
        (good[:-1], SizeMismatch),
        (good + b" ", SizeMismatch),
        (good.replace(b"2", b"3", 1), DigestMismatch),
    ]:
        file.write_bytes(bad)
        with pytest.raises(error):
            layout.load(tmp_path)


def test_huge_manifest_is_not_read(tmp_path: Path, image: Image) -> None:
    """
    A size of gigabytes is a claim of the index; no memory is taken for it.
    """
    layout.flush(tmp_path, image)
    path = tmp_path / "index.json"
    document = json.loads(path.read_bytes())
    document["manifests"][0]["size"] = 1 << 40
    path.write_text(json.dumps(document))
    with pytest.raises(DocumentTooLarge):
        layout.load(tmp_path)


def test_links_are_not_followed(tmp_path: Path, image: Image) -> None:
    """
    A link among the blobs could show any file of this machine.
    """
    layout.flush(tmp_path, image)
    for part in ("layer", "config", "manifest"):
        file = _file(tmp_path, image, part)
        file.rename(tmp_path / part)
        file.symlink_to(tmp_path / part)
    found = layout.entries(tmp_path)
    assert [entry.digest for entry in found] == [image.digest]
    with pytest.raises(NotARegularFile):
        layout.load(tmp_path)
    (tmp_path / "index.json").rename(tmp_path / "other")
    (tmp_path / "index.json").symlink_to("other")
    with pytest.raises(NotARegularFile):
        layout.load(tmp_path)


def test_entry_that_is_no_manifest(tmp_path: Path) -> None:
    """
    What is not understood is a blob, and is not read.
    """
    blob = synthetic.layer(Random(1)).blob
    layout.flush(tmp_path, blob)
    found = layout.load(tmp_path)
    assert isinstance(found, Blob)
    assert found == blob
    assert found.open().read() == blob.open().read()


def test_sparse_index(tmp_path: Path) -> None:
    """
    An index may be copied without all of its platforms; those that are there serve.
    """
    index = synthetic.index(Random(1))
    layout.flush(tmp_path, index)
    Path(blob_path(os.fspath(tmp_path), index.children[1].descriptor.digest)).unlink()
    found = layout.load(tmp_path)
    assert isinstance(found, Index)
    assert isinstance(found.children[0].content, Image)
    with pytest.raises(FileMissing):
        found.children[1].content  # noqa: B018
