"""
Mutations as records.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from ocikit import media, mutate
from ocikit._records import FrozenMap
from ocikit.content.image import Image
from ocikit.digest import Digest
from ocikit.mutate.steps import (
    Annotate,
    AnnotateIndex,
    Append,
    Keep,
    Remove,
    SetArtifactType,
    SetConfig,
    SetConfigType,
    SetEnv,
    SetLabels,
    SetMediaType,
    SetPlatform,
    SetSubject,
    ToDocker,
    ToOCI,
)
from ocikit.platforms import parse
from ocikit.query import match
from ocikit.spec.config import History
from ocikit.spec.descriptor import Descriptor
from tests.query.builders import image, index, layer, listed

ABOUT = Descriptor(media_type=media.OCI_MANIFEST, size=7, digest=Digest.of(b"about"))
TOP = layer("top")

STEPS: list[tuple[Any, Callable[[Image], Image]]] = [
    (
        Append([TOP], created_by="me"),
        lambda made: mutate.append(made, TOP, created_by="me"),
    ),
    (
        Append([TOP], history=[History(author="me")]),
        lambda made: mutate.append(made, TOP, history=History(author="me")),
    ),
    (
        SetConfig({"entrypoint": ["/run"], "env": {"A": "1"}, "volumes": {"/a"}, "cmd": None}),
        lambda made: mutate.config(made, entrypoint=["/run"], env={"A": "1"}, volumes={"/a"}),
    ),
    (SetEnv({"A": "1"}, ["B"]), lambda made: mutate.env(made, {"A": "1"}, ["B"])),
    (SetLabels({"a": "1"}, ("b",)), lambda made: mutate.labels(made, {"a": "1"}, ["b"])),
    (SetPlatform("linux/arm/v6"), lambda made: mutate.platform(made, "linux/arm/v6")),
    (Annotate({"a": "1"}), lambda made: mutate.annotations(made, {"a": "1"})),
    (SetSubject(ABOUT), lambda made: mutate.subject(made, ABOUT)),
    (SetArtifactType("a/b"), lambda made: mutate.artifact_type(made, "a/b")),
    (
        SetMediaType(media.DOCKER_MANIFEST),
        lambda made: mutate.media_type(made, media.DOCKER_MANIFEST),
    ),
    (
        SetConfigType(media.DOCKER_CONFIG),
        lambda made: mutate.config_type(made, media.DOCKER_CONFIG),
    ),
    (ToDocker(), mutate.docker),
    (ToOCI(), mutate.oci),
    (AnnotateIndex({"a": "1"}), lambda made: made),
    (Keep(match.platform("windows")), lambda made: made),
    (Remove(match.platform("linux")), lambda made: made),
]


@pytest.mark.parametrize(("step", "verb"), STEPS)
def test_steps_give_what_the_verbs_give(step: Any, verb: Callable[[Image], Image]) -> None:
    """
    A step is its verb with its arguments, before and after pickling.
    """
    base = image("linux/amd64", layer("a"), config={"config": {"Env": ["B=1"]}})
    again = pickle.loads(pickle.dumps(step))
    assert again == step
    assert hash(again) == hash(step)
    assert repr(again) == repr(step)
    assert step(base) == again(base) == verb(base)


def test_steps_are_told_apart_by_value() -> None:
    """
    Lists, tuples and mappings given alike are alike inside; nothing later changes them.
    """
    changes: Any = {"cmd": ["a"]}
    step = SetConfig(changes)
    changes["cmd"].append("b")
    assert step == SetConfig({"cmd": ("a",)}) != SetConfig({"cmd": ["a", "b"]})
    assert SetEnv({"A": "1"}) != SetEnv({"A": "2"})
    assert isinstance(step.changes, FrozenMap)
    assert SetConfig({"volumes": ["/a", "/b"]}) == SetConfig({"volumes": {"/b", "/a"}})
    assert SetPlatform("linux/aarch64") == SetPlatform(parse("linux/arm64"))


def test_what_is_removed_comes_last() -> None:
    """
    In whatever order changes were given, so that equal steps do and print the same.
    """
    step = SetConfig({"cmd": None, "env": {"A": None, "B": "1"}, "user": "me"})
    again = SetConfig({"env": {"B": "1", "A": None}, "user": "me", "cmd": None})
    assert step == again
    assert repr(step) == repr(again)


def test_steps_about_indexes_change_them() -> None:
    """
    Annotations of an index itself, and children that go.
    """
    among = index(listed(image(), "linux/amd64"), listed(image("linux/arm64"), "linux/arm64"))
    assert AnnotateIndex({"a": "1"})(among) == mutate.annotations(among, {"a": "1"})
    assert Annotate({"a": "1"})(among) == mutate.annotations(among, {"a": "1"})
    one = Keep(match.platform("linux/arm64"))(among)
    assert one == Remove(match.platform("linux/amd64"))(among)
    assert [str(each.platform) for each in one.manifest.manifests] == ["linux/arm64"]
    assert ToDocker()(among) == mutate.docker(among)
