"""
What differs between two images, as pictures.
"""

from __future__ import annotations

from ocikit.content.image import Image
from ocikit.content.partial import index_of
from ocikit.mutate.settings import config
from ocikit.picture.changes import FileChange, Tally, changes
from ocikit.picture.page import page
from ocikit.picture.svg import svg
from ocikit.picture.text import text
from ocikit.query.ignore import PRESETS, files
from ocikit.testing.building import archive, image
from ocikit.tree.entry import Entry
from tests.query.builders import artifact, layer

LEFT = image(archive(("a", b"12"), ("b", b"1"), ("same", b"1")))
RIGHT = image(archive(("a", b"2"), ("c", b"12345"), ("same", b"1")))


def test_files_are_told_with_their_sizes() -> None:
    """
    Added, removed, changed; the largest first, and how many there are of each.
    """
    found = changes(LEFT, RIGHT)
    assert found.files == (
        FileChange(path="c", how="added", before=None, after=5),
        FileChange(path="a", how="changed", before=2, after=1, facts=("size", "content")),
        FileChange(path="b", how="removed", before=1, after=None),
    )
    assert [(each.how, each.growth) for each in found.tallies] == [
        ("added", 5),
        ("removed", -1),
        ("changed", -1),
    ]
    assert "files: 1 added (+5 B), 1 removed (-1 B), 1 changed (-1 B)" in text(found)


def test_settings_are_told_and_what_follows_of_files_is_not() -> None:
    """
    A user is a setting; digests and diff IDs only say again that files differ.
    """
    found = changes(LEFT, config(RIGHT, user="me"))
    assert [each.where for each in found.settings] == ["config > config.User"]
    assert [(each.name, each.same) for each in found.layers] == [("layer 1", False)]


def test_what_is_nothing_is_a_word() -> None:
    """
    Trap: beside a long text its column was too narrow for it, and browsers broke it.
    """
    drawn = page("two", [changes(LEFT, config(RIGHT, user="me" * 1000))])
    assert '<td class="k del">nothing</td>' in drawn


def test_few_are_named_of_many() -> None:
    """
    Others are counted.
    """
    many = image(archive(*((f"f{number}", b"x" * number) for number in range(50))))
    found = changes(image(), many, most=10)
    assert [each.after for each in found.files[:2]] == [49, 48]
    assert found.tallies[0] == Tally(how="added", count=50, growth=49 * 25)
    assert "40 others" in text(found)
    assert "40 others" in page("many", [found])


def test_one_other_is_one() -> None:
    """
    A count of one has a word of its own.
    """
    found = changes(image(), image(archive(("a", b"1"), ("b", b"12"))), most=1)
    for drawn in (text(found), page("two", [found])):
        assert "1 other" in drawn
        assert "1 others" not in drawn


def test_times_alone_are_counted() -> None:
    """
    A build that was done again has all files touched: they would hide the others.
    """
    one, other = (image(archive(Entry(name="a", mtime_ns=time))) for time in (0, 10**9))
    found = changes(one, other)
    assert (found.files, found.touched) == ((), 1)
    assert "1 of which only the times differ" in text(found)
    assert changes(one, other, ignore=[PRESETS["times"]]).touched == 0


def test_what_is_ignored_is_not_drawn() -> None:
    """
    By path and by name, as `query.diff` does it.
    """
    found = changes(LEFT, config(RIGHT, user="me"), ignore=[files("c"), PRESETS["semantic"]])
    assert [each.path for each in found.files] == ["a", "b"]
    assert [each.where for each in found.settings] == ["config > config.User"]


def test_layers_need_not_be_read() -> None:
    """
    Then it is told which differ, and no file.
    """
    found = changes(LEFT, RIGHT, files=False)
    assert not found.read
    assert "files:" not in text(found)
    assert len(found.layers) == 1


def test_indexes_are_compared_child_by_child() -> None:
    """
    By platform; what is the same is not opened, what has no counterpart is told.
    """
    arm, other = (image(archive(("x", data)), platform="linux/arm64") for data in (b"1", b"22"))
    found = changes(index_of([LEFT, arm]), index_of([LEFT, other, _of("linux/s390x")]))
    assert [each.name for each in found.inside] == ["linux/amd64", "linux/arm64", "linux/s390x"]
    assert found.inside[0].before == found.inside[0].after
    assert [each.path for each in found.inside[1].files] == ["x"]
    assert found.inside[2].before is None
    assert "linux/s390x: nothing -> " in text(found)
    assert "x</text>" in svg(found)


def _of(platform: str) -> Image:
    return image(platform=platform)


def test_artifacts_have_no_files_to_compare() -> None:
    """
    Their blobs are compared as layers are, unopened.
    """
    found = changes(artifact(layer("a", closed=True)), artifact(layer("b", closed=True)))
    assert not found.read
    assert [each.same for each in found.layers] == [False]


def test_the_same_is_the_same() -> None:
    """
    There is nothing to tell.
    """
    assert text(changes(LEFT, LEFT)).splitlines()[-1] == "the same"
