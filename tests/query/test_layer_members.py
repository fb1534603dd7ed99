"""
What validation finds of the members of a layer.
"""

from __future__ import annotations

from typing import Any

import pytest

from ocikit import media
from ocikit._records import evolve
from ocikit.content.build import build_layer
from ocikit.content.compression import Plain
from ocikit.content.image import Image
from ocikit.query.finding import Severity
from ocikit.query.validate import validate
from ocikit.testing.building import archive as stacked
from ocikit.testing.building import link
from ocikit.testing.refusing import Lost
from tests.query.builders import image, layer, tar
from tests.query.test_validate import errors, holding
from tests.tree.archives import END, block, file, padded, pax


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


def test_marks_of_what_no_layer_below_has_are_a_note() -> None:
    """
    They do no harm, and no good; a directory may be there by what is in it.
    """
    lower, upper = ["a", "d/b"], [".wh.a", ".wh.d", ".wh.e", "x/.wh..wh..opq", "x/.wh.f"]
    (found,) = validate(stacked_image(lower, [], upper))
    assert (found.severity, found.where) == (Severity.NOTE, "layer 3")
    assert found.message == "it takes away what no layer below has: 'e', 'x/f'"
    (found,) = validate(stacked_image([".wh.a", "a"]))
    assert found.severity == Severity.NOTE
    # Of a layer that is elsewhere nobody knows what is in it.
    made = stacked_image([".wh.a"]).layers[0]
    foreign = layer("a", media_type=media.OCI_FOREIGN_LAYER)
    lost = evolve(foreign, blob=evolve(foreign.blob, opener=Lost()))
    found_all = validate(image("linux/amd64", lost, made))
    assert [each.where for each in found_all] == ["layer 1", "layer 1"]


def test_headers_that_say_what_cannot_be_are_found() -> None:
    """
    Each with its member and where it begins; the first three are named.
    """
    bad = block(b"x", mode=b"rwxr-xr-") + pax({b"mtime": b"soon"}) + block(b"y")
    (found,) = errors(holding(file("a") + bad + block(b"z", mtime=b"00000000009\0") + END))
    assert "tar member 1 at byte 512: 'x': b'rwxr-xr-' is not an octal number" in found
    assert "tar member 2 at byte 1024: 'y': pax record mtime" in found
    (found,) = errors(holding(block(mode=b"rwxr-xr-") * 5 + END))
    assert found.endswith(" and 2 more")
    assert errors(holding(block(mode=b"  644 \0\0") + END)) == []


def test_maps_of_sparse_files_are_looked_at() -> None:
    """
    One that does not fit its content cannot be unpacked.
    """
    for number, right in ((b"3", True), (b"4", False)):
        records = {
            b"GNU.sparse.major": b"1",
            b"GNU.sparse.minor": b"0",
            b"GNU.sparse.realsize": b"2000",
        }
        content = (b"1\n1000\n" + number + b"\n").ljust(512, b"\0") + b"abc"
        made = pax(records) + block(b"x", size=len(content)) + padded(content) + END
        assert (errors(holding(made)) == []) is right


def test_headers_for_all_members_confuse_nobody() -> None:
    """
    Trap: what they say is worked into the members, whose headers seem longer than they are.
    """
    shared = pax({b"SCHILY.xattr.user.a": b"1" * 2000}, b"g")
    assert validate(holding(shared + file("a", b"1") + END)) == ()
    (found,) = validate(holding(shared + file("a") + END + b"x" * 512))
    assert "there is more after the end" in found.message


def test_what_is_there_many_times_is_named_once() -> None:
    """
    And counted once.
    """
    (found,) = validate(holding(tar(*"aaaabbcc")))
    assert found.message == "entries are there twice: 'a', 'b', 'c'; the last counts"
