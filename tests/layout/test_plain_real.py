"""
Plain directories as skopeo reads and writes them.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from ocikit import layout, registry
from ocikit.content import synthetic
from ocikit.content.image import Image, Index
from tests.layout.names import names
from tests.real.docker_registry import DockerRegistry
from tests.real.process import Command

pytestmark = pytest.mark.real


def test_skopeo_reads_ours(
    skopeo: Command, busybox: Image, docker_registry: DockerRegistry, tmp_path: Path
) -> None:
    """
    What we wrote goes through skopeo into a registry with its digest.
    """
    layout.flush_plain(tmp_path / "ours", busybox)
    host = docker_registry.host
    skopeo("copy", "--dest-tls-verify=false", f"dir:{tmp_path}/ours", f"docker://{host}/plain:1")
    assert registry.load(f"{host}/plain:1") == busybox
    inspected = json.loads(skopeo("inspect", f"dir:{tmp_path}/ours"))
    assert inspected["Digest"] == str(busybox.digest)


def test_we_read_skopeo_s(
    skopeo: Command, busybox: Image, docker_registry: DockerRegistry, tmp_path: Path
) -> None:
    """
    What skopeo wrote is the same to the byte as what we write.
    """
    name = f"{docker_registry.host}/plain:2"
    registry.flush(name, busybox)
    skopeo("copy", "--src-tls-verify=false", f"docker://{name}", f"dir:{tmp_path}/theirs")
    assert layout.load_plain(tmp_path / "theirs") == busybox
    layout.flush_plain(tmp_path / "ours", busybox)
    assert _bytes(tmp_path / "ours") == _bytes(tmp_path / "theirs")


def test_indexes_both_ways(
    skopeo: Command, docker_registry: DockerRegistry, tmp_path: Path
) -> None:
    """
    All platforms of an index, to the byte.
    """
    index = synthetic.index(Random(3))
    layout.flush_plain(tmp_path / "ours", index)
    name = f"{docker_registry.host}/plain:3"
    skopeo("copy", "--all", "--dest-tls-verify=false", f"dir:{tmp_path}/ours", f"docker://{name}")
    found = registry.load(name)
    assert isinstance(found, Index)
    assert found == index
    skopeo("copy", "--all", "--src-tls-verify=false", f"docker://{name}", f"dir:{tmp_path}/theirs")
    assert layout.load_plain(tmp_path / "theirs") == index
    assert _bytes(tmp_path / "ours") == _bytes(tmp_path / "theirs")


def test_skopeo_takes_ours_for_its_own(skopeo: Command, busybox: Image, tmp_path: Path) -> None:
    """
    Each writes over what the other wrote, and reads it.
    """
    layout.flush(tmp_path / "layout", busybox, reference="v1")
    layout.flush_plain(tmp_path / "d", synthetic.image(Random(4)))
    skopeo("copy", f"oci:{tmp_path}/layout:v1", f"dir:{tmp_path}/d")
    assert layout.load_plain(tmp_path / "d") == busybox
    other = synthetic.image(Random(5))
    layout.flush_plain(tmp_path / "d", other)
    assert layout.load_plain(tmp_path / "d") == other


def _bytes(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in names(folder)}
