"""
Making whole content: documents agree with what they list.
"""

from __future__ import annotations

import random

import pytest

from ocikit import media
from ocikit._records import FrozenMap, evolve
from ocikit.content import empty
from ocikit.content.blob import of_bytes
from ocikit.content.image import Child, Loaded, NotAnImage
from ocikit.content.partial import artifact, describe, image_of, index_of
from ocikit.content.synthetic import layer
from ocikit.digest import Digest
from ocikit.platforms import Platform
from ocikit.spec.config import Config, ConfigFile, History, RootFS

CONFIG = ConfigFile(
    os="linux",
    architecture="arm64",
    variant="v8",
    config=Config(env=("A=b",)),
    history=(History(created_by="x"),),
)


@pytest.mark.parametrize("docker", [False, True])
def test_image_agrees_with_itself(docker: bool) -> None:
    """
    Diff IDs, descriptors and configuration are of the layers that are given.
    """
    layers = [layer(random.Random(seed), docker=docker) for seed in range(3)]
    image = image_of(CONFIG, iter(layers), docker=docker)
    assert image.layers == tuple(layers)
    assert image.manifest.layers == tuple(each.descriptor for each in layers)
    assert image.config_file.rootfs.diff_ids == tuple(each.diff_id for each in layers)
    assert image.manifest.config == image.config.descriptor
    assert evolve(image.config_file, rootfs=RootFS()) == CONFIG
    assert media.is_docker(image.media_type) == docker
    assert media.is_docker(image.config.media_type) == docker
    assert image.manifest.media_type == image.media_type


def test_image_of_a_configuration_that_lists_other_layers() -> None:
    """
    Half-known content is finished: what a configuration lists gives way to what is there.
    """
    stale = evolve(CONFIG, rootfs=RootFS(diff_ids=(Digest.of(b"gone"),)))
    assert image_of(stale) == image_of(CONFIG)


def test_image_about_another() -> None:
    """
    Annotations and subject are the manifest's.
    """
    image = image_of(CONFIG, annotations=FrozenMap(a="b"), subject=empty.IMAGE.descriptor)
    assert image.manifest.annotations == {"a": "b"}
    assert image.manifest.subject == empty.IMAGE.descriptor


def test_artifact() -> None:
    """
    An artifact has a type, files, and a config that says nothing.
    """
    file = of_bytes(b"hello", "text/plain")
    made = artifact("application/x", [file], subject=empty.IMAGE.descriptor)
    assert made.artifact_type == "application/x"
    assert made.manifest.artifact_type == "application/x"
    assert [each.blob for each in made.layers] == [file]
    assert made.manifest.config.data == made.config.open().read() == b"{}"
    with pytest.raises(NotAnImage):
        _ = made.config_file


def test_artifact_of_nothing() -> None:
    """
    A manifest should have a layer: it is the empty blob (manifest.md, "layers").
    """
    made = artifact("application/x")
    assert [each.digest for each in made.layers] == [empty.BLOB.digest]
    assert made.manifest.layers[0].data == b"{}"


def test_index_lists_children_as_they_are() -> None:
    """
    An image with its platform, an artifact with its type, a child as it was listed.
    """
    image, odd = image_of(CONFIG), of_bytes(b"?", "x/y")
    listed = Child(
        descriptor=evolve(image.descriptor, annotations=FrozenMap(a="b")),
        opener=Loaded(content=image),
    )
    index = index_of([image, artifact("application/x"), empty.INDEX, odd, listed])
    first, second, third, fourth, last = index.manifest.manifests
    assert first.platform == Platform(os="linux", architecture="arm64", variant="v8")
    assert first.artifact_type == ""
    assert (second.artifact_type, second.platform) == ("application/x", None)
    assert third == empty.INDEX.descriptor
    assert fourth == odd.descriptor
    assert last == listed.descriptor
    assert [child.content for child in index.children][1:] == [
        artifact("application/x"),
        empty.INDEX,
        odd,
        image,
    ]


def test_index_about_another() -> None:
    """
    Docker's media type, annotations, subject and type are the index's own.
    """
    index = index_of([], docker=True, annotations=FrozenMap(a="b"), artifact_type="x/y")
    assert index.media_type == index.manifest.media_type == media.DOCKER_MANIFEST_LIST
    assert (index.manifest.annotations, index.artifact_type) == ({"a": "b"}, "x/y")


def test_platform_that_nobody_says_is_not_listed() -> None:
    """
    An empty platform would match nothing and everything.
    """
    assert describe(empty.IMAGE).platform is None
