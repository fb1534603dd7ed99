"""
Laws of differences.
"""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from ocikit import mutate
from ocikit._records import evolve
from ocikit.content.compression import Gzip, Plain, Zstd
from ocikit.content.image import Content, Image
from ocikit.query.diff import diff
from ocikit.query.difference import Difference, Ignore
from ocikit.query.ignore import PRESETS, any_of, field
from ocikit.query.trees import diff_trees
from tests.laws.edits import Edit
from tests.laws.test_mutate import edits
from tests.laws.wild import images, indexes, layers, members
from tests.query.builders import of_tars
from tests.tree.stacks import drawn_layers, stacks, tame_stacks

content = images(closed=False) | indexes(closed=False)
presets = st.sampled_from(sorted(PRESETS)).map(PRESETS.__getitem__)


def turned(found: tuple[Difference, ...]) -> set[Difference]:
    """
    Swap the sides of differences.
    """
    return {evolve(each, left=each.right, right=each.left) for each in found}


@given(content, content)
def test_differences_are_symmetric(left: Content, right: Content) -> None:
    """
    What differs from one side differs from the other; equal content has no difference.
    """
    assert diff(left, left) == diff(right, right) == ()
    found = diff(left, right)
    assert turned(found) == {*diff(right, left)}
    assert (found == ()) == (left == right)


@given(content, content, st.lists(presets, max_size=3))
def test_ignoring_takes_away_and_adds_nothing(
    left: Content, right: Content, ignored: list[Any]
) -> None:
    """
    What is told is what would be told, less what is ignored, and less what follows from it.
    """
    whole = diff(left, right)
    rest = diff(left, right, ignore=ignored)
    kept = {each for each in whole if not any_of(*ignored)(each)}
    assert {*rest} <= kept
    assert {each for each in kept - {*rest} if not PRESETS["digests"](each)} == set()
    assert diff(left, right, ignore=[lambda found: True]) == ()
    assert diff(left, right, ignore=[any_of(*ignored)]) == rest


@given(content, content)
def test_sides_differ(left: Content, right: Content) -> None:
    """
    Each is JSON or nothing, and no two are the same; none is told twice.
    """
    found = diff(left, right)
    assert len({*found}) == len(found) or any(each.field == "digest" for each in found)
    for each in found:
        assert each.left != each.right
        for side in (each.left, each.right):
            assert side is None or json.dumps(json.loads(side))


@given(images(), edits)
def test_what_was_changed_is_told(image: Image, edit: Edit) -> None:
    """
    Exactly the members that a step may change, and what follows; nothing if nothing did.
    """
    made = edit.step(image)
    found = diff(image, made, files=False, ignore=[PRESETS["digests"], PRESETS["spelling"]])
    assert (diff(image, made) == ()) == (made == image)
    for each in found:
        if each.level in ("manifest", "config") and each.field != "mediaType":
            allowed = edit.manifest if each.level == "manifest" else edit.config
            path = re.sub(r"\[\d+\]", "/*", each.field).replace(".", "/")
            assert any(path == name or path.startswith(f"{name}/") for name in allowed), each
        else:
            assert (each.field == "mediaType" and "mediaType" in edit.manifest) or not each.left


@given(images(), st.lists(layers(), min_size=1, max_size=2))
def test_appended_layers_are_all_that_is_told(image: Image, new: list[Any]) -> None:
    """
    By their digests, which the other side lacks; no layer is opened.
    """
    found = diff(image, mutate.append(image, *new), ignore=[PRESETS["spelling"]])
    told = [each for each in found if each.level == "layer"]
    assert [each.right for each in told] == [f'"{each.digest}"' for each in new]
    assert {each.left for each in told} == {None}


@given(images(closed=False), st.sampled_from([Plain(), Zstd(), Gzip(9), Gzip(1)]))
def test_compression_is_all_that_differs(image: Image, compression: Any) -> None:
    """
    What is compressed otherwise is ignored by that name, and by "semantic"; but a layer
    may get the name that goes with its manifest.
    """
    made = mutate.recompress(image, compression, force=True)
    ignored: list[Ignore] = [PRESETS["compression"], PRESETS["spelling"], field("mediaType")]
    assert diff(image, made, ignore=ignored) == ()
    assert diff_trees(image, made) == ()


@given(stacks, st.integers(0, 3))
def test_times_are_all_that_differs(stack: list[bytes], seconds: int) -> None:
    """
    An image whose times were set differs from itself in times, and how those are written.
    """
    image = of_tars(*stack)
    made = mutate.time(image, seconds)
    assert diff(image, made, ignore=[PRESETS["times"], PRESETS["tar-format"]]) == ()


@given(drawn_layers, drawn_layers)
def test_archives_differ_in_something(left: bytes, right: bytes) -> None:
    """
    Two streams are equal, or members tell what is not.
    """
    found = diff(of_tars(left), of_tars(right))
    assert (found == ()) == (left == right)
    files = [each for each in found if each.level == "file" or each.field in ("file order", "end")]
    assert bool(files) == (left != right)
    assert turned(found) == {*diff(of_tars(right), of_tars(left))}


@given(tame_stacks)
def test_flattened_images_have_the_same_files(stack: list[bytes]) -> None:
    """
    Whatever layers there were, containers see the same.
    """
    image = of_tars(*stack)
    assert diff_trees(image, mutate.flatten(image)) == ()


@given(tame_stacks, tame_stacks)
def test_trees_differ_symmetrically(left: list[bytes], right: list[bytes]) -> None:
    """
    As layers do; and what differs in no layer differs in no file.
    """
    one, other = of_tars(*left), of_tars(*right)
    found = diff_trees(one, other)
    assert turned(found) == {*diff_trees(other, one)}
    if diff(one, other) == ():
        assert found == ()


@given(images(closed=False))
def test_other_spelling_is_told_as_that(image: Image) -> None:
    """
    A manifest that means the same in the same order differs in spelling alone.
    """
    raw = json.dumps(json.loads(image.document.raw), indent=3).encode()
    assume(members(raw) == members(image.document.raw))
    made = evolve(image, document=evolve(image.document, raw=raw))
    assert (diff(image, made) != ()) == (made != image)
    assert diff(image, made, ignore=[PRESETS["spelling"]]) == ()
