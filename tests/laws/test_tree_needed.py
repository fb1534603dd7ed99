"""
A tree of the layers that are needed has at a path what a tree of all has.
"""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import event, given
from hypothesis import strategies as st

from ocikit.tree.filetree import File, FileTree, PathMissing, find, load
from ocikit.tree.needed import needed
from ocikit.tree.opened import NotAFile, read
from ocikit.tree.resolve import LinkTargetMissing
from tests.tree.stacks import Plain, spelt, stacks, tame_stacks


def seen(tree: FileTree, path: str, follow: bool, below: int) -> object:
    """
    Give what is at a path: facts, content, and which layer it is from.
    """
    try:
        file: File = find(tree, path, follow=follow)
    except PathMissing:
        return None
    try:
        content = read(tree, file.path)
    except (NotAFile, PathMissing):
        content = None
    layer = None if file.layer is None else file.layer + below
    return file.path, file.entry, layer, content


@given(st.one_of(stacks, tame_stacks, tame_stacks), st.data())
def test_needed_layers_are_enough(stack: Sequence[bytes], data: st.DataObject) -> None:
    """
    However layers get in each other's way, through links, marks and hard links.
    """
    layers = [Plain(each) for each in stack]
    try:
        whole = load(layers)
    except LinkTargetMissing:
        event("dangling")
        return
    files = [path for path, file in whole.files.items() if file.kind != "directory"]
    path = data.draw(st.one_of(st.sampled_from(files), spelt) if files else spelt)
    follow = data.draw(st.booleans())
    below = needed(layers, path, follow=follow)
    event(f"{len(layers) - below} of {len(layers)}")
    expected = seen(whole, path, follow, 0)
    assert seen(load(layers[below:]), path, follow, below) == expected
    if expected is None:
        assert below == 0
