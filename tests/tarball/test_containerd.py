"""
containerd takes our archives, and we its.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ocikit import mutate, tarball
from ocikit.content import synthetic
from ocikit.content.compression import Zstd
from ocikit.content.image import Image, Index
from ocikit.content.partial import image_of
from ocikit.files.layer import layer
from ocikit.platforms import LINUX_AMD64
from ocikit.query.select import choose
from ocikit.spec.config import ConfigFile
from ocikit.testing.assertions import assert_same_image
from tests.real.process import Command

INDEX = synthetic.index(random.Random(1), size=1000)
ZSTD = image_of(
    ConfigFile(os="linux", architecture="amd64"),
    [synthetic.layer(random.Random(2), 1000, compression=Zstd())],
)
CONTENTS: dict[str, Image | Index] = {
    "image": synthetic.image(random.Random(3), layers=2, size=1000),
    "docker": synthetic.image(random.Random(4), docker=True, size=1000),
    "index": INDEX,
    "zstd": ZSTD,
}


def taken(ctr: Command, path: Path, name: str) -> str:
    """
    Import an archive, and give the digest that containerd has under a name.
    """
    ctr("images", "import", "--all-platforms", "--no-unpack", path)
    lines = ctr("images", "ls").splitlines()
    found = [line.split() for line in lines if line.startswith(f"{name} ")]
    return found[0][2] if found else "none of: " + "; ".join(lines)


@pytest.mark.real
@pytest.mark.parametrize("kind", CONTENTS)
def test_oci_archives_go_there_and_back(ctr: Command, tmp_path: Path, kind: str) -> None:
    """
    By the same digest, indexes whole.
    """
    content, name = CONTENTS[kind], f"registry.example/ocikit/{kind}:1"
    tarball.flush_oci(tmp_path / "a.tar", content, reference=name)
    assert taken(ctr, tmp_path / "a.tar", name) == str(content.digest)
    ctr("images", "export", "--all-platforms", tmp_path / "b.tar", name)
    assert_same_image(tarball.load_oci(tmp_path / "b.tar", name), content)


@pytest.mark.real
def test_docker_archives_go_there(ctr: Command, tmp_path: Path) -> None:
    """
    It reads the layout that they also are, and so keeps the digest.
    """
    image, name = synthetic.image(random.Random(5), size=1000), "registry.example/ocikit/both:1"
    tarball.flush(tmp_path / "a.tar", image, reference=name)
    assert taken(ctr, tmp_path / "a.tar", name) == str(image.digest)
    ctr("images", "export", tmp_path / "b.tar", name)
    loaded = tarball.load(tmp_path / "b.tar", name)
    assert isinstance(loaded, Image)
    assert loaded == image


@pytest.mark.real
def test_a_platform_is_taken_of_its_archives(ctr: Command, tmp_path: Path) -> None:
    """
    One that it exports for a platform has an index with that image alone.
    """
    name = "registry.example/ocikit/platform:1"
    tarball.flush_oci(tmp_path / "a.tar", INDEX, reference=name)
    ctr("images", "import", "--all-platforms", "--no-unpack", tmp_path / "a.tar")
    ctr("images", "export", "--platform", "linux/amd64", tmp_path / "b.tar", name)
    found = tarball.load_oci(tmp_path / "b.tar", name)
    assert isinstance(found, Index)
    assert choose(found, LINUX_AMD64) == choose(INDEX, LINUX_AMD64)


@pytest.mark.real
def test_containerd_runs_them(ctr: Command, tmp_path: Path, busybox_layer_tree: Path) -> None:
    """
    A container of an imported archive prints.
    """
    config = ConfigFile(os="linux", architecture="amd64")
    image = image_of(config, [layer(busybox_layer_tree, compression=Zstd())])
    image = mutate.config(image, cmd=["/bin/sh", "-c", "echo run by containerd"])
    name = "registry.example/ocikit/runs:1"
    tarball.flush_oci(tmp_path / "a.tar", image, reference=name)
    ctr("images", "import", "--snapshotter", "native", tmp_path / "a.tar")
    said = ctr("run", "--rm", "--snapshotter", "native", name, f"ocikit-{tmp_path.name[-40:]}")
    assert said.strip() == "run by containerd"
