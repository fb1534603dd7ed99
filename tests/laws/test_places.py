"""
Places give back what they were given, and agree with each other.
"""

from __future__ import annotations

import io
import tarfile
import tempfile
from pathlib import Path

from hypothesis import assume, given
from hypothesis import strategies as st

from ocikit import layout, media, tarball
from ocikit.content.image import Content, Image, Index
from ocikit.query.plan import plan
from ocikit.testing import strategies as oci

contents = oci.contents(depth=2)
names = st.one_of(st.none(), st.from_regex(r"[A-Za-z0-9._:/@+-]{1,20}", fullmatch=True))


def blobs(content: Content) -> dict[str, bytes]:
    """
    Read every blob of content, by digest.
    """
    return {str(blob.digest): blob.open().read() for blob in plan(content, foreign=True).blobs}


def files(folder: Path) -> dict[str, bytes]:
    """
    Read every file below a folder, by relative path.
    """
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@given(content=contents, name=names)
def test_layout_gives_back_what_it_was_given(content: Content, name: str | None) -> None:
    """
    load(flush(x)) == x: images, artifacts, nested indexes and bare blobs, with all bytes.
    """
    with tempfile.TemporaryDirectory() as folder:
        layout.flush(folder, content, reference=name, foreign=True, durable=False)
        back = layout.load(folder, name)
        assert back == content
        assert type(back) is type(content)
        assert blobs(back) == blobs(content)


@given(content=contents, name=names)
def test_flush_is_idempotent(content: Content, name: str | None) -> None:
    """
    The second time nothing changes, not even what was loaded from there.
    """
    with tempfile.TemporaryDirectory() as folder:
        layout.flush(folder, content, reference=name, foreign=True, durable=False)
        before = files(Path(folder))
        layout.flush(folder, content, reference=name, foreign=True, durable=False)
        back = layout.load(folder, name)
        layout.flush(folder, back, reference=name, foreign=True, durable=False)
        assert files(Path(folder)) == before


@given(written=st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), contents), max_size=5))
def test_layout_is_a_dictionary_of_names(written: list[tuple[str, Content]]) -> None:
    """
    Whatever is written in whatever order, each name gives what was last written there.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, content in written:
            layout.flush(folder, content, reference=name, foreign=True, durable=False)
        for name, content in dict(written).items():
            assert layout.load(folder, name) == content
        if written:
            assert len(layout.entries(folder)) == len(dict(written))


@given(kept=contents, gone=contents)
def test_gc_never_takes_what_is_listed(kept: Content, gone: Content) -> None:
    """
    Content that shares blobs with what was removed stays whole.
    """
    with tempfile.TemporaryDirectory() as folder:
        layout.flush(folder, kept, reference="kept", foreign=True, durable=False)
        layout.flush(folder, gone, reference="gone", foreign=True, durable=False)
        layout.remove(folder, "gone")
        removed = layout.gc(folder)
        assert not {str(each.digest) for each in removed} & set(blobs(kept))
        back = layout.load(folder, "kept")
        assert back == kept
        assert blobs(back) == blobs(kept)


@given(content=contents)
def test_archive_and_layout_agree(content: Content) -> None:
    """
    An OCI archive of what a layout gives is the archive of the content itself, byte for
    byte, and holds the blobs that the layout holds.
    """
    assume(isinstance(content, Image | Index))
    assert isinstance(content, Image | Index)
    with tempfile.TemporaryDirectory() as folder:
        layout.flush(folder, content, reference="x", foreign=True, durable=False)
        back = layout.load(folder)
        assert isinstance(back, Image | Index)
        direct, around = io.BytesIO(), io.BytesIO()
        tarball.flush_oci(direct, content, reference="x")
        tarball.flush_oci(around, back, reference="x")
        assert direct.getvalue() == around.getvalue()
        with tarfile.open(fileobj=io.BytesIO(direct.getvalue())) as archive:
            plain = {member.name for member in archive if member.isreg()}
            inside = {name for name in plain if name.startswith("blobs/")}
        assert inside == {name for name in files(Path(folder)) if name.startswith("blobs/")}


@given(image=oci.images())
def test_docker_readers_see_the_same_image(image: Image) -> None:
    """
    Who reads only manifest.json, as Docker before 25 does, gets the same configuration and
    the same files, whatever manifest is made of them.
    """
    archive = io.BytesIO()
    tarball.flush(archive, image, reference="example.org/a:b")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "old.tar")
        path.write_bytes(_without_layout(archive.getvalue()))
        back = tarball.load(path, "example.org/a:b")
        assert back.config.digest == image.config.digest
        assert [layer.diff_id for layer in back.layers] == [layer.diff_id for layer in image.layers]
        for ours, theirs in zip(image.layers, back.layers, strict=True):
            assert theirs.uncompressed().read() == ours.uncompressed().read()
        assert media.is_docker(back.media_type)


def _without_layout(archive: bytes) -> bytes:
    out = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(archive)) as old,
        tarfile.open(fileobj=out, mode="w") as new,
    ):
        for member in old:
            if member.name not in ("index.json", "oci-layout"):
                new.addfile(member, old.extractfile(member))
    return out.getvalue()
