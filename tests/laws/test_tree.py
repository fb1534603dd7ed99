"""
What layers make of each other is what unpacking them makes of each other.
"""

from __future__ import annotations

import io

from hypothesis import event, given
from hypothesis import strategies as st

from ocikit._records import evolve
from ocikit.tree.difference import compare
from ocikit.tree.filetree import load
from ocikit.tree.once import Surprised, once
from ocikit.tree.opened import read
from ocikit.tree.overlay import merge, merge_into, squash
from ocikit.tree.reader import LIMITS, Reader
from ocikit.tree.resolve import LinkTargetMissing
from tests.tree.model import Dangling, unpack
from tests.tree.stacks import Plain, stacks, tame_stacks

any_stack = st.one_of(stacks, tame_stacks)


def _overlay(layers: list[bytes]) -> bytes | None:
    try:
        return b"".join(merge([Plain(layer) for layer in layers]))
    except LinkTargetMissing:
        return None


@given(any_stack)
def test_the_overlay_is_what_unpacking_gives(layers: list[bytes]) -> None:
    """
    Every kind of member, spelling, link and mark, in any order, against the slow model.
    """
    try:
        expected = unpack(layers)
    except Dangling:
        event("dangling")
        assert _overlay(layers) is None
        return
    made = _overlay(layers)
    assert made is not None
    assert unpack([made]) == expected


@given(any_stack)
def test_the_overlay_is_in_order(layers: list[bytes]) -> None:
    """
    Nothing is there twice, nothing is a mark, names are clean, links come after files.
    """
    made = _overlay(layers)
    if made is None:
        return
    files: set[str] = set()
    names: list[str] = []
    for member in Reader(io.BytesIO(made)):
        entry = member.entry
        names.append(entry.name)
        assert entry.name == "./" or not {"", ".", ".."} & {*entry.name.rstrip("/").split("/")}
        assert ".wh." not in entry.name
        assert (entry.kind == "directory") == entry.name.endswith("/")
        if entry.kind == "hardlink":
            assert entry.linkname in files
        elif entry.kind != "directory":
            files.add(entry.name)
    assert len(set(names)) == len(names)


@given(any_stack)
def test_the_overlay_of_an_overlay_is_the_same(layers: list[bytes]) -> None:
    """
    Flattening is idempotent, byte for byte.
    """
    made = _overlay(layers)
    assert made is None or _overlay([made]) == made


@given(any_stack)
def test_one_pass_gives_the_same_or_nothing(layers: list[bytes]) -> None:
    """
    The quick way gives the bytes of the careful one, unless it says that it cannot.
    """
    try:
        quick = b"".join(once([Plain(layer) for layer in layers], LIMITS))
    except Surprised:
        event("surprised")
        return
    event("one pass")
    assert quick == _overlay(layers)


@given(stacks, stacks)
def test_the_overlay_is_associative(lower: list[bytes], upper: list[bytes]) -> None:
    """
    Lower layers may be flattened first. (Upper ones not: their marks are gone then.)
    """
    bottom = _overlay(lower)
    if bottom is None:
        return
    whole, parts = _overlay([*lower, *upper]), _overlay([bottom, *upper])
    assert (whole is None) == (parts is None)
    if whole is not None and parts is not None:
        assert unpack([whole]) == unpack([parts])


@given(any_stack)
def test_built_is_the_overlay(layers: list[bytes]) -> None:
    """
    However many passes were needed.
    """
    made = _overlay(layers)
    if made is not None:
        assert merge_into([Plain(layer) for layer in layers], b"".join) == made


@given(any_stack)
def test_a_file_tree_is_what_unpacking_gives(layers: list[bytes]) -> None:
    """
    The same paths, facts, contents and names, without a byte unpacked.
    """
    try:
        expected = unpack(layers)
    except Dangling:
        return
    tree = load([Plain(layer) for layer in layers])
    contents = {path: read(tree, path) for path, file in tree.files.items() if file.kind == "file"}
    found = {
        path: (evolve(file.entry, name=""), contents.get(path, b""), [*file.links] or [path])
        for path, file in tree.files.items()
    }
    assert found == expected


@given(any_stack)
def test_a_tree_does_not_differ_from_its_overlay(layers: list[bytes]) -> None:
    """
    Nor from itself.
    """
    made = _overlay(layers)
    if made is not None:
        tree = load([Plain(layer) for layer in layers])
        assert compare(tree, tree) == ()
        assert compare(tree, load([Plain(made)])) == ()


@given(tame_stacks, tame_stacks)
def test_differences_are_those_of_the_model(one: list[bytes], two: list[bytes]) -> None:
    """
    Exactly the paths that are described otherwise; the other way round the same ones.
    """
    before, after = unpack(one), unpack(two)
    trees = [load([Plain(layer) for layer in layers]) for layers in (one, two)]
    found = {change.path for change in compare(trees[0], trees[1])}
    paths = before.keys() | after.keys()
    assert found == {path for path in paths if before.get(path) != after.get(path)}
    assert found == {change.path for change in compare(trees[1], trees[0])}


@given(any_stack, any_stack)
def test_a_squashed_layer_does_what_its_layers_did(lower: list[bytes], upper: list[bytes]) -> None:
    """
    On top of the same lower layers; squashing it again changes nothing.
    """
    try:
        expected = unpack([*lower, *upper])
    except Dangling:
        return
    bottom = [Plain(layer) for layer in lower]
    one = b"".join(squash(bottom, [Plain(layer) for layer in upper]))
    assert unpack([*lower, one]) == expected
    assert b"".join(squash(bottom, [Plain(one)])) == one


@given(any_stack)
def test_squashing_upon_nothing_is_the_overlay(layers: list[bytes]) -> None:
    """
    Byte for byte.
    """
    made = _overlay(layers)
    if made is not None:
        assert b"".join(squash([], [Plain(layer) for layer in layers])) == made
