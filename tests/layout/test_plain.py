"""
Plain directories: what is in them, what is refused, and what stays when something fails.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from ocikit import layout, media
from ocikit._records import evolve
from ocikit.content import synthetic
from ocikit.content.image import Image, Index
from ocikit.content.streams import BytesOpener
from ocikit.digest import Digest
from ocikit.errors import Corrupt
from ocikit.files.opener import NotARegularFile
from ocikit.layout.plain import DirectoryVersionUnknown, NotADirectory, kind_of
from ocikit.layout.plain_flush import FolderTaken, NotADocument
from ocikit.layout.survey import survey_plain
from ocikit.progress import Event, Update
from ocikit.query.plan import plan
from ocikit.query.select import PlatformMissing
from tests.layout.names import names


def _files(image: Image) -> set[str]:
    blobs = [image.config.digest, *(layer.digest for layer in image.layers)]
    return {"version", "manifest.json", *(digest.hex for digest in blobs)}


def test_an_image(tmp_path: Path, image: Image) -> None:
    """
    It is there as others write it: blobs by hash, and nothing else; none is written twice.
    """
    layout.flush_plain(tmp_path / "d", image)
    assert names(tmp_path / "d") == _files(image)
    assert (tmp_path / "d/version").read_bytes() == b"Directory Transport Version: 1.1\n"
    assert (tmp_path / "d/manifest.json").read_bytes() == image.document.raw
    assert layout.load_plain(tmp_path / "d") == image
    seen: list[Update] = []
    layout.flush_plain(tmp_path / "d", image, report=seen.append)
    assert {update.event for update in seen} == {Event.PLANNED, Event.EXISTS}


def test_an_index(tmp_path: Path) -> None:
    """
    Children are documents of their own, and are loaded one at a time.
    """
    index = synthetic.index(Random(1))
    layout.flush_plain(tmp_path, index)
    documents = {f"{child.descriptor.digest.hex}.manifest.json" for child in index.children}
    assert documents <= names(tmp_path)
    back = layout.load_plain(tmp_path)
    assert isinstance(back, Index)
    assert [child.content for child in back.children] == [c.content for c in index.children]
    assert layout.load_plain(tmp_path, platform="linux/arm64") == index.children[1].content
    with pytest.raises(PlatformMissing):
        layout.load_plain(tmp_path, platform="linux/s390x")


def test_what_is_no_longer_named_goes(tmp_path: Path, image: Image) -> None:
    """
    Another image takes the place of the first, whose blobs and signatures go; what is a
    person's stays.
    """
    layout.flush_plain(tmp_path, synthetic.index(Random(1)))
    for name in ("signature-1", f"{'0' * 64}.signature-2", "notes.txt"):
        (tmp_path / name).touch()
    layout.flush_plain(tmp_path, image)
    assert names(tmp_path) == _files(image) | {"notes.txt"}
    (tmp_path / "signature-1").touch()
    layout.flush_plain(tmp_path, image)
    assert names(tmp_path) == _files(image) | {"notes.txt", "signature-1"}


def test_a_folder_of_something_else(tmp_path: Path, image: Image) -> None:
    """
    A folder of a person's is not filled with blobs, nor one of another version.
    """
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(FolderTaken, match=r"thesis\.txt"):
        layout.flush_plain(tmp_path, image)
    assert names(tmp_path) == {"thesis.txt"}
    (tmp_path / "version").write_text("Directory Transport Version: 2.0\n")
    for verb in (lambda: layout.flush_plain(tmp_path, image), lambda: layout.load_plain(tmp_path)):
        with pytest.raises(DirectoryVersionUnknown, match=r"2\.0"):
            verb()
    with pytest.raises(NotADocument):
        layout.flush_plain(tmp_path, image.config)


def test_damage_is_found(tmp_path: Path, image: Image) -> None:
    """
    No manifest, a link for a blob, and another blob are told for what they are.
    """
    with pytest.raises(NotADirectory):
        layout.load_plain(tmp_path)
    layout.flush_plain(tmp_path, image)
    path = tmp_path / image.layers[0].digest.hex
    path.write_bytes(b"?" * path.stat().st_size)
    back = layout.load_plain(tmp_path)
    assert isinstance(back, Image)
    with pytest.raises(Corrupt), back.layers[0].blob.open() as stream:
        stream.drain()
    path.unlink()
    path.symlink_to("manifest.json")
    with pytest.raises(NotARegularFile):
        back.layers[0].blob.open()
    # Written again it is whole.
    layout.flush_plain(tmp_path, image)
    assert layout.load_plain(tmp_path) == image
    assert Digest.of(path.read_bytes()) == image.layers[0].digest


def test_a_source_that_lies(tmp_path: Path, image: Image) -> None:
    """
    The image that was there is whole still, for its blobs go only after it did.
    """
    old = synthetic.image(Random(7))
    layout.flush_plain(tmp_path, old)
    last = image.layers[-1]
    broken = evolve(last, blob=evolve(last.blob, opener=BytesOpener(b"?")))
    with pytest.raises(Corrupt):
        layout.flush_plain(tmp_path, evolve(image, layers=(image.layers[0], broken)))
    assert layout.load_plain(tmp_path) == old
    assert _files(old) <= names(tmp_path)


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (b'{"mediaType":"application/x","config":{}}', "application/x"),
        (b'{"schemaVersion":1}', media.DOCKER_SCHEMA1),
        (b'{"schemaVersion":1,"signatures":[]}', media.DOCKER_SCHEMA1_SIGNED),
        (b'{"manifests":[]}', media.OCI_INDEX),
        (b'{"layers":[]}', media.OCI_MANIFEST),
        (b'{"config":{"mediaType":"%s"}}' % media.DOCKER_CONFIG.encode(), media.DOCKER_MANIFEST),
        (b"[]", media.OCI_MANIFEST),
    ],
)
def test_what_a_document_is(document: bytes, kind: str) -> None:
    """
    Nothing says it but the document.
    """
    assert kind_of(document) == kind


@pytest.mark.parametrize("link", [True, False])
def test_a_second_name(tmp_path: Path, image: Image, link: bool) -> None:
    """
    Blobs share a file only when that was asked for.
    """
    layout.flush(tmp_path / "a", image, reference="v1")
    found = layout.load(tmp_path / "a", "v1")
    layout.flush(tmp_path / "b", found, reference="v1", link=link)
    layout.flush_plain(tmp_path / "d", found, link=link)
    digest = image.layers[0].digest.hex
    paths = [tmp_path / where / digest for where in ("a/blobs/sha256", "b/blobs/sha256", "d")]
    assert len({path.stat().st_ino for path in paths}) == (1 if link else 3)
    assert layout.load(tmp_path / "b", "v1") == image == layout.load_plain(tmp_path / "d")


def test_no_second_name_for_what_is_damaged(tmp_path: Path, image: Image) -> None:
    """
    A link is verified as a copy is, and a part of a file is copied.
    """
    layout.flush(tmp_path / "a", image, reference="v1")
    found: Any = layout.load(tmp_path / "a", "v1")
    path = tmp_path / "a/blobs/sha256" / image.layers[0].digest.hex
    path.write_bytes(b"?" * path.stat().st_size)
    with pytest.raises(Corrupt):
        layout.flush(tmp_path / "b", found, reference="v1", link=True)
    assert {name for name in names(tmp_path / "b") if "sha256" in name} == set()


@pytest.mark.parametrize("content", [synthetic.image(Random(8)), synthetic.index(Random(9))])
def test_what_would_be_done(tmp_path: Path, content: Image | Index) -> None:
    """
    To nothing everything; to what is whole nothing; to what lacks a file, that file.
    """
    todo = plan(content)
    folder = tmp_path / "d"
    before = survey_plain(folder, todo)
    assert before == tuple(step.written for step in todo.steps)
    assert not folder.exists()
    layout.flush_plain(folder, content)
    assert {step.action for step in survey_plain(folder, todo)} == {"exists"}
    gone = todo.blobs[0]
    (folder / gone.digest.hex).unlink()
    assert [step.digest for step in survey_plain(folder, todo) if step.bytes] == [gone.digest]
    (folder / "manifest.json").write_bytes(b"x" * content.size)
    acts = [step for step in survey_plain(folder, todo) if step.bytes]
    assert [step.digest for step in acts] == [gone.digest, content.digest]


def test_no_plan_for_a_folder_of_something_else(tmp_path: Path, image: Image) -> None:
    """
    It is told as writing would tell it.
    """
    (tmp_path / "photo").write_bytes(b"")
    with pytest.raises(FolderTaken):
        survey_plain(tmp_path, plan(image))
