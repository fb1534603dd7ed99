"""
Steps in a row.
"""

from __future__ import annotations

import pickle

import pytest

from ocikit import media, mutate
from ocikit.content.blob import of_bytes
from ocikit.content.image import Content, Image
from ocikit.mutate.pipeline import NotChangeable, Pipeline, apply
from ocikit.mutate.steps import AnnotateIndex, Append, Keep, SetEnv, SetLabels, ToDocker
from ocikit.query.match import platform
from tests.query.builders import REFERENCE_DIGEST, attestation, image, index, layer, listed

TOP = layer("top")
STEPS = (Append([TOP]), SetEnv({"A": "1"}), SetLabels({"a": "b"}))


def done(made: Image) -> Image:
    """
    Do by verbs what the steps do.
    """
    return mutate.labels(mutate.env(mutate.append(made, TOP), {"A": "1"}), {"a": "b"})


def test_steps_are_applied_in_order() -> None:
    """
    To an image one after the other; no steps are no change.
    """
    base = image("linux/amd64", layer("a"))
    assert apply(base, STEPS) == Pipeline(STEPS)(base) == done(base)
    assert apply(base, ()) is base


def test_every_image_of_an_index_gets_them() -> None:
    """
    An index never collapses to one platform; attestations are linked to what came out.
    """
    amd64, arm64 = image("linux/amd64", layer("a")), image("linux/arm64")
    among = index(listed(amd64, "linux/amd64"), listed(arm64, "linux/arm64"), attestation(amd64))
    made = apply(among, STEPS)
    assert [each.content for each in made.children[:2]] == [done(amd64), done(arm64)]
    about = made.manifest.manifests[2].annotations[REFERENCE_DIGEST]
    assert about == str(done(amd64).digest)
    some = Pipeline(STEPS, select=platform("linux/arm64"), attestations="drop")(among)
    assert [each.content for each in some.children[:2]] == [amd64, done(arm64)]
    assert len(some.children) == 3


def test_steps_about_the_index_stand_between_the_others() -> None:
    """
    What is taken out is not changed afterwards; what is annotated is the index.
    """
    amd64, arm64 = image("linux/amd64"), image("linux/arm64")
    among = index(listed(amd64, "linux/amd64"), listed(arm64, "linux/arm64"))
    steps = (*STEPS, AnnotateIndex({"a": "1"}), Keep(platform("linux/arm64")), ToDocker())
    made = apply(among, steps)
    assert made.media_type == media.DOCKER_MANIFEST_LIST
    assert made.manifest.annotations == {"a": "1"}
    assert [each.content for each in made.children] == [mutate.docker(done(arm64))]


def test_functions_are_steps_too() -> None:
    """
    Whatever goes from image to image.
    """
    base = image()
    made = apply(index(listed(base)), [lambda each: mutate.env(each, {"A": "1"})])
    assert made.children[0].content == mutate.env(base, {"A": "1"})


def test_opaque_content_is_not_changed() -> None:
    """
    A blob goes through where there is nothing to do, and is refused where there is.
    """
    blob: Content = of_bytes(b"{}", media.DOCKER_SCHEMA1)
    assert apply(blob, ()) is blob
    with pytest.raises(NotChangeable, match="only images and indexes"):
        apply(blob, STEPS)


def test_pipelines_are_values() -> None:
    """
    They print, compare, hash and pickle.
    """
    made = Pipeline([*STEPS, Keep(platform("linux"))], select=platform("linux/amd64"))
    again = pickle.loads(pickle.dumps(made))
    assert again == made != Pipeline(STEPS)
    assert (hash(again), repr(again)) == (hash(made), repr(made))
