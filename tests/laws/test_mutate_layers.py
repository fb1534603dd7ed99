"""
Laws of mutations that make layers anew, take them away, or put others below them.
"""

from __future__ import annotations

import pickle
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from ocikit import media, mutate
from ocikit._records import evolve
from ocikit.content.compression import Gzip, Zstd
from ocikit.content.image import Image, Index
from ocikit.content.layer import Layer
from ocikit.digest import Digest
from ocikit.mutate.pipeline import Pipeline, apply
from ocikit.query.finding import Severity
from ocikit.query.validate import validate
from ocikit.spec.histories import full
from tests.laws.edits import Edit, edits_of, lower, remakes, resettings, steps_of
from tests.laws.wild import images, indexes, layers, members
from tests.mutate.stacked import stacked, uncompressed
from tests.tree.model import Dangling, Found, unpack
from tests.tree.stacks import stacks, tame_stacks

any_stack = st.one_of(stacks, tame_stacks)
open_layers = st.lists(layers(closed=False), max_size=2)


@st.composite
def edited(draw: st.DrawFn) -> tuple[Image, Edit]:
    """
    Draw an image, and an edit that fits it.
    """
    made = draw(images(closed=False))
    return made, draw(edits_of(made))


@given(edited())
def test_only_what_is_changed_changes(drawn: tuple[Image, Edit]) -> None:
    """
    Every other member of manifest and configuration stays, in value and in order.
    """
    image, edit = drawn
    made = edit.step(image)
    before, after = image.document.raw, made.document.raw
    assert members(after, *edit.manifest) == members(before, *edit.manifest)
    before, after = image.config.content, made.config.content
    assert members(after, *edit.config) == members(before, *edit.config)
    assert (made.media_type, made.config.media_type) == (image.media_type, image.config.media_type)


@given(edited())
def test_arguments_are_untouched(drawn: tuple[Image, Edit]) -> None:
    """
    A mutation gives another image, and leaves the one it was given.
    """
    image, edit = drawn
    before = image.document.raw, image.config.content, image.layers, repr(image.manifest)
    edit.step(image)
    assert before == (image.document.raw, image.config.content, image.layers, repr(image.manifest))


@given(edited())
def test_doing_it_again_changes_nothing(drawn: tuple[Image, Edit]) -> None:
    """
    Flat is flat, canonical is canonical, gone is gone: the same image comes back.
    """
    image, edit = drawn
    once = edit.step(image)
    if edit.idempotent:
        assert edit.step(once) is once


@given(edited())
def test_descriptors_tell_what_is_there(drawn: tuple[Image, Edit]) -> None:
    """
    Manifest, configuration, layers and inline data stay in step, and history with them.
    """
    image, edit = drawn
    made = edit.step(image)
    said = made.manifest.config
    assert (said.digest, said.size) == (made.config.digest, len(made.config.content))
    assert said.data in (None, made.config.content)
    assert Digest.of(made.config.content) == said.digest
    assert made.manifest.layers == tuple(each.descriptor for each in made.layers)
    assert tuple(each.diff_id for each in made.layers) == made.config_file.rootfs.diff_ids
    assert [Digest.of(each) for each in uncompressed(made)] == [e.diff_id for e in made.layers]
    assert len(full(made.config_file.history)) in (0, len(made.layers))


@given(edited())
def test_what_comes_out_of_images_is_valid(drawn: tuple[Image, Edit]) -> None:
    """
    Every byte of it is looked at.
    """
    image, edit = drawn
    assert _errors(edit.step(image)) == []


@given(indexes(closed=False), st.lists(remakes | resettings, max_size=2))
def test_what_comes_out_of_indexes_is_valid(index: Index, todo: list[Edit]) -> None:
    """
    Each of its images is changed, and its attestations follow; members of its own stay.
    """
    made = apply(index, steps_of(todo))
    assert _errors(made) == []
    assert [each.descriptor.annotations.keys() for each in made.children] == [
        each.descriptor.annotations.keys() for each in index.children
    ]


def _errors(content: Image | Index) -> list[Any]:
    return [each for each in validate(content) if each.severity == Severity.ERROR]


@given(edited())
def test_steps_pickle(drawn: tuple[Image, Edit]) -> None:
    """
    They compare, print and hash, and give the same afterwards.
    """
    image, edit = drawn
    pipeline = Pipeline([edit.step])
    again = pickle.loads(pickle.dumps(pipeline))
    assert (again, hash(again), repr(again)) == (pipeline, hash(pipeline), repr(pipeline))
    assert again(image) == pipeline(image)


def _unpacked(made: Image) -> Found:
    return unpack(uncompressed(made))


def _timeless(found: Found) -> Found:
    return {path: (evolve(facts, mtime_ns=0), *rest) for path, (facts, *rest) in found.items()}


@given(any_stack, st.integers(-4, 4), st.none() | st.integers(-4, 4))
def test_what_a_container_sees_stays(archives: list[bytes], start: int, stop: int | None) -> None:
    """
    Flattening, squashing any range, recompressing: unpacked it is the same; a time is
    all that being of one time changes.
    """
    try:
        expected = unpack(archives)
    except Dangling:
        return
    image = stacked(*archives)
    assert _unpacked(mutate.flatten(image)) == expected
    assert _unpacked(mutate.squash(image, start, stop)) == expected
    assert _unpacked(mutate.recompress(image, Zstd(1))) == expected
    assert _timeless(_unpacked(mutate.canonical(image))) == _timeless(expected)


@given(any_stack, st.integers(0, 4), st.integers(0, 4))
def test_squashing_is_for_a_range(archives: list[bytes], start: int, stop: int) -> None:
    """
    Layers outside it stay the same records, and within it there is one; done step by
    step, from the lowest, a container sees the same.
    """
    try:
        unpack(archives)
    except Dangling:
        return
    image = stacked(*archives)
    made = mutate.squash(image, start, stop)
    squashed = max(min(stop, len(archives)) - start, 0)
    assert len(made.layers) == len(archives) - max(squashed - 1, 0)
    assert made.layers[:start] == image.layers[:start]
    if squashed > 1:
        assert made.layers[start + 1 :] == image.layers[stop:]
        steps = mutate.squash(mutate.squash(image, start, start + 2), start, stop - 1)
        assert _unpacked(steps) == _unpacked(made)


@given(images(closed=False))
def test_recompressing_comes_back(image: Image) -> None:
    """
    Diff IDs and configuration stay, and the same compression gives the same bytes.
    """
    ours = mutate.recompress(image, Gzip(), force=True)
    there = mutate.recompress(ours, Zstd(1))
    for each in (ours, there):
        assert each.config.digest == image.config.digest
        assert [e.diff_id for e in each.layers] == [e.diff_id for e in image.layers]
    back = mutate.recompress(there, Gzip())
    assert [each.digest for each in back.layers] == [each.digest for each in ours.layers]
    family = media.layer_type("gzip", docker=media.is_docker(image.media_type))
    for new, old in zip(back.layers, ours.layers, strict=True):
        assert new.media_type in (old.media_type, family)


@given(images(), st.lists(layers(), min_size=1, max_size=2))
def test_what_was_appended_can_be_removed(image: Image, new: list[Layer]) -> None:
    """
    Then both documents mean what they did before, and no layer was opened.
    """
    made = mutate.remove_layers(mutate.append(image, *new), *range(-len(new), 0))
    assert made.layers == image.layers
    assert made.config_file == image.config_file
    assert evolve(made.manifest, config=image.manifest.config) == image.manifest


@given(images(), st.integers(0, 3))
def test_the_same_base_is_no_change(image: Image, count: int) -> None:
    """
    However many of its layers are taken for it, byte for byte.
    """
    base = lower(image, min(count, len(image.layers)))
    assert mutate.rebase(image, base, base) is image


@given(images(), images(), st.lists(layers(), max_size=2))
def test_rebasing_is_building_on_the_other_base(old: Image, new: Image, top: list[Layer]) -> None:
    """
    What was appended to the old base is as if it had been appended to the new one; no
    layer is opened. What else was said of the image is said of it still.
    """
    assume(len(full(new.config_file.history)) == len(new.layers))
    built = mutate.append(old, *top, created_by="top")
    made = mutate.rebase(built, old, new)
    expected = mutate.append(new, *top, created_by="top")
    assert [each.digest for each in made.layers] == [each.digest for each in expected.layers]
    assert made.config_file.rootfs.diff_ids == expected.config_file.rootfs.diff_ids
    assert made.config_file.history == expected.config_file.history
    assert made.platform == expected.platform
    assert made.config_file.config == built.config_file.config
    assert mutate.rebase(made, new, old).layers == built.layers
