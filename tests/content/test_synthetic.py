"""
Random content: consistent, of the size that is asked for, and the same again.
"""

from __future__ import annotations

import io
import tarfile
from random import Random

import pytest

from ocikit import media
from ocikit.content import empty, synthetic
from ocikit.content.compression import Plain, Zstd
from ocikit.content.image import Image
from ocikit.platforms import parse


@pytest.mark.parametrize("size", [0, 1, 512, 513, (1 << 20) + 1])
def test_layer_is_a_tar_archive_of_one_file(size: int) -> None:
    """
    Any tool reads it, and it does not compress: size is what is moved.
    """
    layer = synthetic.layer(Random(1), size)
    with tarfile.open(fileobj=io.BytesIO(layer.uncompressed().read())) as archive:
        assert [member.size for member in archive] == [size]
    assert layer.size >= size


def test_same_source_gives_the_same() -> None:
    """
    A failing test can be run again; another seed gives something else.
    """
    assert synthetic.index(Random(7)) == synthetic.index(Random(7))
    assert synthetic.index(Random(7)) != synthetic.index(Random(8))
    assert synthetic.artifact(Random(7)) == synthetic.artifact(Random(7))


@pytest.mark.parametrize("docker", [False, True])
def test_image(docker: bool) -> None:
    """
    Layers, history and platform are what was asked for, all of one family.
    """
    platform = parse("linux/arm/v7")
    image = synthetic.image(Random(1), layers=3, size=9, platform=platform, docker=docker)
    assert len(image.layers) == len(image.config_file.history) == 3
    assert len({layer.digest for layer in image.layers}) == 3
    assert image.platform == platform
    kinds = [image.media_type, image.config.media_type, *(x.media_type for x in image.layers)]
    assert {media.is_docker(kind) for kind in kinds} == {docker}


@pytest.mark.parametrize("compression", [Plain(), Zstd()])
def test_compression(compression: Plain | Zstd) -> None:
    """
    Layers are compressed as asked for.
    """
    image = synthetic.image(Random(1), compression=compression)
    assert media.compression_of(image.layers[0].media_type) == compression.name


def test_index_lists_its_platforms() -> None:
    """
    One image for each platform, and each says the same as its configuration.
    """
    platforms = [parse("linux/amd64"), parse("windows/amd64:10.0.1")]
    index = synthetic.index(Random(1), platforms=platforms, docker=True)
    assert [child.descriptor.platform for child in index.children] == platforms
    for child in index.children:
        assert isinstance(child.content, Image)
        assert child.content.platform == child.descriptor.platform


def test_artifact_about_something() -> None:
    """
    It refers to its subject.
    """
    made = synthetic.artifact(Random(1), files=2, size=5, subject=empty.IMAGE.descriptor)
    assert made.manifest.subject == empty.IMAGE.descriptor
    assert [each.size for each in made.layers] == [5, 5]
    assert made.artifact_type == synthetic.ARTIFACT_TYPE
