"""
Docker's media types and OCI's.
"""

from __future__ import annotations

import pytest

from ocikit import media
from ocikit.content.image import Image
from ocikit.mutate.flavours import docker, oci
from ocikit.mutate.layers import append
from tests.mutate.test_members import closed
from tests.query.builders import artifact, attestation, image, index, layer, listed


def types(made: Image) -> list[str]:
    """
    List the media types of an image.
    """
    said = made.manifest
    return [said.media_type, said.config.media_type, *(each.media_type for each in said.layers)]


LAYERS = [
    layer("a", closed=True),
    layer("b", media_type=media.OCI_LAYER_ZSTD, closed=True),
    layer("c", media_type=media.OCI_FOREIGN_LAYER_GZIP, closed=True),
    layer("d", media_type="application/vnd.example", closed=True),
]


def test_images_are_converted_there_and_back() -> None:
    """
    Types change, digests of configuration and layers do not, and nothing is opened.
    """
    base = closed(image("linux/amd64", *LAYERS, manifest={"annotations": {"a": "1"}, "x": 1}))
    made = docker(base)
    assert types(made) == [
        media.DOCKER_MANIFEST,
        media.DOCKER_CONFIG,
        media.DOCKER_LAYER_GZIP,
        media.DOCKER_LAYER_ZSTD,
        media.DOCKER_FOREIGN_LAYER_GZIP,
        "application/vnd.example",
    ]
    assert made.media_type == media.DOCKER_MANIFEST
    assert made.config.digest == base.config.digest
    assert made.layers == base.layers
    assert made.manifest.annotations == {"a": "1"}
    assert oci(made) == base
    assert docker(made) is made


def test_a_mixture_is_put_right() -> None:
    """
    Trap: Docker's layers in an OCI manifest.
    """
    mixed = image("linux/amd64", layer("a", docker=True))
    assert types(oci(mixed))[2] == media.OCI_LAYER_GZIP
    assert oci(oci(mixed)) is not mixed


def test_a_manifest_that_does_not_say_its_type_need_not() -> None:
    """
    OCI manifests may leave `mediaType` out: one that is OCI's already stays as it is.
    """
    silent = image(manifest={"mediaType": None})
    assert oci(silent) is silent
    assert docker(silent).manifest.media_type == media.DOCKER_MANIFEST


def test_indexes_are_converted_with_their_images() -> None:
    """
    Every image and the index itself; artifacts stay, attestations follow.
    """
    amd64, nested = closed(image("linux/amd64")), closed(image("linux/arm64"))
    inner = index(listed(nested, "linux/arm64"))
    among = index(
        listed(amd64, "linux/amd64"), listed(inner), listed(artifact()), attestation(amd64)
    )
    made = docker(among)
    assert [each.media_type for each in made.manifest.manifests] == [
        media.DOCKER_MANIFEST,
        media.DOCKER_MANIFEST_LIST,
        media.OCI_MANIFEST,
        media.OCI_MANIFEST,
    ]
    assert made.media_type == media.DOCKER_MANIFEST_LIST
    assert oci(made) == among


@pytest.mark.parametrize("flavour", [True, False])
def test_what_is_appended_fits_afterwards(flavour: bool) -> None:
    """
    Converting before appending or after it gives the same.
    """
    base = image("linux/amd64", layer("a"), docker=flavour)
    top = layer("b", docker=not flavour)
    assert oci(append(base, top)) == append(oci(base), top)
    assert docker(append(base, top)) == append(docker(base), top)
