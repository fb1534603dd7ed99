"""
What validation finds of the members of a layer.
"""

from __future__ import annotations

from typing import Any

import pytest

from ocikit.content.build import build_layer
from ocikit.content.compression import Plain
from ocikit.content.image import Image
from ocikit.query.finding import Severity
from ocikit.query.validate import validate
from tests.query.builders import image, tar
from tests.query.test_validate import errors, holding
from tests.tree.stacks import layer as stacked
from tests.tree.stacks import link


def stacked_image(*layers: list[Any]) -> Image:
    """
    Make an image of layers of these members.
    """
    made = [build_layer([stacked(*members)], compression=Plain()) for members in layers]
    return image("linux/amd64", *made)


def test_duplicate_entries_are_a_note() -> None:
    """
    Trap: a path twice in a layer is allowed; the last counts.
    """
    (found,) = validate(holding(tar("a", "./a", "b", "c", "c", "d", "d", "e", "e"), "gzip"))
    assert found.severity == Severity.NOTE
    assert "'a', 'c', 'd' and 1 more" in found.message


def test_names_out_of_the_root_are_a_warning() -> None:
    """
    Some readers refuse them, ours takes them within the root.
    """
    (found,) = validate(holding(stacked("../a", "x/../../b", "x/../c", "..d")))
    assert found.severity == Severity.WARNING
    assert "out of the root: '../a', 'x/../../b'; they" in found.message


def test_marks_of_nothing_are_found() -> None:
    """
    Nobody can unpack a layer that would take away a folder from within.
    """
    (found,) = errors(holding(stacked("a/.wh.", "b/.wh.c")))
    assert "'a/.wh.'" in found
    assert "b/" not in found


@pytest.mark.parametrize(
    ("lower", "upper", "right"),
    [
        (["a"], [link("b", "a")], True),
        (["a"], ["a", link("b", "a")], True),
        (["c"], [link("b", "a")], False),
        (["a"], [".wh.a", link("b", "a")], False),
        ([], [link("b", "a"), "a"], False),
    ],
)
def test_hard_links_are_followed_to_lower_layers(
    lower: list[Any], upper: list[Any], right: bool
) -> None:
    """
    One to nothing keeps an image from being unpacked.
    """
    said = errors(stacked_image(lower, upper))
    assert said == [] if right else ["hard link to 'a'" in said[0]] == [True]
