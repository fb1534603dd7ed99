"""
Entries taken out, and blobs that nobody needs any more.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from ocikit import layout, media
from ocikit._records import evolve
from ocikit.content import synthetic
from ocikit.content.image import Image
from ocikit.content.verify import SizeMismatch
from ocikit.digest import Digest
from ocikit.layout.store import NotALayout, blob_path
from ocikit.progress import Event, Update
from ocikit.query.entries import EntryMissing
from ocikit.spec.descriptor import Descriptor
from tests.layout.names import TOP, all_of, names


def test_removed_entry_is_given_back(tmp_path: Path, image: Image) -> None:
    """
    The entry goes, its blobs stay; other entries and their order stay.
    """
    others = [synthetic.image(Random(seed)) for seed in (2, 3)]
    for name, content in (("a", others[0]), ("b", image), ("c", others[1])):
        layout.flush(tmp_path, content, reference=name)
    assert layout.remove(tmp_path, "b").digest == image.digest
    assert [entry.digest for entry in layout.entries(tmp_path)] == [o.digest for o in others]
    assert all_of(image) <= names(tmp_path)
    with pytest.raises(EntryMissing):
        layout.remove(tmp_path, "b")
    layout.remove(tmp_path, position=0)
    layout.remove(tmp_path)
    assert layout.entries(tmp_path) == ()


def test_gc_keeps_what_is_reached(tmp_path: Path, image: Image) -> None:
    """
    Manifests, configurations, layers and nested children stay; the rest is told and goes.
    """
    index = synthetic.index(Random(1), layers=2)
    layout.flush(tmp_path, index, reference="index")
    before = names(tmp_path)
    gone = synthetic.image(Random(5))
    layout.flush(tmp_path, gone, reference="gone")
    assert layout.gc(tmp_path) == ()
    layout.remove(tmp_path, "gone")
    told = layout.gc(tmp_path, dry_run=True)
    assert {each.path for each in told} == all_of(gone)
    assert sum(each.size for each in told) > gone.size
    assert all_of(gone) <= names(tmp_path)
    assert layout.gc(tmp_path) == told
    assert names(tmp_path) == before
    assert layout.load(tmp_path) == index


def test_gc_spares_what_is_young(tmp_path: Path, image: Image) -> None:
    """
    Other tools write blobs without a lock, and list them later.
    """
    layout.flush(tmp_path, image, reference="v1")
    layout.remove(tmp_path, "v1")
    for number, name in enumerate(sorted(all_of(image))):
        os.utime(tmp_path / name, (number, number))
    assert len(layout.gc(tmp_path, before=2.0)) == 2
    assert len(layout.gc(tmp_path)) == 2


def test_gc_keeps_subjects(tmp_path: Path, image: Image) -> None:
    """
    What an artifact is about is not refuse while the artifact is there.
    """
    layout.flush(tmp_path, image, reference="image")
    artifact = synthetic.artifact(Random(1), subject=image.descriptor)
    layout.flush(tmp_path, artifact, reference="about")
    layout.remove(tmp_path, "image")
    assert layout.gc(tmp_path) == ()


def test_gc_of_a_digest_that_is_two_things(tmp_path: Path, image: Image) -> None:
    """
    Listed as some bytes and as a manifest, it is looked into; one that is not there but
    claims to be huge is no obstacle, nor is a subject that is no manifest.
    """
    plain = evolve(image.descriptor, media_type="text/plain")
    absent = evolve(image.descriptor, digest=Digest.of(b"none"), size=1 << 40)
    claim = evolve(image.descriptor, digest=image.config.digest)
    layout.flush(tmp_path, image, reference="image")
    for about in (plain, absent, claim):
        artifact = synthetic.artifact(Random(1), subject=about)
        layout.flush(tmp_path, artifact, reference=str(about.digest))
    assert layout.gc(tmp_path) == ()


def test_gc_leaves_alone_what_is_not_a_blob(tmp_path: Path, image: Image) -> None:
    """
    Only what is named by a digest is deleted, and what a killed writer left.
    """
    layout.flush(tmp_path, image)
    for name in ("notes", "UPPER" * 13, "dead.77-0.part"):
        (tmp_path / "blobs/sha256" / name).touch()
    (tmp_path / "mine.part").touch()
    assert [each.path for each in layout.gc(tmp_path)] == ["blobs/sha256/dead.77-0.part"]
    (tmp_path / "mine.part").unlink()
    extra = {"blobs/sha256/notes", "blobs/sha256/" + "UPPER" * 13}
    assert names(tmp_path) == TOP | all_of(image) | extra


def test_gc_of_a_damaged_layout_deletes_nothing(tmp_path: Path, image: Image) -> None:
    """
    What a damaged manifest refers to is not known, so that all may be needed.
    """
    layout.flush(tmp_path, image)
    path = Path(blob_path(os.fspath(tmp_path), image.digest))
    path.write_bytes(b"{}")
    with pytest.raises(SizeMismatch):
        layout.gc(tmp_path)
    assert names(tmp_path) == TOP | all_of(image)


def test_gc_of_a_sparse_index(tmp_path: Path) -> None:
    """
    Platforms that were never copied are no damage.
    """
    index = synthetic.index(Random(1))
    layout.flush(tmp_path, index)
    Path(blob_path(os.fspath(tmp_path), index.children[1].descriptor.digest)).unlink()
    assert len(layout.gc(tmp_path)) == 2


def test_gc_waits_for_writers(tmp_path: Path, image: Image) -> None:
    """
    Blobs that arrive before their entry are not refuse; sweeping is not done either.
    """
    layout.flush(tmp_path, synthetic.image(Random(2)), reference="old")
    swept: list[int] = []

    def report(update: Update) -> None:
        if update.event is Event.DONE:
            # As gc does it, but without waiting for ourselves.
            from ocikit.files.lock import held_if_free

            with held_if_free(os.fspath(tmp_path)) as alone:
                swept.append(alone)

    layout.flush(tmp_path, image, reference="new", report=report)
    assert swept == [False] * 4


def test_not_a_layout(tmp_path: Path) -> None:
    """
    Neither makes one of a folder that is none.
    """
    for verb in (layout.gc, layout.remove):
        with pytest.raises(NotALayout):
            verb(tmp_path)
    assert names(tmp_path) == set()


def test_unknown_kinds_are_kept_whole(tmp_path: Path) -> None:
    """
    An entry of a kind that is not understood is kept, and is no obstacle.
    """
    blob = synthetic.layer(Random(1)).blob
    layout.flush(tmp_path, blob)
    schema1 = Descriptor(media_type=media.DOCKER_SCHEMA1, digest=blob.digest, size=blob.size)
    assert schema1.digest == layout.entries(tmp_path)[0].digest
    assert layout.gc(tmp_path) == ()
