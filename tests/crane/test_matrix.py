"""
Copies between all pairs of places, of all kinds of content: what arrives is what left.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Final

import pytest

from ocikit import media
from ocikit._records import evolve
from ocikit.content import empty, synthetic
from ocikit.content.compression import Zstd
from ocikit.content.image import Content, Image, Index, NotAnImage
from ocikit.content.layer import Layer
from ocikit.content.partial import image_of, index_of
from ocikit.crane.copying import copy
from ocikit.crane.places import flush, load
from ocikit.mutate.flavours import docker
from ocikit.mutate.recompress import recompress
from ocikit.platforms import LINUX_AMD64
from ocikit.query.plan import plan
from ocikit.query.select import choose
from ocikit.spec.config import ConfigFile, History
from ocikit.testing.contracts import all_bytes
from tests.crane.conftest import Reach

#: A place of each kind; whatever follows is the second place of that kind.
PLACES: Final = {
    "registry": "r.example/app:{0}",
    "layout": "oci:{1}/out{0}:v1",
    "oci-archive": "oci-archive:{1}/oci{0}.tar:v1",
    "docker-archive": "docker-archive:{1}/docker{0}.tar:r.example/app:1",
    "dir": "dir:{1}/d{0}",
}


def _image(seed: int) -> Image:
    return synthetic.image(Random(seed), layers=2, size=100)


def _foreign(layer: Layer) -> Layer:
    said = evolve(
        layer.descriptor, media_type=media.OCI_FOREIGN_LAYER_GZIP, urls=("https://x.example/l",)
    )
    return evolve(layer, blob=evolve(layer.blob, descriptor=said))


def _with_foreign() -> Image:
    base, own = _image(5).layers
    return image_of(ConfigFile(os="linux", architecture="amd64"), [_foreign(base), own])


def _of_empty_layers() -> Image:
    history = (History(created_by="ENV A=b", empty_layer=True), History(created_by="COPY"))
    config = ConfigFile(os="linux", architecture="amd64", history=history)
    return image_of(config, _image(6).layers[:1])


CONTENTS: Final[dict[str, Content]] = {
    "image": _image(1),
    "docker image": docker(_image(2)),
    "index": synthetic.index(Random(3)),
    "docker list": docker(synthetic.index(Random(3))),
    "nested index": index_of([synthetic.index(Random(4)), _image(4)]),
    "artifact": synthetic.artifact(Random(5), subject=_image(1).descriptor),
    "zstd": recompress(_image(7), Zstd()),
    "foreign layer": _with_foreign(),
    "empty layers": _of_empty_layers(),
    "no layers": empty.IMAGE,
}


def _where(kind: str, number: int, folder: Path) -> str:
    return PLACES[kind].format(number, folder)


def _holds(kind: str, content: Content) -> bool:
    # What docker saves is runnable images; a manifest list or an artifact has no place.
    if kind != "docker-archive":
        return True
    return isinstance(content, Image) and not content.artifact_type


HELD: Final = [
    (source, what) for source in PLACES for what in CONTENTS if _holds(source, CONTENTS[what])
]


@pytest.mark.parametrize("target", PLACES)
@pytest.mark.parametrize(("source", "what"), HELD)
def test_what_arrives_is_what_left(
    reach: Reach, tmp_path: Path, source: str, target: str, what: str
) -> None:
    """
    The same documents to the byte and the same blobs, wherever the place can hold them,
    and each blob moves once. An archive for docker gets one image of an index, and says
    so; it refuses an artifact, and is not begun.
    """
    content, options = CONTENTS[what], reach.but(foreign=True)
    there, to = _where(source, 1, tmp_path), _where(target, 2, tmp_path)
    flush(there, content, options)
    reach.asked()
    if not _holds(target, content) and not isinstance(content, Index):
        with pytest.raises(NotAnImage):
            copy(there, to, options)
        assert not list(tmp_path.glob("docker2*"))
        return
    copy(there, to, options)
    asked = reach.asked()
    arrived = load(to, options)
    if _holds(target, content):
        assert reach.notices == []
    else:
        assert isinstance(content, Index)
        assert [note for note in reach.notices if "took linux/amd64" in note] == reach.notices
        assert len(reach.notices) == 1
        content = choose(content, LINUX_AMD64)
    assert arrived == content
    assert type(arrived) is type(content)
    assert all_bytes(arrived) == all_bytes(content)
    _no_more_than_needed(asked, source, target, arrived)


def _no_more_than_needed(asked: list[str], source: str, target: str, content: Content) -> None:
    fetched = [line for line in asked if line.startswith("GET ") and "/blobs/" in line]
    assert len(fetched) == len(set(fetched))
    if source == target == "registry":
        # Of one repository: it is there, and is only given another name.
        assert fetched == []
        sent = [line for line in asked if line.startswith(("PUT", "PATCH"))]
        assert not [line for line in sent if "/blobs/" in line]
    elif source == "registry":
        needed = [
            blob for blob in plan(content, foreign=True).blobs if blob.descriptor.data is None
        ]
        assert len(fetched) == len(needed)


@pytest.mark.parametrize("target", ["registry", "layout", "dir"])
@pytest.mark.parametrize("source", PLACES)
def test_a_second_copy_moves_nothing(
    reach: Reach, tmp_path: Path, source: str, target: str
) -> None:
    """
    Where things are found by digest, what is there is left alone.
    """
    content = CONTENTS["image"]
    there, to = _where(source, 1, tmp_path), _where(target, 2, tmp_path)
    flush(there, content, reach.options)
    copy(there, to, reach.options)
    before = {path: path.stat().st_ino for path in tmp_path.rglob("*") if path.is_file()}
    reach.asked()
    copy(there, to, reach.options)
    assert {path: path.stat().st_ino for path in tmp_path.rglob("*") if path.is_file()} == before
    asked = reach.asked()
    assert not [line for line in asked if line.startswith(("GET", "PUT")) and "/blobs/" in line]


@pytest.mark.parametrize("target", ["registry", "layout", "dir"])
def test_foreign_layers_stay_where_they_are(reach: Reach, tmp_path: Path, target: str) -> None:
    """
    Unless that is asked for, they are named and not moved; the digests are the same.
    """
    content = CONTENTS["foreign layer"]
    assert isinstance(content, Image)
    there, to = _where("layout", 1, tmp_path), _where(target, 2, tmp_path)
    flush(there, content, reach.options)
    copy(there, to, reach.options)
    arrived = load(to, reach.options)
    assert isinstance(arrived, Image)
    assert arrived == content
    assert arrived.layers[1].blob.open().read() == content.layers[1].blob.open().read()
    hexed = content.layers[0].digest.hex
    assert not list(tmp_path.rglob(f"*{hexed}*"))
    assert hexed not in str([line for line in reach.asked() if line.startswith("PUT")])
