"""
Laws of mutations.
"""

from __future__ import annotations

import pickle
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from ocikit import media, mutate
from ocikit._records import evolve
from ocikit.content.image import Image, Index
from ocikit.content.layer import Layer
from ocikit.digest import Digest
from ocikit.mutate.changes import FILE, RUN
from ocikit.mutate.pipeline import Pipeline, apply
from ocikit.mutate.settings import configure
from ocikit.mutate.steps import (
    Annotate,
    Append,
    SetArtifactType,
    SetConfig,
    SetEnv,
    SetLabels,
    SetPlatform,
    SetSubject,
    ToDocker,
    ToOCI,
)
from ocikit.query.finding import Severity
from ocikit.query.validate import validate
from ocikit.spec.config import Healthcheck, History
from ocikit.spec.descriptor import Descriptor
from tests.laws.edits import CONFIG, PLATFORM, Edit
from tests.laws.wild import images, indexes, layers, members, names, sealed, text, texts
from tests.query.builders import layer

ABOUT = Descriptor(media_type=media.OCI_MANIFEST, size=7, digest=Digest.of(b"about"))

TYPES = ("mediaType", "config/mediaType", "layers/*/mediaType")

words = st.lists(text, max_size=2)
values: dict[str, st.SearchStrategy[Any]] = {
    "env": st.dictionaries(names, text, max_size=2) | st.lists(text, max_size=2),
    "labels": texts,
    "healthcheck": st.just(Healthcheck(test=("NONE",), retries=3)),
    "history": st.just((History(created_by="x", empty_layer=True),)),
    "created": st.just("2026-05-06T07:08:09Z"),
}
KINDS: dict[type, st.SearchStrategy[Any]] = {
    str: text,
    bool: st.booleans(),
    tuple: words,
    frozenset: st.sets(text, max_size=2),
}
FIELDS = {**FILE, **RUN}


def value_of(field: str) -> st.SearchStrategy[Any]:
    """
    Give values that a field can have.
    """
    return values.get(field, KINDS.get(type(FIELDS[field]), st.nothing()))


changes = st.lists(st.sampled_from(sorted(FIELDS)), max_size=3, unique=True).flatmap(
    lambda chosen: st.fixed_dictionaries({each: st.none() | value_of(each) for each in chosen})
)


edits = st.one_of(
    st.builds(
        lambda new: Edit(Append(new), (*CONFIG, "layers"), ("rootfs/diff_ids", "history")),
        st.lists(layers(), max_size=2),
    ),
    st.builds(lambda new: Edit(SetEnv(new), CONFIG, ("config/Env",)), texts),
    st.builds(lambda old: Edit(SetEnv({}, old), CONFIG, ("config/Env",)), st.lists(names)),
    st.builds(lambda new: Edit(SetLabels(new), CONFIG, ("config/Labels",)), texts),
    st.builds(lambda new: Edit(SetPlatform(new), CONFIG, PLATFORM), st.just("linux/arm64/v8")),
    st.builds(lambda new: Edit(Annotate(new, ["A"]), ("annotations",)), texts),
    st.just(Edit(SetSubject(ABOUT), ("subject",))),
    st.just(Edit(SetArtifactType("a/b"), ("artifactType",))),
    st.just(Edit(ToDocker(), TYPES)),
    st.just(Edit(ToOCI(), TYPES)),
)
steps = edits.map(lambda edit: edit.step) | changes.map(lambda given: SetConfig(cast("Any", given)))


@given(images(), st.lists(layers(), max_size=2), st.lists(layers(), max_size=2))
def test_appending_is_associative(image: Image, first: list[Layer], second: list[Layer]) -> None:
    """
    One after the other is both at once; no layer is opened.
    """
    at_once = mutate.append(image, *first, *second)
    assert mutate.append(mutate.append(image, *first), *second) == at_once
    assert [each.diff_id for each in at_once.layers] == [
        each.diff_id for each in (*image.layers, *first, *second)
    ]


@given(images(), edits)
def test_only_what_is_changed_changes(image: Image, edit: Edit) -> None:
    """
    Every other member of manifest and configuration stays, in value and in order.
    """
    made = edit.step(image)
    before, after = image.document.raw, made.document.raw
    assert members(after, *edit.manifest) == members(before, *edit.manifest)
    before, after = image.config.content, made.config.content
    assert members(after, *edit.config) == members(before, *edit.config)


@given(images(), steps)
def test_arguments_are_untouched(image: Image, step: Any) -> None:
    """
    A mutation gives another image, and leaves the one it was given.
    """
    before = image.document.raw, image.config.content, image.layers, repr(image.manifest)
    step(image)
    assert before == (image.document.raw, image.config.content, image.layers, repr(image.manifest))


@given(images(), steps)
def test_doing_it_again_changes_nothing(image: Image, step: Any) -> None:
    """
    Whatever sets a state, and adds nothing, is idempotent: the same image comes back.
    """
    once = step(image)
    if not isinstance(step, Append):
        assert step(once) is once


@given(images(), st.lists(steps, max_size=3))
def test_descriptors_tell_what_is_there(image: Image, todo: list[Any]) -> None:
    """
    Manifest, configuration, layers and inline data stay in step with one another.
    """
    made = apply(image, todo)
    said = made.manifest.config
    assert (said.digest, said.size) == (made.config.digest, len(made.config.content))
    assert said.data in (None, made.config.content)
    assert Digest.of(made.config.content) == said.digest
    assert made.manifest.layers == tuple(each.descriptor for each in made.layers)
    assert tuple(each.diff_id for each in made.layers) == made.config_file.rootfs.diff_ids


@given(images(), st.sampled_from(sorted(FIELDS)), st.data())
def test_what_is_set_can_be_removed(image: Image, field: str, data: st.DataObject) -> None:
    """
    None removes a field; where its member was not there before, the bytes are as before.
    """
    made = configure(image, {field: data.draw(value_of(field))})
    gone = configure(made, {field: None})
    home = gone.config_file if field in FILE else gone.config_file.config
    assert getattr(home, field) == FIELDS[field]
    member = {"env": b"Env", "cmd": b"Cmd", "user": b"User", "labels": b"Labels"}.get(field)
    if member is not None and b'"%s"' % member not in image.config.content:
        absent = members(gone.config.content)
        assert absent == members(image.config.content)


@given(images().map(sealed), texts)
def test_annotations_come_and_go(image: Image, new: dict[str, str]) -> None:
    """
    They need no configuration, and what was not there before leaves no trace.
    """
    made = mutate.annotations(image, new)
    assert made.manifest.annotations == {**image.manifest.annotations, **new}
    bare = mutate.annotations(image, remove=image.manifest.annotations)
    back = mutate.annotations(mutate.annotations(bare, new), remove=new)
    assert back.manifest.annotations == {}
    if b'"annotations"' not in image.document.raw:
        assert members(back.document.raw) == members(image.document.raw)


@given(images().map(sealed))
def test_families_convert_there_and_back(image: Image) -> None:
    """
    OCI's names for Docker's and back are the same names again, and nothing is opened.
    """
    there, here = mutate.docker(image), mutate.oci(image)
    assert _said(mutate.oci(there)) == _said(here)
    assert _said(mutate.docker(here)) == _said(there)
    assert [each.digest for each in there.layers] == [each.digest for each in image.layers]
    assert there.config.digest == image.config.digest


def _said(image: Image) -> Any:
    # One that was converted is written compactly; one that needed it not, as it came.
    return members(image.document.raw)


@given(indexes())
def test_mapping_nothing_is_nothing(index: Index) -> None:
    """
    The identity over the images of an index is the identity.
    """
    assert mutate.map_images(index, lambda image: image) is index


@given(indexes(), edits, edits)
def test_mapping_composes(index: Index, first: Edit, second: Edit) -> None:
    """
    One mutation after the other over an index is both over each of its images.
    """
    one, two = first.step, second.step
    after = mutate.map_images(mutate.map_images(index, one), two)
    assert mutate.map_images(index, lambda image: two(one(image))) == after


@given(indexes(), edits)
def test_mapped_indexes_keep_their_own_members(index: Index, edit: Edit) -> None:
    """
    Each child keeps its place and what its descriptor says of it.
    """
    made = mutate.map_images(index, edit.step)
    left = ("manifests/*/digest", "manifests/*/size", "manifests/*/mediaType")
    moved = ("manifests/*/platform", "manifests/*/annotations/vnd.docker.reference.digest")
    before, after = index.document.raw, made.document.raw
    assert members(after, *left, *moved) == members(before, *left, *moved)


@given(indexes(), texts)
def test_descriptions_come_and_go(index: Index, new: dict[str, str]) -> None:
    """
    Only what descriptors say changes: nothing is loaded, no digest is another one, and
    every attestation is still about what it was about.
    """
    made = mutate.describe(index, lambda _: True, annotations=new)
    before, after = index.document.raw, made.document.raw
    assert members(after, "manifests/*/annotations") == members(before, "manifests/*/annotations")
    for old, child in zip(index.children, made.children, strict=True):
        assert child.opener is old.opener
        assert child.descriptor.annotations == {**old.descriptor.annotations, **new}
    back = mutate.describe(made, lambda _: True, remove_annotations=new)
    kept = [
        {k: v for k, v in e.descriptor.annotations.items() if k not in new} for e in index.children
    ]
    assert [each.descriptor.annotations for each in back.children] == kept
    assert mutate.describe(made, lambda _: True, annotations=new) is made


@given(images(), st.lists(steps, max_size=3))
def test_pipelines_pickle(image: Image, todo: list[Any]) -> None:
    """
    Steps compare, print and pickle, and give the same afterwards.
    """
    pipeline = Pipeline(todo)
    again = pickle.loads(pickle.dumps(pipeline))
    assert (again, hash(again), repr(again)) == (pipeline, hash(pipeline), repr(pipeline))
    assert again(image) == pipeline(image)


@given(images(closed=False) | indexes(closed=False), st.lists(steps, max_size=3))
def test_what_comes_out_is_valid(content: Image | Index, todo: list[Any]) -> None:
    """
    Of valid content a pipeline makes valid content.
    """
    made = apply(content, [_open(step) for step in todo])
    assert [each for each in validate(made) if each.severity == Severity.ERROR] == []


def _open(step: Any) -> Any:
    # Appended layers are read here, so that they must be there.
    if not isinstance(step, Append):
        return step
    return evolve(step, layers=tuple(layer("new") for _ in step.layers))
