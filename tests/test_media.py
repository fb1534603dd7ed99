"""
Media types: which kind each is, and its counterpart.
"""

from __future__ import annotations

import pytest

from ocikit import media

INDEXES = {media.OCI_INDEX, media.DOCKER_MANIFEST_LIST}
IMAGES = {media.OCI_MANIFEST, media.DOCKER_MANIFEST}
SCHEMA1 = {media.DOCKER_SCHEMA1, media.DOCKER_SCHEMA1_SIGNED}
CONFIGS = {media.OCI_CONFIG, media.DOCKER_CONFIG}
FOREIGN = {
    media.OCI_FOREIGN_LAYER,
    media.OCI_FOREIGN_LAYER_GZIP,
    media.OCI_FOREIGN_LAYER_ZSTD,
    media.DOCKER_FOREIGN_LAYER,
    media.DOCKER_FOREIGN_LAYER_GZIP,
}
LAYERS = FOREIGN | {
    media.OCI_LAYER,
    media.OCI_LAYER_GZIP,
    media.OCI_LAYER_ZSTD,
    media.DOCKER_LAYER,
    media.DOCKER_LAYER_GZIP,
    media.DOCKER_LAYER_ZSTD,
}
OTHERS = {
    "",
    "application/json",
    "text/html; charset=utf-8",
    media.OCI_DESCRIPTOR,
    media.OCI_EMPTY,
    media.DOCKER_PLUGIN_CONFIG,
    media.OCI_MANIFEST.upper(),
}
ALL = sorted(INDEXES | IMAGES | SCHEMA1 | CONFIGS | LAYERS | OTHERS)


@pytest.mark.parametrize("kind", ALL)
def test_kinds(kind: str) -> None:
    """
    Every predicate is total and holds for its own kind only.
    """
    assert media.is_index(kind) is (kind in INDEXES)
    assert media.is_image(kind) is (kind in IMAGES)
    assert media.is_schema1(kind) is (kind in SCHEMA1)
    assert media.is_manifest(kind) is (kind in INDEXES | IMAGES | SCHEMA1)
    assert media.is_config(kind) is (kind in CONFIGS)
    assert media.is_layer(kind) is (kind in LAYERS)
    assert media.is_foreign(kind) is (kind in FOREIGN)
    assert media.is_docker(kind) is ("docker" in kind)
    assert (media.compression_of(kind) is not None) is (kind in LAYERS)


@pytest.mark.parametrize("kind", ALL)
def test_counterparts(kind: str) -> None:
    """
    Converting is idempotent, loses no kind, and can be undone where there is a counterpart.
    """
    for convert, undo in ((media.to_oci, media.to_docker), (media.to_docker, media.to_oci)):
        other = convert(kind)
        assert convert(other) == other
        assert other == kind or undo(other) == kind
        assert media.compression_of(other) == media.compression_of(kind)
        assert media.is_manifest(other) == media.is_manifest(kind)
        assert media.is_foreign(other) == media.is_foreign(kind)


@pytest.mark.parametrize("kind", sorted(CONFIGS | INDEXES | IMAGES | LAYERS))
def test_all_but_one_have_a_counterpart(kind: str) -> None:
    """
    Docker has no name for a foreign zstd layer; all else is known to both.
    """
    assert not media.is_docker(media.to_oci(kind))
    assert media.is_docker(media.to_docker(kind)) is (kind != media.OCI_FOREIGN_LAYER_ZSTD)


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
@pytest.mark.parametrize("docker", [False, True])
def test_layer_type(compression: str, docker: bool) -> None:
    """
    The type of a compression promises that compression.
    """
    kind = media.layer_type(compression, docker=docker)
    assert media.compression_of(kind) == compression
    assert media.is_docker(kind) is docker
    assert not media.is_foreign(kind)


def test_layer_type_refuses() -> None:
    """
    A compression that no layer has is named in the error.
    """
    with pytest.raises(media.CompressionUnknown, match="'xz'"):
        media.layer_type("xz")


@pytest.mark.parametrize(
    ("header", "essence"),
    [
        ("application/json", "application/json"),
        (" Application/JSON ; charset=UTF-8", "application/json"),
        (";q=1", ""),
        ("", ""),
    ],
)
def test_essence(header: str, essence: str) -> None:
    """
    Parameters, case and white space are not part of a media type (RFC 9110, 8.3.1).
    """
    assert media.essence(header) == essence


def test_accepted_manifests() -> None:
    """
    A client asks for each type that it can tell is a manifest, once.
    """
    assert set(media.MANIFESTS) == INDEXES | IMAGES | SCHEMA1
    assert len(media.MANIFESTS) == len(set(media.MANIFESTS))
