"""
Laws of validation.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ocikit import mutate
from ocikit.content.image import Image
from ocikit.errors import Corrupt
from ocikit.query.finding import Finding, Severity
from ocikit.query.validate import validate
from ocikit.tree.filetree import load
from tests.query.builders import image, of_tars, tarred
from tests.tree.stacks import drawn_layers, stacks, tame_stacks


def errors(made: Image) -> list[Finding]:
    """
    Give what is wrong.
    """
    return [each for each in validate(made) if each.severity == Severity.ERROR]


def can_be_read(made: Image) -> bool:
    """
    Tell whether a tree of files can be made of an image's layers.
    """
    try:
        load(made.layers)
    except Corrupt:
        return False
    return True


@given(stacks)
def test_what_is_accepted_can_be_read(stack: list[bytes]) -> None:
    """
    And what cannot be read is not accepted: layers that get in each other's way, links to
    what is gone, marks of nothing.
    """
    made = of_tars(*stack)
    assert (errors(made) == []) == can_be_read(made)


@given(drawn_layers, st.data())
def test_altered_archives_are_accepted_only_when_they_can_be_read(
    stream: bytes, data: st.DataObject
) -> None:
    """
    Whichever byte of a header is another one, whatever digest says that it is right.
    """
    at = data.draw(st.integers(0, len(stream) - 1))
    altered = bytearray(stream)
    altered[at] = data.draw(st.integers(0, 255))
    made = of_tars(bytes(altered))
    assert (errors(made) == []) == can_be_read(made)


@given(drawn_layers, st.integers(0, 10_000))
def test_archives_that_were_cut_are_accepted_only_when_they_can_be_read(
    stream: bytes, size: int
) -> None:
    """
    Behind a member they can, for many archives have no end.
    """
    made = of_tars(stream[:size])
    assert (errors(made) == []) == can_be_read(made)


@given(tame_stacks, st.integers(-2, 2), st.sampled_from(["a", "a/*", "**/b", "c/**"]))
def test_what_is_made_of_layers_is_valid(stack: list[bytes], start: int, pattern: str) -> None:
    """
    Flattened, squashed, retimed, put on another base, or without some paths.
    """
    made = of_tars(*stack)
    upper = image("linux/amd64", *(tarred(each) for each in stack), tarred(stack[0]))
    assert errors(mutate.flatten(made)) == []
    assert errors(mutate.squash(made, start)) == []
    assert errors(mutate.time(made, 0)) == []
    assert errors(mutate.canonical(made)) == []
    if can_be_read(mutate.rebase(upper, made, of_tars(*stack[:1]))):
        assert errors(mutate.rebase(upper, made, of_tars(*stack[:1]))) == []
    assert errors(mutate.remove_paths(made, pattern)) == []
