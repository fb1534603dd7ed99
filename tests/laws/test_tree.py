"""
What layers make of each other is what unpacking them makes of each other.
"""

from __future__ import annotations

import io

from hypothesis import event, given
from hypothesis import strategies as st

from ocikit.tree.once import Surprised, once
from ocikit.tree.overlay import built, overlay
from ocikit.tree.reader import LIMITS, Reader
from ocikit.tree.resolve import LinkTargetMissing
from tests.tree.model import Dangling, unpack
from tests.tree.stacks import Plain, stacks, tame_stacks

any_stack = st.one_of(stacks, tame_stacks)


def _overlay(layers: list[bytes]) -> bytes | None:
    try:
        return b"".join(overlay([Plain(layer) for layer in layers]))
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
        assert built([Plain(layer) for layer in layers], b"".join) == made
