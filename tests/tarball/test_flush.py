"""
Archives that we write: whole or not at all, the same bytes each time, read by all.
"""

from __future__ import annotations

import io
import json
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest
from hypothesis import given

from ocikit import mutate, tarball
from ocikit._records import evolve, record
from ocikit.content import synthetic
from ocikit.content.compression import Zstd
from ocikit.content.image import Content, Image, Index
from ocikit.content.partial import image_of, index_of
from ocikit.content.streams import Stream
from ocikit.errors import Unreachable
from ocikit.files.layer import layer
from ocikit.files.opener import FileOpener
from ocikit.spec.config import ConfigFile
from ocikit.testing import strategies as oci
from tests.real.dockerd import Engine
from tests.real.process import Command


@pytest.fixture
def busybox(busybox_layer_tree: Path) -> Image:
    """
    A runnable image of a static busybox.
    """
    image = image_of(ConfigFile(os="linux", architecture="amd64"), [layer(busybox_layer_tree)])
    return mutate.config(image, cmd=["/bin/sh", "-c", "echo it runs"])


def flushed(image: Image, reference: str | None = None) -> bytes:
    """
    Give the bytes of an archive.
    """
    sink = io.BytesIO()
    tarball.flush(sink, image, reference=reference)
    return sink.getvalue()


@given(image=oci.images())
def test_image_comes_back(tmp_path_factory: pytest.TempPathFactory, image: Image) -> None:
    """
    load(flush(x)) == x: an archive keeps an image's own manifest, and so its digest.
    """
    path = tmp_path_factory.mktemp("archive") / "a.tar"
    tarball.flush(path, image, reference="r.example/a:b")
    assert tarball.load(path, "r.example/a:b") == image
    assert path.read_bytes() == flushed(image, "r.example/a:b")
    assert path.stat().st_size == tarball.size_of(image, "r.example/a:b")


@given(content=oci.contents(depth=2))
def test_oci_archive_comes_back(tmp_path_factory: pytest.TempPathFactory, content: Content) -> None:
    """
    load_oci(flush_oci(x)) == x for images, artifacts and nested indexes.
    """
    if not isinstance(content, Image | Index):
        return
    path = tmp_path_factory.mktemp("archive") / "a.tar"
    tarball.flush_oci(path, content, reference="v1")
    assert tarball.load_oci(path, "v1") == content
    sink = io.BytesIO()
    tarball.flush_oci(sink, content, reference="v1")
    assert sink.getvalue() == path.read_bytes()


def test_members_may_be_written_at_once(tmp_path: Path, busybox: Image) -> None:
    """
    Several at once give the bytes that one after the other gives.
    """
    path = tmp_path / "a.tar"
    with ThreadPoolExecutor(4) as pool:
        tarball.flush(path, busybox, map=pool.map)
    assert path.read_bytes() == flushed(busybox)


def test_headers_are_nobody_s(busybox: Image) -> None:
    """
    Members are user 0's, changed never; folders are listed; `manifest.json` comes last.
    """
    with tarfile.open(fileobj=io.BytesIO(flushed(busybox, "a:b"))) as tar:
        members = tar.getmembers()
        manifest = tar.extractfile("manifest.json")
        assert manifest is not None
        said = json.load(manifest)
    assert {(m.uid, m.gid, m.mtime, m.uname) for m in members} == {(0, 0, 0, "")}
    assert {(m.isdir(), m.mode) for m in members} == {(False, 0o644), (True, 0o755)}
    assert [m.name for m in members if m.isdir()] == ["blobs", "blobs/sha256"]
    assert members[-1].name == "manifest.json"
    assert said[0]["RepoTags"] == ["a:b"]


def test_images_share_layers_and_are_sorted(busybox: Image) -> None:
    """
    A layer of several images lies in the archive once; the order given does not matter.
    """
    other = mutate.labels(busybox, set={"a": "b"})
    one, two = io.BytesIO(), io.BytesIO()
    tarball.flush(one, {"a:1": busybox, "b:2": other, "c:3": busybox})
    tarball.flush(two, {"c:3": busybox, "b:2": other, "a:1": busybox})
    assert one.getvalue() == two.getvalue()
    assert len(one.getvalue()) < 2 * busybox.layers[0].size
    with tarfile.open(fileobj=one) as tar:
        assert len(tar.getnames()) == len(set(tar.getnames()))


@record
class Breaking:
    """
    An opener whose stream breaks off.
    """

    inner: FileOpener

    def open(self) -> Stream:
        """
        Fail.
        """
        raise Unreachable("the wire was cut")


def test_images_of_one_configuration_stay_apart(tmp_path: Path) -> None:
    """
    The same files compressed in two ways are two images; so are two annotations.
    """
    images = {
        "r.example/a:gzip": synthetic.image(Random(1)),
        "r.example/a:zstd": synthetic.image(Random(1), compression=Zstd()),
    }
    images["debian:noted"] = mutate.annotations(images["r.example/a:gzip"], {"a": "b"})
    tarball.flush(tmp_path / "a.tar", images)
    for name, image in images.items():
        assert tarball.load(tmp_path / "a.tar", name) == image
    assert dict(tarball.load_all(tmp_path / "a.tar")) == {
        (name,): image for name, image in images.items()
    }


def test_names_are_full_where_containerd_reads_them(busybox: Image) -> None:
    """
    `manifest.json` has names as Docker prints them, the index as containerd files them.
    """
    with tarfile.open(fileobj=io.BytesIO(flushed(busybox, "debian:12"))) as tar:
        index, manifest = tar.extractfile("index.json"), tar.extractfile("manifest.json")
        assert index is not None
        assert manifest is not None
        (entry,) = json.load(index)["manifests"]
        assert json.load(manifest)[0]["RepoTags"] == ["debian:12"]
    assert entry["annotations"]["io.containerd.image.name"] == "docker.io/library/debian:12"


def test_failure_leaves_the_old_file(tmp_path: Path, busybox: Image) -> None:
    """
    Where a layer cannot be had, the file is as it was and nothing lies beside it.
    """
    path = tmp_path / "a.tar"
    path.write_bytes(b"old")
    cut = evolve(busybox.layers[0].blob, opener=Breaking(FileOpener("x")))
    broken = evolve(busybox, layers=(evolve(busybox.layers[0], blob=cut),))
    with pytest.raises(Unreachable):
        tarball.flush(path, broken)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.tar"]


@pytest.mark.real
def test_skopeo_reads_both_kinds(tmp_path: Path, busybox: Image, skopeo: Command) -> None:
    """
    Skopeo copies our archives to layouts; of OCI archives with the same digest.
    """
    docker, oci_archive = tmp_path / "d.tar", tmp_path / "o.tar"
    tarball.flush(docker, busybox, reference="r.example/a:b")
    tarball.flush_oci(oci_archive, busybox, reference="v")
    copy = ("--insecure-policy", "copy", "-q")
    skopeo(*copy, f"docker-archive:{docker}:r.example/a:b", f"oci:{tmp_path}/one:v")
    skopeo(*copy, f"oci-archive:{oci_archive}:v", f"oci:{tmp_path}/two:v")
    index = json.loads((tmp_path / "two/index.json").read_text())
    assert index["manifests"][0]["digest"] == str(busybox.digest)


@pytest.mark.real
def test_skopeo_s_archives_are_read(tmp_path: Path, busybox: Image, skopeo: Command) -> None:
    """
    Archives that skopeo makes of ours are read: the same digests, or the same diff IDs.
    """
    ours = tmp_path / "o.tar"
    tarball.flush_oci(ours, busybox, reference="v")
    copy = ("--insecure-policy", "copy", "-q", f"oci-archive:{ours}:v")
    skopeo(*copy, f"oci-archive:{tmp_path}/theirs.tar:w")
    assert tarball.load_oci(tmp_path / "theirs.tar", "w") == busybox
    skopeo(*copy, f"docker-archive:{tmp_path}/saved.tar:r.example/a:b")
    saved = tarball.load(tmp_path / "saved.tar", "r.example/a:b")
    assert [each.diff_id for each in saved.layers] == [each.diff_id for each in busybox.layers]


@pytest.mark.real
@pytest.mark.parametrize("engine", ["dockerd", "podman"])
def test_engines_load_and_run(
    request: pytest.FixtureRequest, tmp_path: Path, busybox: Image, engine: str
) -> None:
    """
    `docker load` and `podman load` take our archive, and the container prints.
    """
    running: Engine = request.getfixturevalue(engine)
    path = tmp_path / "a.tar"
    tarball.flush(path, busybox, reference="registry.example/ocikit/loaded:1")
    running.cli("load", "-i", str(path))
    assert running.run("registry.example/ocikit/loaded:1").strip() == "it runs"
    running.cli("save", "-o", str(tmp_path / "b.tar"), "registry.example/ocikit/loaded:1")
    back = tarball.load(tmp_path / "b.tar", "registry.example/ocikit/loaded:1")
    assert back.config.digest == busybox.config.digest


def test_multi_platform_index_in_oci_archive(tmp_path: Path) -> None:
    """
    An index of two platforms stays one in an OCI archive.
    """
    children = [image_of(ConfigFile(os="linux", architecture=name)) for name in ("amd64", "arm64")]
    index = index_of(children)
    tarball.flush_oci(tmp_path / "a.tar", index)
    back = tarball.load_oci(tmp_path / "a.tar")
    assert isinstance(back, Index)
    assert [child.content for child in back.children] == children
