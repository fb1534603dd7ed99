"""
Archives in the layout of Docker 1.9 and before.
"""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from ocikit import mutate, tarball
from ocikit._records import evolve
from ocikit.content.compression import Gzip
from ocikit.content.image import Image
from ocikit.content.partial import image_of
from ocikit.files.layer import layer
from ocikit.spec.config import ConfigFile, History
from ocikit.tarball.legacy import HistoryUneven, flush_legacy
from tests.real.dockerd import Engine


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
    with pytest.raises(HistoryUneven, match="2 layers and 1 entries"):
        flush_legacy(tmp_path / "a.tar", {"a:b": odd})
    assert not (tmp_path / "a.tar").exists()


@pytest.mark.real
def test_docker_loads_it(tmp_path: Path, busybox: Image, dockerd: Engine) -> None:
    """
    Docker still takes the layout, and the container prints.
    """
    flush_legacy(tmp_path / "a.tar", {"registry.example/ocikit/legacy:1": busybox})
    dockerd.cli("load", "-i", str(tmp_path / "a.tar"))
    assert dockerd.run("registry.example/ocikit/legacy:1") == "legacy"
