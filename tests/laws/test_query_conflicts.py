"""
Laws of conflicts with another base.
"""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from ocikit import mutate
from ocikit.content.image import Image
from ocikit.query.bases import Bases, bases, within
from ocikit.query.conflicts import conflicts
from ocikit.query.finding import Severity
from ocikit.tree.filetree import FileTree, load
from ocikit.tree.resolve import LinkTargetMissing
from ocikit.tree.whiteouts import Opaque, Whiteout
from tests.query.builders import of_tars, tarred
from tests.tree.stacks import tame_layers, tame_stacks


def stacked(base: Image, own: list[bytes]) -> Image:
    """
    Put layers on a base, if they can be put there.
    """
    image = mutate.append(base, *map(tarred, own))
    try:
        load(image.layers)
    except LinkTargetMissing:
        assume(False)
    return image


own_layers = st.lists(tame_layers(), min_size=1, max_size=2)


@given(tame_stacks, tame_stacks, own_layers)
def test_conflicts_are_told_in_order(old: list[bytes], new: list[bytes], own: list[bytes]) -> None:
    """
    The worst first, each once, about files that are in one of the trees; and each prints.
    """
    one, other = of_tars(*old), of_tars(*new)
    image = stacked(one, own)
    found = conflicts(image, one, other)
    order = [[*Severity].index(each.severity) for each in found]
    assert order == sorted(order)
    assert len({*found}) == len(found)
    trees = bases(image, one, other, image.layers[len(old) :])
    known = {"", *trees.old.files, *trees.new.files, *trees.built.files}
    assert {each.path.strip("/") for each in found} <= known
    assert all(str(each).startswith(each.severity) for each in found)


@given(tame_stacks, own_layers)
def test_the_same_base_has_none(old: list[bytes], own: list[bytes]) -> None:
    """
    Nor has another one that makes the same files, but for what is noted.
    """
    one = of_tars(*old)
    image = stacked(one, own)
    assert conflicts(image, one, one) == ()
    flat = mutate.flatten(one)
    assert [each for each in conflicts(image, one, flat) if each.severity != Severity.NOTE] == []


@given(tame_stacks, tame_stacks, own_layers)
def test_what_is_foreseen_comes_to_pass(
    old: list[bytes], new: list[bytes], own: list[bytes]
) -> None:
    """
    The image on its new base has the files that were foreseen, unless errors were told.
    """
    one, other = of_tars(*old), of_tars(*new)
    image = stacked(one, own)
    found = conflicts(image, one, other)
    made = mutate.rebase(image, one, other)
    try:
        real = load(made.layers)
    except LinkTargetMissing:
        assert [each for each in found if each.severity == Severity.ERROR]
        return
    assume(not any(each.kind in ("kind", "hidden", "link") for each in found))
    trees = bases(image, one, other, image.layers[len(old) :])
    # Its own links that lead marks elsewhere are the image's own affair.
    links = {path for path in trees.replaced if any(path in within(mark) for mark in _marks(trees))}
    assume(not links)
    assert _kinds(real) == _kinds(trees.rebased)


def _marks(trees: Bases) -> list[str]:
    return [*trees.marks(Whiteout), *(f"{path}/" for path in trees.marks(Opaque))]


def _kinds(tree: FileTree) -> dict[str, tuple[str, int]]:
    return {path: (file.kind, file.size) for path, file in tree.files.items()}
