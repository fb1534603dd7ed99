"""
What is generated fits the JSON schemas of the image specification.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from ocikit import media
from ocikit.content import empty
from ocikit.content.image import Content, Image, Index
from ocikit.mutate.pipeline import Pipeline
from ocikit.spec.config import ConfigFile
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import make
from ocikit.spec.manifest import IndexManifest, Manifest
from ocikit.testing import strategies as oci
from ocikit.testing.holdings import Holdings
from tests.real.schemas import Misfits

pytestmark = pytest.mark.real

DESCRIPTOR = "content-descriptor"
MANIFEST = "image-manifest-schema"
INDEX = "image-index-schema"
CONFIG = "config-schema"

#: Of images without layers, as the empty one, and artifacts without files: "for portability,
#: `layers` SHOULD have at least one entry", says the text; the schema takes no other.
NO_LAYERS = "$.layers: [] should be non-empty"


def _documents(content: Content) -> Iterator[tuple[str, bytes]]:
    if isinstance(content, Image):
        yield MANIFEST, content.document.raw
        if media.is_config(content.config.media_type):
            yield CONFIG, content.config.content
    elif isinstance(content, Index):
        yield INDEX, content.document.raw
        for child in content.children:
            yield from _documents(child.content)


def _unfit(misfits: Misfits, content: Content) -> list[str]:
    found = (each for document in _documents(content) for each in misfits(*document))
    return [each for each in found if each != NO_LAYERS]


@settings(max_examples=50)
@given(descriptor=oci.descriptors())
def test_descriptors(schema_misfits: Misfits, descriptor: Descriptor) -> None:
    """
    Of any media type, and of platforms.
    """
    assert schema_misfits(DESCRIPTOR, make(descriptor).raw) == []
    listed = make(IndexManifest(manifests=(descriptor,))).raw
    assert schema_misfits(INDEX, listed) == []


@settings(max_examples=50)
@given(manifest=oci.manifests(extra=oci.extras()))
def test_manifests(schema_misfits: Misfits, manifest: Manifest) -> None:
    """
    Those of Docker's types too: but for media types they have the same form.
    """
    assert set(schema_misfits(MANIFEST, make(manifest).raw)) <= {NO_LAYERS}


@settings(max_examples=50)
@given(index=oci.index_manifests(extra=oci.extras()))
def test_indexes(schema_misfits: Misfits, index: IndexManifest) -> None:
    """
    Manifest lists too.
    """
    assert schema_misfits(INDEX, make(index).raw) == []


@settings(max_examples=50)
@given(config=oci.configs(extra=oci.extras()))
def test_configs(schema_misfits: Misfits, config: ConfigFile) -> None:
    """
    What only Docker knows, as Healthcheck and Shell, is allowed there as anything is.
    """
    assert schema_misfits(CONFIG, make(config).raw) == []


@settings(max_examples=50)
@given(content=oci.contents(depth=2))
def test_content(schema_misfits: Misfits, content: Content) -> None:
    """
    Images, artifacts and indexes: all their documents.
    """
    assert _unfit(schema_misfits, content) == []


@settings(max_examples=20)
@given(held=oci.registries())
def test_registries(schema_misfits: Misfits, held: Holdings) -> None:
    """
    All that they hold, with what refers to it.
    """
    assert not [each for _, content in held for each in _unfit(schema_misfits, content)]


@settings(max_examples=50)
@given(content=oci.images() | oci.indexes(), pipeline=oci.pipelines())
def test_what_is_edited(
    schema_misfits: Misfits, content: Image | Index, pipeline: Pipeline
) -> None:
    """
    Steps make documents that fit of those that do.
    """
    assert _unfit(schema_misfits, pipeline(content)) == []


def test_the_schemas_are_at_work(schema_misfits: Misfits) -> None:
    """
    What does not fit is found, by its place, behind references from file to file too.
    """
    manifest = json.loads(empty.IMAGE.document.raw)
    assert schema_misfits(MANIFEST, empty.IMAGE.document.raw) == [NO_LAYERS]
    manifest["config"]["digest"] = "sha256"
    manifest["annotations"] = {"a": 1}
    found = schema_misfits(MANIFEST, json.dumps(manifest).encode())
    assert {each.partition(":")[0] for each in found} == {
        *("$.layers", "$.config.digest", "$.annotations.a"),
    }
    platform = {"mediaType": "a/b", "size": 1, "digest": "a:b", "platform": {"os": "linux"}}
    raw = json.dumps({"schemaVersion": 2, "manifests": [platform]}).encode()
    assert schema_misfits(INDEX, raw) == [
        "$.manifests[0].platform: 'architecture' is a required property"
    ]
