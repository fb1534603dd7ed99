"""
Strategies: what they give is consistent, varied, and shrinks to nothing much.
"""

from __future__ import annotations

import io
import json
import pickle
import subprocess
import sys
import tarfile

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from ocikit import media
from ocikit.content import empty
from ocikit.content.image import Content, Image, Index
from ocikit.content.layer import Layer
from ocikit.digest import Digest
from ocikit.platforms import parse
from ocikit.query.finding import Severity
from ocikit.query.validate import validate
from ocikit.spec.config import ConfigFile
from ocikit.spec.document import make, read
from ocikit.spec.gojson import dumps, loads
from ocikit.testing import strategies as oci


def consistent(image: Image) -> None:
    """
    Check that documents agree with what they refer to.
    """
    assert image.manifest.config.digest == image.config.digest
    assert Digest.of(image.config.content) == image.config.digest
    assert [each.digest for each in image.manifest.layers] == [x.digest for x in image.layers]
    for layer in image.layers:
        with layer.blob.open() as stream:
            stream.drain()
    if media.is_config(image.config.media_type):
        found = [Layer(blob=layer.blob).diff_id for layer in image.layers]
        assert list(image.config_file.rootfs.diff_ids) == found
        made = [step for step in image.config_file.history if not step.empty_layer]
        assert len(made) == len(image.layers)


@given(oci.images() | oci.artifacts())
def test_images_are_consistent(image: Image) -> None:
    """
    Digests, sizes, diff IDs and history agree, and all of it travels by pickle.
    """
    consistent(image)
    assert pickle.loads(pickle.dumps(image)) == image


@given(oci.contents(depth=2))
def test_validation_finds_nothing_wrong(content: Content) -> None:
    """
    Each document and each byte of a layer is read.
    """
    assert not [each for each in validate(content) if each.severity is Severity.ERROR]


@given(oci.indexes(depth=2))
def test_indexes_list_what_they_hold(index: Index) -> None:
    """
    Children are what their descriptors say, with the platform of their configuration.
    """
    for child in index.children:
        assert child.content.digest == child.descriptor.digest
        assert child.content.media_type == child.descriptor.media_type
        if isinstance(child.content, Image):
            consistent(child.content)


WINDOWS = parse("windows/amd64:10.0.1")


@given(oci.images(docker=True, max_layers=2, platform=WINDOWS))
def test_arguments_are_values(image: Image) -> None:
    """
    What is asked for is what comes.
    """
    assert media.is_docker(image.media_type)
    assert all(media.is_docker(layer.media_type) for layer in image.layers)
    assert len(image.layers) <= 2
    assert image.platform == WINDOWS


@given(
    oci.images(
        config=oci.configs(platform=st.just(WINDOWS)),
        subject=oci.descriptors(media_type=media.OCI_MANIFEST),
        layers=oci.layers(max_entries=0),
    )
)
def test_arguments_are_strategies(image: Image) -> None:
    """
    What is drawn from is what was given.
    """
    assert image.platform == WINDOWS
    assert image.manifest.subject is not None
    assert image.manifest.subject.media_type == media.OCI_MANIFEST
    assert len({layer.diff_id for layer in image.layers}) <= 1


@given(oci.layers())
def test_layers_are_archives(layer: Layer) -> None:
    """
    Any tool reads them, and no path comes twice.
    """
    with tarfile.open(fileobj=io.BytesIO(layer.uncompressed().read())) as archive:
        names = archive.getnames()
    assert len(names) == len(set(names))


@given(oci.json_values())
def test_json_values_are_as_they_are_read(value: object) -> None:
    """
    Written and read again they are equal.
    """
    assert loads(dumps(value)) == value


@given(oci.manifests(extra=oci.extras()) | oci.configs(extra=oci.extras()) | oci.index_manifests())
def test_records_read_back(record: object) -> None:
    """
    Documents mean what they were made from, unknown members included.
    """
    document = make(record)
    assert read(document.raw, type(record)).value == record


@pytest.mark.parametrize(
    ("strategy", "smallest"),
    [
        (oci.images(), lambda image: not image.layers and not image.config_file.history),
        (oci.configs(), lambda config: config == ConfigFile(os="linux", architecture="amd64")),
        (oci.indexes(), lambda index: index == empty.INDEX),
        (oci.digests(), lambda digest: digest == Digest.of(b"")),
    ],
    ids=["images", "configs", "indexes", "digests"],
)
def test_they_shrink_to_nothing(strategy: st.SearchStrategy[object], smallest: object) -> None:
    """
    What a failing test shows is not hidden behind what does not matter.
    """
    assert callable(smallest)
    assert smallest(find(strategy, lambda _: True))


def test_they_shrink_to_what_matters() -> None:
    """
    One layer of one entry is what is left of an image with a whiteout.
    """

    def has_whiteout(image: Image) -> bool:
        data = b"".join(layer.uncompressed().read() for layer in image.layers)
        return b".wh." in data

    image = find(oci.images(), has_whiteout)
    assert len(image.layers) == 1
    with tarfile.open(fileobj=io.BytesIO(image.layers[0].uncompressed().read())) as archive:
        assert len(archive.getnames()) == 1


def test_examples_differ() -> None:
    """
    Hundreds of examples are hundreds of cases.
    """
    seen: list[Content] = []

    @settings(
        max_examples=200,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(oci.contents())
    def collect(content: Content) -> None:
        seen.append(content)

    collect()
    assert len({content.digest for content in seen}) > 100
    assert {type(content) for content in seen} == {Image, Index}
    kinds = {layer.media_type for c in seen if isinstance(c, Image) for layer in c.layers}
    assert {media.OCI_LAYER_ZSTD, media.OCI_LAYER, media.DOCKER_LAYER_GZIP} <= kinds


def test_the_front_door_is_light() -> None:
    """
    Whoever imports the kit for one part does not pay for hypothesis.
    """
    code = "import sys, json, ocikit.testing; print(json.dumps([*sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert not {"hypothesis", "pytest", "attr"} & set(json.loads(done.stdout))
