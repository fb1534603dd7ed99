"""
Plans: what has to happen to a place so that it holds some content.
"""

from __future__ import annotations

import pickle

import pytest

from ocikit import media
from ocikit._records import evolve
from ocikit.content.blob import of_bytes
from ocikit.name.records import Registry, Repository
from ocikit.query.plan import PutBlob, PutManifest, PutTag, plan
from ocikit.query.walk import NestedTooDeeply
from tests.query.builders import image, index, layer, listed

ONE, TWO = layer("a", closed=True), layer("b", closed=True)


def test_layers_come_before_the_manifest_and_tags_last() -> None:
    """
    A place never names what is not there yet; nothing is opened to plan.
    """
    made = image("linux/amd64", ONE, TWO)
    blobs = (ONE.blob, TWO.blob, made.config)
    assert plan(made, "v1", "latest").steps == (
        *(PutBlob(blob=blob) for blob in blobs),
        PutManifest(content=made, needs=tuple(blob.digest for blob in blobs)),
        PutTag(tag="v1", digest=made.digest),
        PutTag(tag="latest", digest=made.digest),
    )


def test_what_is_shared_is_put_once() -> None:
    """
    A base that several images have counts once, also in the bytes to move.
    """
    amd64, arm64 = image("linux/amd64", ONE, ONE), image("linux/arm64", ONE, TWO)
    among = index(listed(amd64), listed(arm64), listed(amd64), listed(index(listed(arm64))))
    made = plan(among)
    assert made.blobs == (ONE.blob, amd64.config, TWO.blob, arm64.config)
    assert made.bytes == sum(blob.size for blob in made.blobs)
    manifests = [step.content for step in made.steps if isinstance(step, PutManifest)]
    assert manifests == [amd64, arm64, index(listed(arm64)), among]


def test_foreign_layers_are_put_when_told() -> None:
    """
    What is not to be distributed stays where it is, and the manifest does not wait for it.
    """
    away = layer("c", media_type=media.OCI_FOREIGN_LAYER_GZIP, closed=True)
    made = image("linux/amd64", away)
    assert plan(made).blobs == (made.config,)
    (manifest,) = (each for each in plan(made).steps if isinstance(each, PutManifest))
    assert manifest.needs == (made.config.digest,)
    assert plan(made, foreign=True).blobs == (away.blob, made.config)


def test_what_is_not_understood_is_put_as_it_is() -> None:
    """
    A manifest of another kind is a manifest; a blob is a blob.
    """
    old = of_bytes(b"{}", media.DOCKER_SCHEMA1_SIGNED)
    assert plan(old, "old").steps == (
        PutManifest(content=old),
        PutTag(tag="old", digest=old.digest),
    )
    blob = of_bytes(b"x", "text/plain")
    assert plan(index(listed(blob))).blobs == (blob,)


def test_origins_are_where_to_mount_from() -> None:
    """
    A blob that was loaded from a registry knows where another registry finds it.
    """
    origin = Repository(registry=Registry("example.com"), path="a/b")
    blob = evolve(ONE.blob, origin=origin)
    assert PutBlob(blob=blob).mount_from == origin
    assert PutBlob(blob=ONE.blob).mount_from is None
    assert pickle.loads(pickle.dumps(PutBlob(blob=blob))).mount_from == origin


def test_indexes_without_end_are_refused() -> None:
    """
    A hostile registry cannot make a plan go on for ever.
    """
    deep = index()
    for _ in range(8):
        deep = index(listed(deep))
    with pytest.raises(NestedTooDeeply):
        plan(deep)
