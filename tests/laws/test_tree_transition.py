"""
The layer between two trees turns the one into the other, and holds nothing else.
"""

from __future__ import annotations

import io
import itertools

from hypothesis import event, given
from hypothesis import strategies as st

from ocikit.tree.difference import compare
from ocikit.tree.filetree import FileTree, load
from ocikit.tree.overlay import merge
from ocikit.tree.reader import Reader
from ocikit.tree.tarheader import END
from ocikit.tree.transitions import transition
from tests.tree.model import Dangling, unpack
from tests.tree.stacks import Plain, stacks, tame_stacks

any_stack = st.one_of(stacks, tame_stacks)


def _tree(layers: list[bytes]) -> FileTree:
    return load([Plain(layer) for layer in layers])


def _is_whole(*stacks: list[bytes]) -> bool:
    try:
        for layers in stacks:
            unpack(layers)
    except Dangling:
        event("dangling")
        return False
    return True


@given(any_stack, any_stack, st.booleans())
def test_applied_it_gives_the_other_tree(
    lower: list[bytes], upper: list[bytes], parents: bool
) -> None:
    """
    apply(diff) reproduces: by the slow model, and by comparison.
    """
    if not _is_whole(lower, upper):
        return
    before, after = _tree(lower), _tree(upper)
    made = b"".join(transition(before, after, parents=parents))
    assert unpack([*lower, made]) == unpack(upper)
    assert compare(_tree([*lower, made]), after) == ()


@given(any_stack, st.data())
def test_upon_a_part_of_the_stack(layers: list[bytes], data: st.DataObject) -> None:
    """
    Trees that have much in common, links to files below among it.
    """
    count = data.draw(st.integers(0, len(layers)))
    if not _is_whole(layers):
        return
    before, after = _tree(layers[:count]), _tree(layers)
    there, back = (
        b"".join(transition(one, two)) for one, two in [(before, after), (after, before)]
    )
    assert unpack([*layers[:count], there]) == unpack(layers)
    assert unpack([*layers, back]) == unpack(layers[:count])


@given(any_stack, st.booleans())
def test_between_equal_trees_is_nothing(layers: list[bytes], parents: bool) -> None:
    """
    Whatever layers they are made of.
    """
    if not _is_whole(layers):
        return
    tree = _tree(layers)
    flat = _tree([b"".join(merge(tree.layers))])
    for one, two in itertools.product((tree, flat), repeat=2):
        assert b"".join(transition(one, two, parents=parents)) == END


@given(any_stack, any_stack)
def test_it_holds_what_differs(lower: list[bytes], upper: list[bytes]) -> None:
    """
    Only paths that differ, or share their content with one that does; each once, in the
    order of the tree, links after what they are names of.
    """
    if not _is_whole(lower, upper):
        return
    before, after = _tree(lower), _tree(upper)
    made = b"".join(transition(before, after))
    differ = {change.path for change in compare(before, after)}
    differ |= {name for path in differ & after.files.keys() for name in after.files[path].links}
    names = [member.entry.name for member in Reader(io.BytesIO(made))]
    marks = [name for name in names if ".wh." in name]
    files = [name.rstrip("/") for name in names[len(marks) :]]
    files = ["" if name == "." else name for name in files]
    assert names[: len(marks)] == marks
    assert {name.replace(".wh.", "") for name in marks} <= differ
    assert set(files) <= differ
    assert files == [path for path in after.files if path in set(files)]


@given(any_stack, any_stack)
def test_it_does_not_depend_on_layers(lower: list[bytes], upper: list[bytes]) -> None:
    """
    The same trees, of one layer each, give the same bytes.
    """
    if not _is_whole(lower, upper):
        return
    before, after = _tree(lower), _tree(upper)
    flat = [_tree([b"".join(merge(tree.layers))]) for tree in (before, after)]
    assert b"".join(transition(before, after)) == b"".join(transition(flat[0], flat[1]))
