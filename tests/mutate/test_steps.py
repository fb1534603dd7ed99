"""
Mutations as records.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from ocikit import media, mutate
from ocikit._records import FrozenMap
from ocikit.content.compression import Plain, Zstd
from ocikit.content.image import Image
from ocikit.digest import Digest
from ocikit.mutate.pipeline import Pipeline
from ocikit.mutate.steps import (
    Add,
    Annotate,
    AnnotateIndex,
    Append,
    Canonical,
    Describe,
    EditHistory,
    Flatten,
    Keep,
    Rebase,
    Recompress,
    Remove,
    RemoveLayers,
    RemovePaths,
    Replace,
    Retime,
    SetArtifactType,
    SetConfig,
    SetConfigType,
    SetEnv,
    SetHealthcheck,
    SetIndexArtifactType,
    SetIndexSubject,
    SetIndexType,
    SetLabels,
    SetMediaType,
    SetPlatform,
    SetSubject,
    Squash,
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
BASE = image("linux/amd64", layer("a"), config={"config": {"Env": ["B=1"]}})
OTHER = image("linux/arm64", layer("b"), layer("c"))

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
    (SetHealthcheck({"test": ["NONE"]}), lambda made: mutate.healthcheck(made, test=["NONE"])),
    (EditHistory(-1, {"author": "me"}), lambda made: mutate.history(made, -1, author="me")),
    (Flatten("none"), lambda made: mutate.flatten(made, compression=Plain())),
    (Squash(0), lambda made: made),
    (Rebase(BASE, OTHER), lambda made: mutate.rebase(made, BASE, OTHER)),
    (RemoveLayers([0]), lambda made: mutate.remove_layers(made, 0)),
    (RemoveLayers(created_by="^$"), lambda made: mutate.remove_layers(made, created_by="^$")),
    (RemovePaths(["a"]), lambda made: mutate.remove_paths(made, "a")),
    (Retime("2026-01-02T03:04:05Z"), lambda made: mutate.time(made, "2026-01-02T03:04:05Z")),
    (Retime(5, clamp=True), lambda made: mutate.time(made, 5, clamp=True)),
    (Canonical(), mutate.canonical),
    (Recompress("zstd:1"), lambda made: mutate.recompress(made, Zstd(1))),
    (AnnotateIndex({"a": "1"}), lambda made: made),
    (Add([OTHER]), lambda made: made),
    (Replace(str(BASE.digest), OTHER), lambda made: made),
    (Describe(match.platform("linux"), "linux/arm64"), lambda made: made),
    (SetIndexType(media.DOCKER_MANIFEST_LIST), lambda made: made),
    (SetIndexSubject(ABOUT), lambda made: made),
    (SetIndexArtifactType("a/b"), lambda made: made),
    (Keep(match.platform("windows")), lambda made: made),
    (Remove(match.platform("linux")), lambda made: made),
]


@pytest.mark.parametrize(("step", "verb"), STEPS)
def test_steps_give_what_the_verbs_give(step: Any, verb: Callable[[Image], Image]) -> None:
    """
    A step is its verb with its arguments, before and after pickling.
    """
    again = pickle.loads(pickle.dumps(step))
    assert again == step
    assert hash(again) == hash(step)
    assert repr(again) == repr(step)
    assert step(BASE) == again(BASE) == verb(BASE)


@pytest.mark.parametrize("step", [step for step, _ in STEPS])
def test_steps_are_written_and_read(step: Any) -> None:
    """
    As JSON and as TOML; what they hold besides plain data is told by name.
    """
    named: dict[str, Any] = {"base": BASE, "other": OTHER}

    def name(held: Any) -> str:
        return next(name for name, each in named.items() if each == held)

    text = mutate.to_json(Pipeline([step]), image=name)
    assert mutate.from_json(text, image=named.__getitem__).steps == (step,)
    text = mutate.to_toml(Pipeline([step]), image=name)
    assert mutate.from_toml(text, image=named.__getitem__).steps == (step,)


def test_every_step_is_here() -> None:
    """
    And none is only there where it is defined.
    """
    assert {type(step).__name__ for step, _ in STEPS} == set(mutate.steps.__all__)
    for name in mutate.steps.__all__:
        assert attrs.has(getattr(mutate.steps, name))


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
    assert Add([OTHER])(among) == mutate.add(among, OTHER)
    old = among.children[0].descriptor.digest
    assert Replace(old, OTHER)(among) == mutate.replace(among, old, OTHER)
    arm = match.platform("linux/arm64")
    said = Describe(arm, "linux/arm64/v8", {"a": "1"}, ["b"], "a/b")
    assert said(among) == mutate.describe(
        among,
        arm,
        platform="linux/arm64/v8",
        annotations={"a": "1"},
        remove_annotations=["b"],
        artifact_type="a/b",
    )
    kind = media.DOCKER_MANIFEST_LIST
    assert SetIndexType(kind)(among) == mutate.media_type(among, kind)
    assert SetIndexSubject(ABOUT)(among) == mutate.subject(among, ABOUT)
    assert SetIndexArtifactType("a/b")(among) == mutate.artifact_type(among, "a/b")
