"""
Layouts written: nothing visible before it is whole, nothing lost of what others wrote.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ocikit import layout, media, mutate
from ocikit._records import evolve
from ocikit.content import synthetic
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.image import Image
from ocikit.content.streams import BytesOpener
from ocikit.digest import Digest
from ocikit.errors import Corrupt
from ocikit.files.lock import held
from ocikit.layout.flush import MARKER, flush_children
from ocikit.layout.index import EntryNameInvalid
from ocikit.layout.store import LayoutVersionUnknown
from ocikit.mutate.children import child
from ocikit.progress import Event, Meter, Update, add
from tests.layout.names import TOP, all_of, blob_names, names


def test_a_layout_holds_nothing_else(tmp_path: Path, image: Image) -> None:
    """
    The marker is as others write it; there is no lock, no temporary file, no odd mode.
    """
    layout.flush(tmp_path / "a/b", image, reference="v1")
    assert names(tmp_path / "a/b") == all_of(image) | TOP
    assert (tmp_path / "a/b/oci-layout").read_bytes() == MARKER
    modes = {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()}
    assert modes == {0o644}
    for name in all_of(image):
        assert Digest.of((tmp_path / "a/b" / name).read_bytes()).hex == name[-64:]


def test_flush_again_changes_nothing(tmp_path: Path, image: Image) -> None:
    """
    What is there is not written again.
    """
    layout.flush(tmp_path, image, reference="v1")
    before = {path: path.stat().st_ino for path in tmp_path.rglob("*")}
    seen: list[Update] = []
    layout.flush(tmp_path, image, reference="v1", report=seen.append)
    assert {path: path.stat().st_ino for path in tmp_path.rglob("*")} == before
    assert {update.event for update in seen} == {Event.PLANNED, Event.EXISTS, Event.TAGGED}


def test_progress_adds_up(tmp_path: Path, image: Image) -> None:
    """
    What is planned is what moves.
    """
    meter = Meter()

    def report(update: Update) -> None:
        nonlocal meter
        meter = add(meter, update)

    layout.flush(tmp_path, image, report=report)
    assert meter.moved == meter.planned > 0
    assert (meter.started, meter.done) == (4, 4)


def test_children_are_listed_as_they_are_described(tmp_path: Path) -> None:
    """
    Trap: platforms and annotations are the entry's own, and no content has them. All come
    in one step, or none.
    """
    made = synthetic.index(Random(1))
    flush_children(tmp_path, made.children)
    assert layout.entries(tmp_path) == made.manifest.manifests
    assert layout.load(tmp_path, platform="linux/arm64") == made.children[1].content
    flush_children(tmp_path, made.children)
    assert layout.entries(tmp_path) == made.manifest.manifests
    image = synthetic.image(Random(2), layers=1)
    blob = evolve(image.layers[0].blob, opener=BytesOpener(b"x"))
    bad = evolve(image, layers=(evolve(image.layers[0], blob=blob),))
    with pytest.raises(Corrupt):
        flush_children(tmp_path / "b", [made.children[0], child(bad)])
    assert not (tmp_path / "b/index.json").exists()


def test_name_moves_to_the_new_image(tmp_path: Path) -> None:
    """
    A name is listed once, in its old place; other entries stay where they are.
    """
    one, two, three = (synthetic.image(Random(seed)) for seed in range(3))
    for image, name in ((one, "a"), (two, "b"), (three, "a")):
        layout.flush(tmp_path, image, reference=name)
    found = layout.entries(tmp_path)
    assert [entry.digest for entry in found] == [three.digest, two.digest]
    assert all_of(one) <= names(tmp_path), "blobs stay until gc"


def test_names_and_no_name_of_one_image(tmp_path: Path, image: Image) -> None:
    """
    An image may have several names, and be listed once without.
    """
    for reference in ("a", None, "b", None, "a"):
        layout.flush(tmp_path, image, reference=reference)
    listed = [dict(entry.annotations) for entry in layout.entries(tmp_path)]
    name = "org.opencontainers.image.ref.name"
    assert listed == [{name: "a"}, {}, {name: "b"}]


@pytest.mark.parametrize("name", ["", "a\nb", "\0"])
def test_odd_names_are_refused(tmp_path: Path, image: Image, name: str) -> None:
    """
    Before anything is written.
    """
    with pytest.raises(EntryNameInvalid):
        layout.flush(tmp_path, image, reference=name)
    assert names(tmp_path) == set()


def test_what_others_wrote_in_the_index_stays(tmp_path: Path, image: Image) -> None:
    """
    Unknown members, their order, nulls and foreign entries survive a flush.
    """
    layout.flush(tmp_path, synthetic.image(Random(9)), reference="v1")
    path = tmp_path / "index.json"
    document: dict[str, Any] = json.loads(path.read_bytes())
    foreign = {
        "x-first": None,
        "mediaType": "application/x-unknown",
        "digest": f"sha256:{'0' * 64}",
        "size": 0,
        "annotations": {"z": "ä", "a": "<&>"},
    }
    document = {"x-mine": [1, 2.50], "annotations": None, **document}
    document["manifests"].insert(0, foreign)
    path.write_text(json.dumps(document, ensure_ascii=False))
    layout.flush(tmp_path, image, reference="v1")
    after = json.loads(path.read_bytes())
    assert list(after) == ["x-mine", "annotations", "schemaVersion", "mediaType", "manifests"]
    assert list(after["manifests"][0].items()) == list(foreign.items())
    assert b"2.5" in path.read_bytes()
    assert after["manifests"][1]["digest"] == str(image.digest)
    assert len(after["manifests"]) == 2


def test_other_versions_are_not_written_to(tmp_path: Path, image: Image) -> None:
    """
    A layout of another time is left as it is.
    """
    (tmp_path / "oci-layout").write_text('{"imageLayoutVersion": "7"}')
    with pytest.raises(LayoutVersionUnknown):
        layout.flush(tmp_path, image)
    assert names(tmp_path) == {"oci-layout"}


@pytest.mark.parametrize("bad", ["short", "zeros", "link", "folder"])
def test_blobs_that_are_there_are_not_believed(tmp_path: Path, image: Image, bad: str) -> None:
    """
    After a power cut a file of the right name and size may hold zeros; it is replaced.
    """
    layout.flush(tmp_path / "out", image)
    for name in all_of(image):
        path = tmp_path / "out" / name
        size = path.stat().st_size
        path.unlink()
        if bad == "link":
            (tmp_path / "secret").write_bytes(b"secret")
            path.symlink_to(tmp_path / "secret")
        elif bad == "folder":
            path.mkdir()
        else:
            path.write_bytes(bytes(size if bad == "zeros" else size // 2))
    if bad == "folder":
        with pytest.raises(IsADirectoryError):
            layout.flush(tmp_path / "out", image)
        return
    layout.flush(tmp_path / "out", image)
    found = layout.load(tmp_path / "out")
    assert isinstance(found, Image)
    assert [each.blob.open().read() for each in found.layers] == [
        each.blob.open().read() for each in image.layers
    ]


def test_from_one_layout_to_another(tmp_path: Path) -> None:
    """
    An index and all below it is copied from file to file, byte for byte.
    """
    index = synthetic.index(Random(1), layers=3, size=400_000)
    layout.flush(tmp_path / "one", index, reference="v1")
    layout.flush(tmp_path / "two", layout.load(tmp_path / "one"), reference="v1")
    assert names(tmp_path / "one") == names(tmp_path / "two")
    for name in names(tmp_path / "one"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_onto_itself(tmp_path: Path, image: Image) -> None:
    """
    Flushing what was loaded from the same layout is a new name and no copy.
    """
    layout.flush(tmp_path, image, reference="a")
    layout.flush(tmp_path, layout.load(tmp_path), reference="b")
    assert layout.load(tmp_path, "b") == image


def test_foreign_layers_only_when_asked(tmp_path: Path, image: Image) -> None:
    """
    Layers that are not to be distributed stay where they are (layer.md).
    """
    layer = image.layers[0]
    kind = media.OCI_FOREIGN_LAYER_GZIP
    foreign = evolve(
        layer, blob=evolve(layer.blob, descriptor=evolve(layer.descriptor, media_type=kind))
    )
    with_foreign = mutate.append(image, foreign)
    layout.flush(tmp_path / "one", with_foreign)
    layout.flush(tmp_path / "two", with_foreign, foreign=True)
    assert layout.load(tmp_path / "one") == layout.load(tmp_path / "two") == with_foreign


def test_artifacts_say_what_they_are(tmp_path: Path) -> None:
    """
    An entry tells an artifact's type, so that nobody has to open it (image-index.md).
    """
    artifact = synthetic.artifact(Random(1))
    layout.flush(tmp_path, artifact)
    (entry,) = layout.entries(tmp_path)
    assert entry.artifact_type == artifact.artifact_type != ""
    assert layout.load(tmp_path) == artifact


def test_bare_blob_and_old_manifest(tmp_path: Path) -> None:
    """
    What is not understood is still kept, also Docker's schema 1.
    """
    for blob in (of_bytes(b"anything", "text/plain"), of_bytes(b"{}", media.DOCKER_SCHEMA1)):
        layout.flush(tmp_path, blob, reference="x")
        found = layout.load(tmp_path, "x")
        assert isinstance(found, Blob)
        assert found.open().read() == blob.open().read()


def test_sha512(tmp_path: Path) -> None:
    """
    Each algorithm has its folder (image-layout.md, "Blobs").
    """
    blob = of_bytes(b"x", "text/plain", "sha512")
    layout.flush(tmp_path, blob)
    assert names(tmp_path) == TOP | blob_names(blob.digest)
    assert layout.load(tmp_path) == blob


def test_blobs_at_once(tmp_path: Path) -> None:
    """
    An executor's map writes several blobs at the same time; each is still verified.
    """
    index = synthetic.index(Random(1), layers=4)
    workers: set[str] = set()

    def in_threads(f: Any, things: Iterable[Any]) -> Iterable[Any]:
        return pool.map(f, things)

    def report(update: Update) -> None:
        workers.add(threading.current_thread().name)

    with ThreadPoolExecutor(4, "blobs") as pool:
        layout.flush(tmp_path, index, map=in_threads, report=report)
    assert layout.load(tmp_path) == index
    assert any(name.startswith("blobs") for name in workers)


def test_nothing_is_half_written_while_another_tidies(tmp_path: Path) -> None:
    """
    Trap: who holds a layout alone removes what is half written, the marker's too.
    """
    folder, image = tmp_path / "out", synthetic.image(Random(1))
    (folder / "blobs").mkdir(parents=True)
    with ThreadPoolExecutor(1) as pool:
        with held(str(folder), alone=True):
            writing = pool.submit(layout.flush, folder, image)
            with pytest.raises(TimeoutError):
                writing.result(0.2)
            assert names(folder) == set()
        writing.result()
    assert layout.load(folder) == image
