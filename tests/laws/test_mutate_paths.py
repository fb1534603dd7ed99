"""
Removing paths is what unpacking, and then removing them, gives.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from hypothesis import assume, event, given
from hypothesis import strategies as st

from ocikit.tree.globs import expression
from ocikit.tree.paths import clean
from ocikit.tree.prune import prune
from ocikit.tree.reader import Reader
from ocikit.tree.whiteouts import mark
from tests.tree.archives import by_reader
from tests.tree.model import Dangling, Found, unpack
from tests.tree.stacks import Plain, names, paths, stacks, tame_stacks

any_stack = st.one_of(stacks, tame_stacks)
parts = st.one_of(names, st.sampled_from(["*", "?", "[ab]", "**"]))
patterns = st.one_of(
    names, paths, paths, st.lists(parts, min_size=1, max_size=3).map("/".join)
).map(expression)


def goes(pattern: re.Pattern[str], path: str) -> bool:
    """
    Tell whether a path, or a directory that it is in, matches.
    """
    parts = path.split("/")
    ways = ("/".join(parts[: end + 1]) for end in range(len(parts)))
    return bool(path) and any(pattern.fullmatch(way) for way in ways)


def without(found: Found, pattern: re.Pattern[str]) -> Found:
    """
    Remove paths from what was unpacked: of other names of a file they are gone as well.
    """
    return {
        path: (facts, content, [name for name in links if not goes(pattern, name)])
        for path, (facts, content, links) in found.items()
        if not goes(pattern, path)
    }


def pruned(layers: Sequence[bytes], pattern: re.Pattern[str]) -> list[bytes | None]:
    """
    Remove paths from layers; None for those that stay.
    """
    made = prune([Plain(layer) for layer in layers], lambda path: bool(pattern.fullmatch(path)))
    return [None if each is None else b"".join(each) for each in made]


@given(any_stack, patterns)
def test_removing_is_unpacking_and_removing(layers: list[bytes], pattern: re.Pattern[str]) -> None:
    """
    Of all layers, and of any number of the lowest: every kind of member, spelling, link
    and mark, in any order, against the slow model.
    """
    expected: list[Found] = []
    try:
        expected += [unpack(layers[:count]) for count in range(len(layers) + 1)]
    except Dangling:
        assume(False)
    made = pruned(layers, pattern)
    event(f"{sum(each is not None for each in made)} of {len(layers)} layers changed")
    stack = [old if new is None else new for old, new in zip(layers, made, strict=True)]
    for count, found in enumerate(expected):
        assert unpack(stack[:count]) == without(found, pattern)


@given(tame_stacks, patterns)
def test_layers_without_a_match_stay(layers: list[bytes], pattern: re.Pattern[str]) -> None:
    """
    A layer changes when a member or a mark of it goes, or a link leads to what goes.
    """
    try:
        unpack(layers)
    except Dangling:
        return
    for layer, made in zip(layers, pruned(layers, pattern), strict=True):
        entries = [entry for entry, _ in by_reader(layer)]
        if any(entry.kind == "symlink" for each in layers for entry, _ in by_reader(each)):
            return
        written = [entry.name.replace(".wh..wh..opq", "").replace(".wh.", "") for entry in entries]
        linked = [entry.linkname for entry in entries if entry.kind == "hardlink"]
        concerned = any(goes(pattern, name.strip("/")) for name in (*written, *linked))
        if not concerned:
            assert made is None
        elif made is not None:
            assert made != layer


@given(any_stack, patterns)
def test_no_byte_is_left(layers: list[bytes], pattern: re.Pattern[str]) -> None:
    """
    Nothing of what goes has a member, a mark or a link to it.
    """
    try:
        unpack(layers)
    except Dangling:
        return
    for made in pruned(layers, pattern):
        for member in Reader(io.BytesIO(made or b"")):
            path = clean(member.name)
            found = mark(path)
            meant = path if found is None else found.path
            for each in (meant, clean(member.linkname) if member.kind == "hardlink" else b""):
                assert not goes(pattern, each.decode())


@given(any_stack, patterns)
def test_removing_again_changes_nothing(layers: list[bytes], pattern: re.Pattern[str]) -> None:
    """
    What is gone is gone.
    """
    try:
        unpack(layers)
    except Dangling:
        return
    made = pruned(layers, pattern)
    stack = [old if new is None else new for old, new in zip(layers, made, strict=True)]
    again = pruned(stack, pattern)
    assert [new or old for old, new in zip(stack, again, strict=True)] == stack
