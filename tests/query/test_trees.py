"""
Differences of the files that containers would see.
"""

from __future__ import annotations

import pytest

from ocikit._records import FrozenMap, evolve
from ocikit.content.blob import of_bytes
from ocikit.content.image import Content
from ocikit.digest import Digest
from ocikit.query.ignore import PRESETS, files
from ocikit.query.trees import diff_trees
from ocikit.query.walk import NestedTooDeeply
from ocikit.testing.building import link, symlink
from ocikit.testing.refusing import Refusing
from ocikit.tree.entry import Entry
from ocikit.tree.writer import header
from tests.query.builders import artifact, image, index, layer, listed, of_tars
from tests.tree.archives import END, file

Told = list[tuple[str, str, str | None, str | None]]


def told(left: Content, right: Content) -> Told:
    """
    Give the differences: path, field, and both sides.
    """
    found = diff_trees(left, right)
    return [(" > ".join(each.path), each.field, each.left, each.right) for each in found]


def test_in_which_layer_a_file_is_makes_no_difference() -> None:
    """
    Nor what a layer has taken away, nor the order, nor how a path is written.
    """
    one = of_tars(file("a", b"1") + file("b") + END, file(".wh.b") + file("d/c") + END)
    other = of_tars(file("./d/c") + file("/a", b"1") + END)
    assert diff_trees(one, other) == ()


def test_facts_and_content_are_told() -> None:
    """
    Each by itself, with both values; content by its digest.
    """
    one = of_tars(file("a", b"1", mode=0o600) + file("b", b"2") + END)
    other = of_tars(file("b", b"3") + END, file("a", b"1", mtime_ns=5 * 10**8) + END)
    assert told(one, other) == [
        ("a", "mode", '"0600"', '"0644"'),
        ("a", "mtime", "0", "0.5"),
        ("b", "content", f'"{Digest.of(b"2")}"', f'"{Digest.of(b"3")}"'),
    ]


def test_kinds_links_and_attributes_are_told() -> None:
    """
    What there is on one side only, and what files have beside their content.
    """
    pax = FrozenMap({"SCHILY.xattr.user.a": b"1"})
    one = of_tars(
        file("a") + header(link("b", "a")) + header(symlink("l", "x")) + file("z", pax=pax) + END
    )
    other = of_tars(file("a") + header(symlink("l", "y")) + file("z") + END)
    assert told(one, other) == [
        ("a", "links", '["a","b"]', "[]"),
        ("b", "kind", '"file"', None),
        ("l", "linkname", '"x"', '"y"'),
        ("z", "xattr user.a", '"1"', None),
    ]
    root = of_tars(header(Entry(name="./", kind="directory", mode=0o700)) + END)
    assert told(root, of_tars(END)) == [("/", "mode", '"0700"', '"0755"')]


def test_equal_layers_are_not_opened() -> None:
    """
    Two images of the same diff IDs have the same files, however those are compressed.
    """
    one, other = (layer("a", compression=name, closed=True) for name in ("gzip", "zstd"))
    assert diff_trees(image("linux/amd64", one), image("linux/arm64", other)) == ()


def test_policies_apply() -> None:
    """
    The same that apply to layers.
    """
    one, other = of_tars(file("a", mtime_ns=1) + END), of_tars(file("a") + END)
    assert diff_trees(one, other, ignore=[PRESETS["times"]]) == ()
    assert diff_trees(one, other, ignore=[files("a")]) == ()
    assert diff_trees(one, other, ignore=[files("b")]) != ()


def test_images_of_indexes_are_matched() -> None:
    """
    By platform; one that the other lacks is told, and equal ones are not looked at.
    """
    one, other = of_tars(file("a") + END), of_tars(file("b") + END)
    same = image("linux/arm64", layer("a", closed=True))
    left = index(listed(one, "linux/amd64"), listed(same, "linux/arm64"))
    right = index(listed(same, "linux/arm64"), listed(other, "linux/amd64"))
    assert [each[0] for each in told(left, right)] == ["linux/amd64 > a", "linux/amd64 > b"]
    assert told(left, index(listed(same, "linux/arm64"))) == [
        ("linux/amd64", "digest", f'"{one.digest}"', None)
    ]
    for _ in range(9):
        left, right = index(listed(left)), index(listed(right))
    with pytest.raises(NestedTooDeeply):
        diff_trees(left, right)


def test_what_has_no_files_is_compared_by_digest() -> None:
    """
    Artifacts and blobs are not opened.
    """
    blob = of_bytes(b"x", "text/plain")
    opaque = artifact(evolve(layer("a"), blob=evolve(blob, opener=Refusing())))
    assert [each[1] for each in told(opaque, image())] == ["digest", "size"]
    assert [each[1] for each in told(blob, index())] == ["digest", "size", "mediaType"]
