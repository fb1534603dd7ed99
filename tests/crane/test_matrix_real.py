"""
Copies between places and what we did not write: engines, containerd, skopeo.
"""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from ocikit import media
from ocikit.content.image import Content, Image, Index
from ocikit.crane.copying import copy
from ocikit.crane.options import Options
from ocikit.crane.places import flush, load
from ocikit.daemon.engine import Engine as Ours
from ocikit.daemon.faults import EngineRefused
from ocikit.digest import Digest, finish, hasher
from ocikit.platforms import LINUX_AMD64
from ocikit.query.select import choose
from ocikit.testing.contracts import all_bytes
from tests.crane.conftest import Reach
from tests.crane.test_matrix import CONTENTS, PLACES
from tests.real.dockerd import Engine
from tests.real.process import Command

pytestmark = pytest.mark.real

ENGINES = ("dockerd", "dockerd26", "podman")
#: What engines can hold.
RUNNABLE = [what for what in CONTENTS if what != "artifact"]
#: It copies no index in an index, and asks the URLs of foreign layers.
BEYOND_SKOPEO = ("nested index", "foreign layer")
#: What it looks for in layouts.
OF_OCI = ("image", "index", "artifact", "zstd", "empty layers")


@pytest.fixture(params=ENGINES)
def options(request: pytest.FixtureRequest, reach: Reach) -> Options:
    """
    Options whose engine is Docker's, of yesterday and today, and podman's.
    """
    engine: Engine = request.getfixturevalue(request.param)
    return reach.but(engine=Ours(f"unix://{engine.socket}"), foreign=True)


def _where(kind: str, number: int, folder: Path) -> str:
    return PLACES[kind].format(number, folder)


def _name() -> str:
    return f"registry.example/matrix/{uuid4().hex}:1"


def _unpacked(image: Image) -> list[Digest]:
    found: list[Digest] = []
    for layer in image.layers:
        running = hasher()
        with layer.uncompressed() as stream:
            while chunk := stream.read(1 << 16):
                running.update(chunk)
        found.append(finish(running))
    return found


def _one(content: Content) -> Image:
    image = choose(content, LINUX_AMD64) if isinstance(content, Index) else content
    assert isinstance(image, Image)
    return image


def _same_to_an_engine(left: Image, right: Image) -> None:
    assert left.config.digest == right.config.digest
    assert _unpacked(left) == _unpacked(right)


@pytest.mark.parametrize("what", RUNNABLE)
def test_engines_keep_configuration_and_files(
    options: Options, reach: Reach, tmp_path: Path, what: str, request: pytest.FixtureRequest
) -> None:
    """
    Of every content; what an engine need not keep is told, and so is what was chosen.
    Docker takes an image without layers, and then does not save it.
    """
    content, engine = CONTENTS[what], f"docker-daemon:{_name()}"
    flush(_where("layout", 1, tmp_path), content, options)
    copy(_where("layout", 1, tmp_path), engine, options)
    told = [note for note in reach.notices if "need not keep" in note]
    assert len(told) == 1
    assert ("compression" in told[0]) == (what != "no layers")
    assert len(reach.notices) == 1 + isinstance(content, Index)
    if what == "no layers" and "podman" not in request.node.name:
        with pytest.raises(EngineRefused, match="empty export"):
            load(engine, options)
        return
    back = load(engine, options)
    assert isinstance(back, Image)
    _same_to_an_engine(back, _one(content))


@pytest.mark.parametrize("kind", PLACES)
def test_engines_and_every_place(options: Options, reach: Reach, tmp_path: Path, kind: str) -> None:
    """
    From any place into an engine; and what an engine gives is in any place as it gave it,
    but that layers are packed which go to a registry.
    """
    content, engine = CONTENTS["image"], f"docker-daemon:{_name()}"
    flush(_where(kind, 1, tmp_path), content, options)
    copy(_where(kind, 1, tmp_path), engine, options)
    given = load(engine, options)
    assert isinstance(given, Image)
    _same_to_an_engine(given, _one(content))
    reach.notices.clear()
    copy(engine, _where(kind, 2, tmp_path), options)
    arrived = load(_where(kind, 2, tmp_path), options)
    assert reach.notices == []
    if kind == "registry":
        assert isinstance(arrived, Image)
        _same_to_an_engine(arrived, given)
        assert {media.compression_of(layer.media_type) for layer in arrived.layers} == {"gzip"}
        return
    assert arrived == given
    assert all_bytes(arrived) == all_bytes(given)


@pytest.mark.parametrize("what", CONTENTS)
def test_containerd_keeps_digests(ctr: Command, reach: Reach, tmp_path: Path, what: str) -> None:
    """
    Through an archive there and another back, everything is as it was.
    """
    content, name = CONTENTS[what], _name()
    options = reach.but(foreign=True)
    flush(f"oci-archive:{tmp_path}/out.tar:{name}", content, options)
    ctr("images", "import", "--all-platforms", "--no-unpack", tmp_path / "out.tar")
    ctr("images", "export", "--all-platforms", tmp_path / "back.tar", name)
    copy(f"oci-archive:{tmp_path}/back.tar:{name}", "r.example/app:back", options)
    arrived = load("r.example/app:back", options)
    assert arrived == content
    assert all_bytes(arrived) == all_bytes(content)


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        *[("layout", what) for what in OF_OCI],
        *[("oci-archive", what) for what in OF_OCI],
        *[("dir", what) for what in CONTENTS if what not in BEYOND_SKOPEO],
    ],
)
def test_skopeo_copies_what_we_wrote(
    skopeo: Command, reach: Reach, tmp_path: Path, kind: str, what: str
) -> None:
    """
    Out of every place in files, with its digest.
    """
    content, options = CONTENTS[what], reach.but(foreign=True)
    flush(_where(kind, 1, tmp_path), content, options)
    back = f"dir:{tmp_path}/back"
    skopeo("copy", "--all", "--preserve-digests", _where(kind, 1, tmp_path), back)
    assert load(back, options) == content


@pytest.mark.parametrize("what", RUNNABLE)
def test_skopeo_reads_our_docker_archives(
    skopeo: Command, reach: Reach, tmp_path: Path, what: str
) -> None:
    """
    It makes a manifest of its own; configuration and files are ours.
    """
    place, options = _where("docker-archive", 1, tmp_path), reach.but(foreign=True)
    flush(place, CONTENTS[what], options)
    skopeo("copy", f"docker-archive:{tmp_path}/docker1.tar", f"dir:{tmp_path}/back")
    back = load(f"dir:{tmp_path}/back", options)
    assert isinstance(back, Image)
    _same_to_an_engine(back, _one(CONTENTS[what]))
