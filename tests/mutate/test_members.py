"""
Annotations, subject and types of manifests and indexes.
"""

from __future__ import annotations

import json

import pytest

from ocikit import media
from ocikit._records import evolve
from ocikit.content.image import Image, Index
from ocikit.digest import Digest
from ocikit.mutate import members
from ocikit.mutate.members import artifact_type, config_type, media_type, subject
from ocikit.spec.descriptor import Descriptor
from ocikit.testing.refusing import Refusing
from tests.mutate.test_layers import empty
from tests.query.builders import artifact, image, index, layer, listed

ABOUT = Descriptor(media_type=media.OCI_MANIFEST, size=7, digest=Digest.of(b"about"))


def closed(made: Image) -> Image:
    """
    Let nothing of an image be opened.
    """
    return evolve(made, config=evolve(made.config, opener=Refusing()))


def unloaded(made: Index) -> Index:
    """
    Let no child of an index be loaded.
    """
    return evolve(made, children=tuple(evolve(each, opener=Refusing()) for each in made.children))


def test_annotated_documents_are_those_of_go() -> None:
    """
    The vectors of go-containerregistry: an empty image, an empty index.
    """
    assert members.annotations(empty(), {"foo": "bar"}).document.raw == (
        b'{"schemaVersion":2,'
        b'"mediaType":"application/vnd.docker.distribution.manifest.v2+json",'
        b'"config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":115,'
        b'"digest":"sha256:5b943e2b943f6c81dbbd4e2eca5121f4fcc39139e3d1219d6d89bd925b77d9fe"},'
        b'"layers":[],"annotations":{"foo":"bar"}}'
    )
    assert members.annotations(index(), {"foo": "bar"}).document.raw == (
        b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json",'
        b'"manifests":[],"annotations":{"foo":"bar"}}'
    )


@pytest.mark.parametrize(
    "content",
    [
        closed(image("linux/amd64", layer("a", closed=True), manifest={"x": 1})),
        artifact(),
        unloaded(index(listed(image(), "linux/amd64"), x=1)),
    ],
)
def test_members_are_set_and_removed(content: Image | Index) -> None:
    """
    For images, artifacts and indexes alike, nothing is opened, and removing goes back.
    """
    annotated = members.annotations(content, {"b": "", "a": "<"})
    assert members.annotations(annotated, remove=["a", "b", "c"]) == content
    assert members.annotations(content, remove=["c"]) is content
    about = subject(content, ABOUT)
    assert about.manifest.subject == ABOUT
    assert subject(about, None) == content
    kind = artifact_type(content, "application/vnd.other")
    assert kind.artifact_type == "application/vnd.other"
    assert artifact_type(kind, content.manifest.artifact_type or None) == content


def test_subject_survives_what_comes_later() -> None:
    """
    Trap: annotations after a subject keep the subject.
    """
    assert members.annotations(subject(image(), ABOUT), {"a": "1"}).manifest.subject == ABOUT


def test_sorted_annotations_stay_sorted() -> None:
    """
    Go writes maps sorted; one that came in another order keeps it.
    """
    in_order = members.annotations(
        image(manifest={"annotations": {"a": "1", "c": "2"}}), {"b": "3"}
    )
    assert list(json.loads(in_order.document.raw)["annotations"]) == ["a", "b", "c"]
    odd = members.annotations(image(manifest={"annotations": {"c": "1", "a": "2"}}), {"b": "3"})
    assert list(json.loads(odd.document.raw)["annotations"]) == ["c", "a", "b"]


def test_types_are_set_by_themselves() -> None:
    """
    The type of a manifest is its own, that of its configuration another.
    """
    made = media_type(closed(image(docker=True)), media.OCI_MANIFEST)
    assert (made.media_type, made.config.media_type) == (media.OCI_MANIFEST, media.DOCKER_CONFIG)
    assert made.document.media_type == made.manifest.media_type == media.OCI_MANIFEST
    both = config_type(made, media.OCI_CONFIG)
    assert both.manifest.config.media_type == both.config.media_type == media.OCI_CONFIG
    assert config_type(both, media.OCI_CONFIG) is both
    listing = media_type(unloaded(index(listed(image()))), media.DOCKER_MANIFEST_LIST)
    assert listing.media_type == listing.manifest.media_type == media.DOCKER_MANIFEST_LIST
    assert media_type(listing, media.DOCKER_MANIFEST_LIST) is listing
