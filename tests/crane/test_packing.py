"""
What engines keep unpacked, on its way to a registry.
"""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from random import Random

import pytest

from ocikit import media, mutate, tarball
from ocikit.content import synthetic
from ocikit.content.compression import Plain, Zstd
from ocikit.content.image import Image
from ocikit.crane.copying import copy, survey_copy
from ocikit.crane.options import for_registry
from ocikit.crane.places import flush, load
from tests.crane.conftest import Reach
from tests.tarball.archives import docker_20, tar_of

PLAIN = mutate.recompress(synthetic.image(Random(1), layers=2), Plain())


def _image(name: str, reach: Reach) -> Image:
    found = load(name, reach.options)
    assert isinstance(found, Image)
    return found


def _kinds(image: Image) -> set[str | None]:
    return {media.compression_of(layer.media_type) for layer in image.layers}


def test_what_an_engine_saved_is_packed(reach: Reach, tmp_path: Path) -> None:
    """
    Into a registry layers go compressed, as asked or by gzip; the files are the same, and so
    is the configuration. A dry run tells the same digests.
    """
    place = f"docker-archive:{docker_20(tmp_path / 'a.tar')}:busybox:1"
    told = {step.digest for step in survey_copy(place, "r.example/a:1", reach.options)}
    copy(place, "r.example/a:1", reach.options)
    arrived, lies = _image("r.example/a:1", reach), _image(place, reach)
    assert (_kinds(arrived), _kinds(lies)) == ({"gzip"}, {"none"})
    assert [each.diff_id for each in arrived.layers] == [each.diff_id for each in lies.layers]
    assert arrived.config == lies.config
    assert told == {
        arrived.digest,
        arrived.config.digest,
        *(each.digest for each in arrived.layers),
    }
    copy(place, "r.example/a:2", reach.but(compression=Zstd()))
    assert _kinds(_image("r.example/a:2", reach)) == {"zstd"}


@pytest.mark.parametrize("target", ["oci:PATH/out:1", "oci-archive:PATH/o.tar:1", "dir:PATH/dir"])
def test_elsewhere_it_stays_unpacked(reach: Reach, tmp_path: Path, target: str) -> None:
    """
    On this machine nothing is gained, unless it is asked for.
    """
    place = f"docker-archive:{docker_20(tmp_path / 'a.tar')}:busybox:1"
    where = target.replace("PATH", str(tmp_path))
    copy(place, where, reach.options)
    assert load(where, reach.options) == load(place, reach.options)
    copy(place, where, for_registry(reach.options))
    assert _kinds(_image(where, reach)) == {"gzip"}


def test_who_wants_it_plain_has_it_plain(reach: Reach, tmp_path: Path) -> None:
    """
    `none` leaves everything as it lies, in a registry too.
    """
    place = f"docker-archive:{docker_20(tmp_path / 'a.tar')}:busybox:1"
    copy(place, "r.example/a:1", reach.but(compression=Plain()))
    assert load("r.example/a:1", reach.options) == load(place, reach.options)


def test_an_image_s_own_manifest_is_kept(reach: Reach, tmp_path: Path) -> None:
    """
    An archive that has it keeps the digest on every way, though its layers are plain.
    """
    place = f"docker-archive:{tmp_path}/a.tar:r.example/a:1"
    flush(place, PLAIN, reach.options)
    copy(place, "r.example/a:1", reach.options)
    assert load("r.example/a:1", reach.options) == PLAIN


def test_manifests_that_engines_make_are_not_kept(reach: Reach, tmp_path: Path) -> None:
    """
    Trap: Docker's since 25 save a manifest of what they unpacked, of which no registry
    ever knew; only they list the sources of all layers in `manifest.json`.
    """
    path = tmp_path / "a.tar"
    tarball.flush(path, PLAIN, reference="r.example/a:1")
    _as_docker_25(path)
    place = f"docker-archive:{path}"
    assert load(place, reach.options) == PLAIN
    copy(place, "r.example/a:1", reach.options)
    arrived = _image("r.example/a:1", reach)
    assert _kinds(arrived) == {"gzip"}
    assert arrived.config == PLAIN.config


def _as_docker_25(path: Path) -> None:
    with tarfile.open(path) as tar:
        members = [(each.name, tar.extractfile(each)) for each in tar if each.isfile()]
        files = {name: file.read() for name, file in members if file is not None}
    (saved,) = json.loads(files["manifest.json"])
    saved["LayerSources"] = {
        str(layer.diff_id): {
            "mediaType": media.OCI_LAYER,
            "size": layer.size,
            "digest": str(layer.digest),
        }
        for layer in PLAIN.layers
    }
    files["manifest.json"] = json.dumps([saved]).encode()
    path.write_bytes(tar_of(*files.items()))
