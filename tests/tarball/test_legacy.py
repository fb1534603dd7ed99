"""
Archives in the layout of Docker 1.9 and before.
"""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from ocikit import daemon, mutate, tarball
from ocikit._records import evolve
from ocikit.content.compression import Gzip
from ocikit.content.image import Image
from ocikit.content.partial import image_of
from ocikit.files.layer import layer
from ocikit.query.validate import validate
from ocikit.spec.config import ConfigFile, History
from ocikit.tarball.archive import ArchiveInvalid
from ocikit.tarball.legacy import HistoryUneven, flush_legacy
from ocikit.tarball.load import ImageMissing
from tests.real.dockerd import Engine
from tests.tarball.archives import tar_of


@pytest.fixture
def busybox(tmp_path: Path, busybox_layer_tree: Path) -> Image:
    """
    A runnable image of two layers, with a history of three steps.
    """
    (tmp_path / "more").mkdir()
    (tmp_path / "more/file").write_text("legacy")
    layers = [layer(busybox_layer_tree), layer(tmp_path / "more", compression=Gzip())]
    history = (History(created_by="one"), History(empty_layer=True), History(created_by="two"))
    config = ConfigFile(os="linux", architecture="amd64", history=history)
    return mutate.config(image_of(config, layers), cmd=["/bin/busybox", "cat", "/file"])


def test_each_layer_has_its_folder(tmp_path: Path, busybox: Image) -> None:
    """
    Layers form a chain of IDs from the lowest up; `repositories` names the top one.
    """
    path = tmp_path / "a.tar"
    flush_legacy(path, {"r.example/a:b": busybox})
    with tarfile.open(path) as tar:
        members = {name: tar.extractfile(name) for name in tar.getnames()}
        read = {name: file.read() for name, file in members.items() if file is not None}
    image = json.loads(read["manifest.json"])[0]
    folders = [name.partition("/")[0] for name in image["Layers"]]
    said = [json.loads(read[f"{folder}/json"]) for folder in folders]
    assert [each["id"] for each in said] == folders
    assert [each.get("parent") for each in said] == [None, folders[0]]
    assert [each["container_config"]["Cmd"] for each in said] == [["one"], ["two"]]
    assert said[1]["config"]["Cmd"] == ["/bin/busybox", "cat", "/file"]
    assert json.loads(read["repositories"]) == {"r.example/a": {"b": folders[1]}}
    assert {read[f"{folder}/VERSION"] for folder in folders} == {b"1.0"}


def test_it_is_read_back(tmp_path: Path, busybox: Image) -> None:
    """
    Configuration and diff IDs come back; the bytes are the same each time.
    """
    for name in ("a.tar", "b.tar"):
        flush_legacy(tmp_path / name, {"r.example/a:b": busybox})
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()
    back = tarball.load(tmp_path / "a.tar", "r.example/a:b")
    assert back.config.digest == busybox.config.digest
    assert [each.diff_id for each in back.layers] == [each.diff_id for each in busybox.layers]


def test_history_that_does_not_fit_is_refused(tmp_path: Path, busybox: Image) -> None:
    """
    A history that names more or fewer layers than there are cannot be told apart.
    """
    config = evolve(busybox.config_file, history=(History(),))
    odd = image_of(config, busybox.layers)
    with pytest.raises(HistoryUneven, match="2 layers and 1 entry of"):
        flush_legacy(tmp_path / "a.tar", {"a:b": odd})
    assert not (tmp_path / "a.tar").exists()


def old(path: Path, image: Image, **changed: object) -> Path:
    """
    Write an archive that Docker before 1.10 might have written: nothing but the folders
    of layers, and `repositories`.
    """
    flush_legacy(path, {"registry.example/ocikit/old:1": image, "b:2": image})
    with tarfile.open(path) as tar:
        files = {info.name: tar.extractfile(info) for info in tar}
        read = {name: file.read() for name, file in files.items() if file is not None}
    kept = {name: data for name, data in read.items() if "/" in name or name == "repositories"}
    kept |= {name: json.dumps(value).encode() for name, value in changed.items()}
    path.write_bytes(tar_of(*kept.items()))
    return path


def test_archives_without_a_manifest_are_read(tmp_path: Path, busybox: Image) -> None:
    """
    Layers are followed to their parents; the configuration is made of what they say.
    """
    path = old(tmp_path / "a.tar", busybox)
    ((tags, image),) = tarball.load_all(path)
    assert tags == ("registry.example/ocikit/old:1", "b:2")
    assert tarball.load(path, "b:2") == image
    assert [each.diff_id for each in image.layers] == [each.diff_id for each in busybox.layers]
    assert image.config_file.config.cmd == ("/bin/busybox", "cat", "/file")
    assert [each.created_by for each in image.config_file.history] == ["one", "two"]
    assert "id" not in image.config_file.extra
    assert [found for found in validate(image) if found.severity == "error"] == []
    with pytest.raises(ImageMissing, match=r"r\.example/x:1.*b:2"):
        tarball.load(path, "r.example/x:1")


def test_layers_that_make_no_sense_are_told(tmp_path: Path, busybox: Image) -> None:
    """
    Parents in a circle, tags that are none, a layer that is not there.
    """
    for name, value in {"repositories": {"a": 1}, "x/json": {"id": "x", "parent": "x"}}.items():
        told = {"repositories": {"a": {"b": "x"}}, name: value}
        with pytest.raises(ArchiveInvalid, match=r"no tags|no end"):
            tarball.load_all(old(tmp_path / "a.tar", busybox, **told))
    with pytest.raises(ArchiveInvalid, match="'y/json'"):
        tarball.load_all(old(tmp_path / "a.tar", busybox, repositories={"a": {"b": "y"}}))


@pytest.mark.real
def test_docker_makes_the_same_of_them(tmp_path: Path, busybox: Image, dockerd: Engine) -> None:
    """
    Docker 20.10 reads such archives still: it finds the same layers and command.
    """
    path, name = old(tmp_path / "a.tar", busybox), "registry.example/ocikit/old:1"
    dockerd.cli("load", "-i", str(path))
    theirs = daemon.load(name, engine=daemon.Engine(f"unix://{dockerd.socket}")).config_file
    ours = tarball.load(path, name).config_file
    assert (theirs.rootfs, theirs.config.cmd) == (ours.rootfs, ours.config.cmd)
    assert theirs.history == ours.history


@pytest.mark.real
def test_docker_loads_it(tmp_path: Path, busybox: Image, dockerd: Engine) -> None:
    """
    Docker still takes the layout, and the container prints.
    """
    flush_legacy(tmp_path / "a.tar", {"registry.example/ocikit/legacy:1": busybox})
    dockerd.cli("load", "-i", str(tmp_path / "a.tar"))
    assert dockerd.run("registry.example/ocikit/legacy:1") == "legacy"
