"""
Archives of every age and maker are read, and damaged ones are refused.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from ocikit import media, tarball
from ocikit.content.compression import Gzip
from ocikit.content.image import Image
from ocikit.content.verify import DigestMismatch
from ocikit.digest import Digest
from ocikit.files.opener import FileMissing, FileOpener
from ocikit.spec.gojson import JSONInvalid
from ocikit.tarball.archive import ArchiveInvalid
from ocikit.tarball.load import ImageMissing
from tests.tarball.archives import LAYERS, config_of, docker_20, saved, tar_of


def read_all(image: Image) -> list[bytes]:
    """
    Read every layer, uncompressed.
    """
    contents: list[bytes] = []
    for layer in image.layers:
        with layer.uncompressed() as stream:
            contents.append(stream.read())
    return contents


@pytest.mark.parametrize("zipped", [False, True])
def test_docker_20_archive(tmp_path: Path, zipped: bool) -> None:
    """
    Links between layers are followed, also in an archive that is itself compressed.
    """
    path = docker_20(tmp_path / "a.tar", zipped=zipped)
    image = tarball.load(path)
    assert image.media_type == media.DOCKER_MANIFEST
    assert read_all(image) == [LAYERS[0], LAYERS[1], LAYERS[0]]
    assert [str(layer.digest) for layer in image.layers] == [
        str(layer.diff_id) for layer in image.layers
    ]


@pytest.mark.parametrize(
    "name", ["busybox:1", "docker.io/library/busybox:1", "registry.example/b:2"]
)
def test_tags_compare_in_full(tmp_path: Path, name: str) -> None:
    """
    A tag is found under its short and its full name.
    """
    path = docker_20(tmp_path / "a.tar")
    assert tarball.load(path, name) == tarball.load(path)


def test_missing_tag_lists_what_there_is(tmp_path: Path) -> None:
    """
    Asking for another tag tells which there are.
    """
    path = docker_20(tmp_path / "a.tar")
    with pytest.raises(ImageMissing, match=r"no image is tagged .*:3; there is busybox:1"):
        tarball.load(path, "busybox:3")
    with pytest.raises(ImageMissing, match="no image @1"):
        tarball.load(path, position=1)


def test_several_images_need_a_choice(tmp_path: Path) -> None:
    """
    Of several images none is taken silently; a position or `load_all` chooses.
    """
    documents = {"a": config_of(), "b": config_of(author="b"), "x": LAYERS[0], "y": LAYERS[1]}
    members = list(documents.items())
    images = [{"Config": name, "RepoTags": None, "Layers": ["x", "y"]} for name in "ab"]
    path = saved(tmp_path / "a.tar", members, *images)
    with pytest.raises(ImageMissing, match="several images"):
        tarball.load(path)
    both = [image for _, image in tarball.load_all(path)]
    assert [tarball.load(path, position=at) for at in (0, 1)] == both
    assert both[1].config_file.author == "b"


def test_compressed_layers_are_taken_as_they_are(tmp_path: Path) -> None:
    """
    Each layer is judged by its own bytes, and a name that is no digest is not believed.
    """
    zipped = gzip.compress(LAYERS[0])
    members = [("cfg", config_of()), ("./one.tar.gz", zipped), ("two", LAYERS[1])]
    image = {"Config": "cfg", "Layers": ["one.tar.gz", "two"]}
    loaded = tarball.load(saved(tmp_path / "a.tar", members, image))
    assert [layer.media_type for layer in loaded.layers] == [
        media.DOCKER_LAYER_GZIP,
        media.DOCKER_LAYER,
    ]
    assert loaded.layers[0].digest == Digest.of(zipped)
    assert read_all(loaded) == [*LAYERS]


def test_layers_can_be_compressed_while_loading(tmp_path: Path) -> None:
    """
    With a compression, layers that are not compressed become so; diff IDs stay.
    """
    path = docker_20(tmp_path / "a.tar")
    plain, small = tarball.load(path), tarball.load(path, compression=Gzip())
    assert {layer.media_type for layer in small.layers} == {media.DOCKER_LAYER_GZIP}
    assert [each.diff_id for each in small.layers] == [each.diff_id for each in plain.layers]
    assert small.config == plain.config


def test_layer_that_is_not_its_diff_id_is_corrupt(tmp_path: Path) -> None:
    """
    A layer whose bytes are not those of its diff ID raises when it is read.
    """
    members = [("cfg", config_of()), ("x", LAYERS[0]), ("y", tar_of(("etc/two", b"33")))]
    path = saved(tmp_path / "a.tar", members, {"Config": "cfg", "Layers": ["x", "y"]})
    image = tarball.load(path)
    with pytest.raises(DigestMismatch):
        read_all(image)


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (b"null", "lists no image"),
        (b"{}", "expected array"),
        (b'[{"Layers":[]}]', r"\[0\]\.Config: required member"),
        (b"[1]", "expected object"),
        (b"[", "manifest.json"),
    ],
)
def test_odd_manifests_are_told(tmp_path: Path, manifest: bytes, reason: str) -> None:
    """
    A `manifest.json` that is none says what is wrong with it, and where.
    """
    path = tmp_path / "a.tar"
    path.write_bytes(tar_of(("manifest.json", manifest)))
    with pytest.raises((ArchiveInvalid, JSONInvalid), match=reason):
        tarball.load(path)


def test_files_that_are_no_archives(tmp_path: Path) -> None:
    """
    No file, no tar, no manifest, and a link to nowhere are each named.
    """
    with pytest.raises(FileMissing, match="no such file"):
        tarball.load(tmp_path / "none.tar")
    (tmp_path / "text").write_text("hello " * 500)
    with pytest.raises(ArchiveInvalid, match="not a tar archive"):
        tarball.load(tmp_path / "text")
    (tmp_path / "empty.tar").write_bytes(tar_of(("x", b"")))
    with pytest.raises(ArchiveInvalid, match=r"no manifest\.json"):
        tarball.load(tmp_path / "empty.tar")
    members = [("cfg", config_of(LAYERS[:1])), ("x", "y"), ("y", "x")]
    looped = saved(tmp_path / "loop.tar", members, {"Config": "cfg", "Layers": ["x"]})
    with pytest.raises(ArchiveInvalid, match="circles"):
        tarball.load(looped)


def test_truncated_archive_is_told(tmp_path: Path) -> None:
    """
    An archive that ends within a layer raises when the layer is read, at the latest.
    """
    path = docker_20(tmp_path / "a.tar")
    whole = path.read_bytes()
    for end in range(512, whole.index(b'[{"Config"'), 512):
        path.write_bytes(whole[:end])
        with pytest.raises((ArchiveInvalid, JSONInvalid, DigestMismatch)):
            read_all(tarball.load(path))


def test_foreign_layer_keeps_its_source(tmp_path: Path) -> None:
    """
    A layer that `LayerSources` describes with URLs keeps that descriptor.
    """
    diff_id = str(Digest.of(LAYERS[0]))
    zipped = gzip.compress(LAYERS[0])
    source = {
        "mediaType": media.DOCKER_FOREIGN_LAYER_GZIP,
        "size": len(zipped),
        "digest": str(Digest.of(zipped)),
        "urls": ["https://layers.example/x"],
    }
    members = [("cfg", config_of(LAYERS[:1])), ("x", zipped)]
    image = {"Config": "cfg", "Layers": ["x"], "LayerSources": {diff_id: source}}
    layer = tarball.load(saved(tmp_path / "a.tar", members, image)).layers[0]
    assert layer.descriptor.urls == ("https://layers.example/x",)
    assert layer.media_type == media.DOCKER_FOREIGN_LAYER_GZIP


def test_opener_as_source(tmp_path: Path) -> None:
    """
    What can be opened can be loaded; a path is only the usual case.
    """
    path = docker_20(tmp_path / "a.tar")
    assert tarball.load(FileOpener(str(path))) == tarball.load(path)


def test_manifest_json_is_bounded(tmp_path: Path) -> None:
    """
    A manifest beyond 4 MiB is refused before it is read.
    """
    path = tmp_path / "a.tar"
    path.write_bytes(tar_of(("manifest.json", json.dumps(["x" * (5 << 20)]).encode())))
    with pytest.raises(Exception, match="more than the limit"):
        tarball.load(path)
