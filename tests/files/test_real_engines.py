"""
Images that engines have made and saved: read, extracted and flattened by us.
"""

from __future__ import annotations

import functools
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ocikit import daemon, layout, tarball
from ocikit.content.image import Image
from ocikit.content.partial import image_of
from ocikit.files.extraction import extract
from ocikit.files.layer import layer as folder_layer
from ocikit.files.repack import difference
from ocikit.mutate.flatten import flatten
from ocikit.mutate.flavours import oci
from ocikit.mutate.layers import append
from ocikit.mutate.removal import remove_layers
from ocikit.spec.config import ConfigFile
from ocikit.testing import building
from ocikit.testing.building import directory, link, symlink
from tests.files.places import as_layer, seen
from tests.real.dockerd import Engine
from tests.real.process import Command

pytestmark = pytest.mark.real

ENGINES = ("dockerd", "dockerd26", "podman")

#: What the base has besides busybox.
BASE = building.archive(
    directory("srv"),
    directory("srv/gone"),
    ("srv/gone/a", b"a"),
    directory("srv/refilled"),
    ("srv/refilled/old", b"old"),
    ("srv/file", b"file"),
    link("srv/link", "srv/file"),
    symlink("srv/soft", "file"),
    directory("srv/private", 0o700),
    ("srv/private/x", b"x"),
    ("srv/becomes-a-folder", b""),
    directory("srv/becomes-a-file"),
    ("srv/becomes-a-file/x", b""),
)
#: What a container does to it.
CHANGES = """
set -e
b=/bin/busybox
cd /srv
$b rm -r gone becomes-a-folder becomes-a-file
$b rm -r refilled; $b mkdir refilled; echo new > refilled/new
echo more >> file
$b mkdir becomes-a-folder; echo x > becomes-a-folder/x
echo y > becomes-a-file
$b ln becomes-a-file other-name
$b ln -s /srv/file absolute
$b chmod 4755 private/x
$b chown 12:34 private
$b mkfifo pipe
$b dd if=/dev/zero of=large bs=1024 count=3000 2> /dev/null
for each in * */* .; do $b touch -h -d @1600000000 $each; done
"""


@pytest.fixture(scope="module")
def saved(
    request: pytest.FixtureRequest,
    busybox_layer_tree: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], Path]:
    """
    Let an engine make an image of two layers of ours and one of its own, and save it.
    """
    folder = tmp_path_factory.mktemp("saved")
    config = ConfigFile(os="linux", architecture="amd64")
    base = image_of(config, [folder_layer(busybox_layer_tree, epoch=0), as_layer(BASE)])

    @functools.cache
    def save(name: str) -> Path:
        engine: Engine = request.getfixturevalue(name)
        daemon.flush("base:1", base, engine=daemon.Engine(f"unix://{engine.socket}"))
        run = ("--name", "changed", "--network", "none")
        engine.cli("run", *run, "base:1", "/bin/sh", "-c", CHANGES)
        engine.cli("commit", "changed", "changed:1")
        engine.cli("rm", "changed")
        engine.cli("save", "-o", folder / name, "changed:1")
        return folder / name

    return save


def _files(folder: Path) -> dict[str, Any]:
    """
    Take down what the container was about: engines add folders and files of their own.
    """
    found = seen(folder)
    return {path: found[path] for path in found if path.split("/")[0] in ("srv", "bin")}


def test_all_engines_made_the_same(saved: Callable[[str], Path], tmp_path: Path) -> None:
    """
    Every fact of every file, whichever engine made and saved the image.
    """
    found = {}
    for name in ENGINES:
        extract(tarball.load(saved(name)), tmp_path / name)
        found[name] = _files(tmp_path / name)
    assert found["dockerd"] == found["dockerd26"] == found["podman"]
    assert sorted(path for path in found["podman"] if path.startswith("srv/")) == [
        *("srv/absolute", "srv/becomes-a-file", "srv/becomes-a-folder", "srv/becomes-a-folder/x"),
        *("srv/file", "srv/large", "srv/link", "srv/other-name", "srv/pipe", "srv/private"),
        *("srv/private/x", "srv/refilled", "srv/refilled/new", "srv/soft"),
    ]
    assert (tmp_path / "podman/srv/link").read_bytes() == b"file" + b"more\n"


@pytest.mark.parametrize("name", ENGINES)
def test_umoci_agrees(
    name: str, saved: Callable[[str], Path], umoci: Command, tmp_path: Path
) -> None:
    """
    On the image as it was saved, and on the flattened one.
    """
    image = tarball.load(saved(name))
    assert len(image.layers) == 3
    flat = flatten(image)
    for what, each in {"image": image, "flat": flat}.items():
        layout.flush(tmp_path / "layout", oci(each), reference=what, durable=False)
        umoci("unpack", "--image", f"{tmp_path}/layout:{what}", tmp_path / what)
        extract(each, tmp_path / f"our-{what}")
    ours = seen(tmp_path / "our-image")
    del ours["."]
    for other in ("our-flat", "image/rootfs", "flat/rootfs"):
        theirs = seen(tmp_path / other)
        del theirs["."]
        assert ours == theirs


@pytest.mark.parametrize("name", ENGINES)
def test_engines_take_what_we_pack(
    name: str,
    saved: Callable[[str], Path],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    """
    What a container changed, packed by us upon the base: the engine sees the same files.
    """
    image = tarball.load(saved(name))
    extract(image, tmp_path / "changed")
    base = remove_layers(image, -1)
    packed = append(base, difference(tmp_path / "changed", base))
    engine: Engine = request.getfixturevalue(name)
    daemon.flush("packed:1", packed, engine=daemon.Engine(f"unix://{engine.socket}"))
    engine.cli("create", "--name", "packed", "--network", "none", "packed:1", "/bin/sh")
    exported = engine.cli.bytes("export", "packed")
    engine.cli("rm", "packed")
    extract([as_layer(exported)], tmp_path / "exported")
    assert _files(tmp_path / "exported") == _files(tmp_path / "changed")


def test_docker_of_today_saves_a_layout(saved: Callable[[str], Path]) -> None:
    """
    Its archive is both: the same image by its own index, and by the layout's.
    """
    path = saved("dockerd26")
    with tarfile.open(path) as archive:
        names = {*archive.getnames()}
    assert {"oci-layout", "index.json", "manifest.json"} <= names
    image, of_layout = tarball.load(path), tarball.load_oci(path)
    assert isinstance(of_layout, Image)
    assert image.config.digest == of_layout.config.digest
    assert [each.diff_id for each in image.layers] == [each.diff_id for each in of_layout.layers]
