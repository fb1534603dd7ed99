"""
Comparison of content.
"""

from __future__ import annotations

import json

import pytest

from ocikit import media
from ocikit._records import evolve
from ocikit.content.blob import of_bytes
from ocikit.content.image import Child, Content
from ocikit.query.compare import compare
from ocikit.query.walk import NestedTooDeeply
from tests.query.builders import (
    Refusing,
    RefusingChild,
    artifact,
    attestation,
    image,
    index,
    layer,
    listed,
    loaded,
)


def told(left: Content, right: Content) -> dict[str, tuple[str | None, str | None]]:
    """
    Give the differences by where they are, without those of digest and size.
    """
    found = compare(left, right)
    return {
        each.where: (each.left, each.right)
        for each in found
        if not each.where.endswith(("digest", "size"))
    }


def test_equal_content_is_not_opened() -> None:
    """
    Equal digests name equal content: nothing has to be read to see it.
    """
    one = image()
    closed = evolve(one, config=evolve(one.config, opener=Refusing()))
    among = index(listed(one, "linux/amd64"))
    child = Child(descriptor=among.children[0].descriptor, opener=RefusingChild())
    assert compare(one, closed) == ()
    assert compare(among, evolve(among, children=(child,))) == ()


def test_members_of_manifest_and_config_are_told() -> None:
    """
    Each member that differs is named by its path, with both of its values.
    """
    one = image(config={"config": {"Env": ["A=1"], "User": "me"}}, manifest={"x-new": {"a": 1}})
    other = image(config={"config": {"Env": ["A=1", "B=2"]}}, manifest={"x-new": {"a": 2}})
    assert told(one, other) == {
        "manifest > x-new.a": ("1", "2"),
        "config > config.Env[1]": (None, '"B=2"'),
        "config > config.User": ('"me"', None),
    }


def test_layers_are_told_though_their_number_differs() -> None:
    """
    Trap: a different number of layers does not hide what differs in those that both have.
    """
    one, other = image("linux/amd64", layer("a")), image("linux/amd64", layer("b"), layer("c"))
    found = {each.where for each in compare(one, other)}
    assert {"manifest > layers[0].digest", "manifest > layers[1]"} <= found
    assert {"config > rootfs.diff_ids[0]", "config > rootfs.diff_ids[1]"} <= found


def test_null_is_not_nothing() -> None:
    """
    Bytes are identity: a member that is null differs from one that is not there.
    """
    one = image(config={"config": {"Env": []}})
    other = image(config={"config": None})
    assert ("config > config", ('{"Env":[]}', None)) in told(one, other).items()


def test_other_spelling_of_the_same_members_is_told() -> None:
    """
    Documents that mean the same and are written differently have different digests.
    """
    one = image()
    raw = json.dumps(json.loads(one.document.raw), indent=1).encode()
    other = loaded(raw, media.OCI_MANIFEST, {})
    assert list(told(one, other)) == ["manifest > bytes"]


def test_children_are_compared_by_platform() -> None:
    """
    Order of children does not matter where their platforms tell them apart.
    """
    amd64, arm64 = image("linux/amd64"), image("linux/arm64")
    changed = image("linux/arm64", config={"author": "me"})
    one = index(listed(amd64, "linux/amd64"), listed(arm64, "linux/arm64"))
    other = index(listed(changed, "linux/arm64"), listed(amd64, "linux/amd64", note="x"))
    assert told(one, other) == {
        "linux/amd64 > descriptor > annotations": (None, '{"note":"x"}'),
        "linux/arm64 > config > author": (None, '"me"'),
    }


def test_children_without_counterpart_are_told() -> None:
    """
    What only one side has is named; children that no platform tells apart go by position.
    """
    amd64 = image("linux/amd64")
    one = index(listed(amd64, "linux/amd64"), attestation(amd64), annotations={"a": "1"})
    other = index(listed(amd64, "linux/amd64"), listed(amd64, "linux/amd64"))
    digest = str(one.children[1].descriptor.digest)
    assert told(one, other)["index > annotations"] == ('{"a":"1"}', None)
    assert f'"{digest}"' in {each.left for each in compare(one, other)}
    assert told(one, index(one.children[0]))["child 2"] == (f'"{digest}"', None)


def test_different_kinds_differ_in_type() -> None:
    """
    An image is not an index, nor is an artifact an image: no more is said than that.
    """
    one, blob = image(), of_bytes(b"{}", "application/json")
    assert list(told(one, blob)) == ["mediaType"]
    assert list(told(one, index())) == ["mediaType"]
    assert "config" not in {where.split(" > ")[0] for where in told(one, artifact())}


def test_nesting_is_bounded() -> None:
    """
    Indexes in indexes are compared, but not for ever.
    """
    one, other = index(annotations={"a": "1"}), index(annotations={"a": "2"})
    for _ in range(3):
        one, other = index(listed(one)), index(listed(other))
    assert "child 1 > child 1 > child 1 > index > annotations.a" in told(one, other)
    for _ in range(8):
        one, other = index(listed(one)), index(listed(other))
    with pytest.raises(NestedTooDeeply):
        compare(one, other)


def test_a_difference_prints() -> None:
    """
    A line for people: where, and both sides.
    """
    (*_, last) = compare(image(), image(config={"author": "<me>"}))
    assert str(last) == 'config > author: nothing | "\\u003cme\\u003e"'
