"""
Differences of documents, and of what they list.
"""

from __future__ import annotations

import json

import pytest

from ocikit import media
from ocikit._records import FrozenMap, evolve
from ocikit.content.blob import of_bytes
from ocikit.content.image import Child, Content, Image
from ocikit.content.layer import Layer
from ocikit.query.diff import diff
from ocikit.query.difference import Difference
from ocikit.query.walk import NestedTooDeeply
from ocikit.testing.refusing import Lost, Refusing
from tests.query.builders import artifact, attestation, image, index, layer, listed, loaded

Sides = tuple[str | None, str | None]


def told(left: Content, right: Content, *, files: bool = False) -> dict[str, Sides]:
    """
    Give the differences by where they are, without those of digest and size.
    """
    found = diff(left, right, files=files)
    return {
        each.where: (each.left, each.right)
        for each in found
        if not each.where.endswith(("digest", "size"))
    }


def levels(left: Content, right: Content) -> list[str]:
    """
    Give levels and fields of all differences.
    """
    return [f"{each.level} {each.field}" for each in diff(left, right)]


def closed(made: Layer) -> Layer:
    """
    Give the layer, which must not be opened.
    """
    return evolve(made, blob=evolve(made.blob, opener=Refusing()))


def test_equal_content_is_not_opened() -> None:
    """
    Equal digests name equal content: nothing has to be read to see it.
    """
    one = image()
    sealed = evolve(one, config=evolve(one.config, opener=Refusing()))
    among = index(listed(one, "linux/amd64"))
    child = Child(descriptor=among.children[0].descriptor, opener=Refusing())
    assert diff(one, sealed) == ()
    assert diff(among, evolve(among, children=(child,))) == ()


def test_layers_that_are_equal_are_not_opened() -> None:
    """
    Neither those of one digest, wherever they are, nor those of one diff ID.
    """
    base, other = closed(layer("a")), closed(layer("a", compression="zstd"))
    new = layer("b")
    assert told(image("linux/amd64", base), image("linux/amd64", new, base), files=True)
    found = diff(image("linux/amd64", base, new), image("linux/amd64", other, new))
    assert [(each.level, each.field) for each in found][-1] == ("layer", "compression")


def test_compression_is_one_difference() -> None:
    """
    Of layers with one diff ID no more is told, and the configuration is the same.
    """
    one, other = layer("a"), layer("a", compression="zstd")
    made = [image("linux/amd64", each) for each in (one, other)]
    assert levels(*made) == ["content digest", "layer compression"]
    (*_, last) = diff(*made)
    assert json.loads(last.left or "") == {
        "mediaType": media.OCI_LAYER_GZIP,
        "size": one.size,
        "digest": str(one.digest),
    }


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


def test_digests_follow() -> None:
    """
    Beside what differs are the digests that are others because of it.
    """
    one, other = image(), image(config={"author": "me"})
    assert levels(one, other) == [
        "content digest",
        "config digest",
        "config size",
        "config author",
    ]


def test_one_more_entry_of_a_list_is_one_difference() -> None:
    """
    At its beginning, in the middle, or at the end: what is around it is the same.
    """
    entries = [{"created_by": name} for name in "abcd"]
    for without in range(4):
        fewer = [entry for at, entry in enumerate(entries) if at != without]
        one, other = (image(config={"history": history}) for history in (entries, fewer))
        said = json.dumps(entries[without], separators=(",", ":"))
        assert told(one, other) == {f"config > history[{without}]": (said, None)}


def test_null_is_not_nothing() -> None:
    """
    Bytes are identity: a member that is null or empty differs from one that is not there.
    """
    one = image(config={"config": {}, "x": None}, manifest={"annotations": {}})
    assert told(one, image(config={"config": None}))["manifest > annotations"] == ("{}", None)
    assert told(one, image(config={"config": None}))["config > config"] == ("{}", None)


def test_members_of_what_is_not_there_are_told_one_by_one() -> None:
    """
    So that a policy can ignore one annotation, whether there are others or not.
    """
    one = image(manifest={"annotations": {"a": "1", "b": "2"}})
    assert told(one, image()) == {
        "manifest > annotations.a": ('"1"', None),
        "manifest > annotations.b": ('"2"', None),
    }


def test_other_spelling_of_the_same_members_is_told() -> None:
    """
    Documents that mean the same and are written differently have different digests.
    """
    one = image()
    parsed = json.loads(one.document.raw)
    indented = loaded(json.dumps(parsed, indent=1).encode(), media.OCI_MANIFEST, {})
    wider = loaded(json.dumps(parsed, indent=2).encode(), media.OCI_MANIFEST, {})
    turned = dict(reversed(parsed.items()))
    order = loaded(json.dumps(turned, indent=1).encode(), media.OCI_MANIFEST, {})
    assert told(one, indented) == {"manifest > form": ('"compact"', '"other"')}
    assert list(told(indented, wider)) == ["manifest > bytes"]
    assert list(told(indented, order)) == ["manifest > order of members"]


def test_order_counts_in_what_is_listed() -> None:
    """
    Trap: what a manifest says of its config and layers is told elsewhere, but not its order.
    """
    one = image("linux/amd64", layer("a"))
    parsed = json.loads(one.document.raw)
    openers = {str(one.config.digest): one.config.opener}
    for member, where in (("config", "manifest > order of config"), ("layers", "layer 1 >")):
        turned = {**parsed, member: json.loads(json.dumps(parsed[member]))}
        held = turned[member][0] if member == "layers" else turned[member]
        items = [*held.items()][::-1]
        held.clear()
        held.update(items)
        raw = json.dumps(turned, separators=(",", ":")).encode()
        (found,) = told(one, loaded(raw, media.OCI_MANIFEST, openers))
        assert found.startswith(where)


def test_what_is_said_of_layers_is_told() -> None:
    """
    Annotations and URLs of descriptors, and inline data that only one side has.
    """
    made = layer("a")
    said = evolve(made.descriptor, annotations=FrozenMap(a="1"), urls=("u",))
    one = image("linux/amd64", made, inline=True)
    other = image("linux/amd64", made)
    listing = json.loads(other.document.raw)
    listing["layers"][0] |= {"annotations": dict(said.annotations), "urls": [*said.urls]}
    opener = {str(other.config.digest): other.config.opener}
    changed = loaded(
        json.dumps(listing, separators=(",", ":")).encode(), media.OCI_MANIFEST, opener
    )
    assert [*told(one, changed)] == [
        "manifest > config.data",
        "layer 1 > annotations.a",
        "layer 1 > urls[0]",
    ]


def test_layers_are_paired() -> None:
    """
    Equal ones first, wherever they are; what is between the same two goes in order.
    """
    a, b, c, d = (layer(name) for name in "abcd")
    changed = layer("c", "e")
    one, other = image("linux/amd64", a, b, c), image("linux/amd64", a, d, b, changed)
    found = {
        (each.path, each.field) for each in diff(one, other) if each.level in ("layer", "file")
    }
    assert found == {
        (("layer 2",), "digest"),
        *((("layer 3/4",), field) for field in ("digest", "size", "diffID")),
        (("layer 3/4", "e"), "kind"),
    }


def test_layers_that_changed_places_are_told() -> None:
    """
    All that passed one another, and no others.
    """
    a, b, c = (closed(layer(name)) for name in "abc")
    one, other = image("linux/amd64", a, b, c), image("linux/amd64", b, a, c)
    found = [each for each in diff(one, other) if each.level == "layer"]
    assert [(each.where, each.left, each.right) for each in found] == [
        ("layer 1/2 > position", "1", "2"),
        ("layer 1/2 > position", "2", "1"),
    ]


def test_media_types_tell_families() -> None:
    """
    Docker's types for OCI's are a difference of their own; those of zstd are not.
    """
    oci, docker = layer("a"), layer("a", docker=True)
    zstd = layer("a", compression="zstd")
    for one, other, fields in (
        (oci, docker, ["mediaType"]),
        (docker, zstd, ["compression"]),
        (oci, layer("a", media_type=media.OCI_FOREIGN_LAYER_GZIP), ["mediaType"]),
        (layer("b", "c"), docker, ["mediaType", "digest", "size", "diffID"]),
    ):
        found = diff(image("linux/amd64", one), image("linux/amd64", other), files=False)
        assert [each.field for each in found if each.level == "layer"] == fields


def test_artifacts_are_compared_by_digest() -> None:
    """
    Of what is no layer of files and no configuration nothing is opened.
    """
    one, other = (
        evolve(of_bytes(data, "application/vnd.example"), opener=Refusing())
        for data in (b"a", b"b")
    )
    made = [artifact(Layer(blob=each, diff_id=each.digest)) for each in (one, other)]
    assert levels(*made) == ["content digest", "layer digest"]
    assert levels(made[0], image())[-1] == "layer digest"


def test_foreign_layers_may_be_elsewhere() -> None:
    """
    What is not to be distributed and not here is compared by its digest.
    """
    kind = media.OCI_FOREIGN_LAYER_GZIP
    lost = [
        evolve(made, blob=evolve(made.blob, opener=Lost()))
        for made in (layer("a", media_type=kind), layer("b", "c", media_type=kind))
    ]
    found = diff(image("linux/amd64", lost[0]), image("linux/amd64", lost[1]))
    assert [each.field for each in found if each.level == "layer"] == ["digest", "size", "diffID"]


def test_children_are_compared_by_platform() -> None:
    """
    However their platform is spelt, and wherever they are.
    """
    amd64, arm64 = image("linux/amd64"), image("linux/arm64")
    changed = image("linux/arm64", config={"author": "me"})
    one = index(listed(amd64, "linux/amd64"), listed(arm64, "linux/arm64"))
    other = index(listed(changed, "linux/arm64/v8"), listed(amd64, "linux/amd64", note="x"))
    assert told(one, other) == {
        "linux/amd64 > position": ("1", "2"),
        "linux/amd64 > descriptor > annotations.note": (None, '"x"'),
        "linux/arm64 > position": ("2", "1"),
        "linux/arm64 > descriptor > platform.variant": (None, '"v8"'),
        "linux/arm64 > config > author": (None, '"me"'),
    }


def test_attestations_go_with_what_they_are_about() -> None:
    """
    They all have one platform, which is none.
    """
    images = [image(each) for each in ("linux/amd64", "linux/arm64")]
    children = [[listed(each, str(each.platform)), attestation(each)] for each in images]
    one, other = index(*children[0], *children[1]), index(*children[1])
    assert [each.where for each in diff(one, other)][2:] == [
        "linux/amd64 > digest",
        "attestation of linux/amd64 > digest",
    ]


def test_children_without_counterpart_are_told() -> None:
    """
    What only one side has is named; children that no platform tells apart go by position.
    """
    amd64 = image("linux/amd64")
    twice = index(listed(amd64, "linux/amd64"), listed(amd64, "linux/amd64"))
    one = index(listed(amd64, "linux/amd64"), annotations={"a": "1"})
    digest = f'"{amd64.digest}"'
    assert told(one, twice) == {"index > annotations.a": ('"1"', None)}
    assert diff(one, twice)[-1] == Difference("index", ("child 2",), "digest", None, digest)
    other = index(listed(image("linux/arm"), "linux/arm"))
    assert [each.where for each in diff(one, other)][-2:] == [
        "linux/amd64 > digest",
        "linux/arm/v7 > digest",
    ]


def test_different_kinds_differ_in_type() -> None:
    """
    An image is not an index, nor is an artifact an image: no more is said than that.
    """
    one, blob = image(), of_bytes(b"{}", "application/json")
    assert list(told(one, blob)) == ["mediaType"]
    assert list(told(one, index())) == ["mediaType"]
    assert "config > mediaType" in told(one, artifact())


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
        diff(one, other)


def test_a_configuration_that_lists_too_few_layers_is_compared_as_it_is() -> None:
    """
    Its diff IDs are then members like others.
    """
    made = layer("a")
    wrong = image("linux/amd64", made, config={"rootfs": {"type": "layers", "diff_ids": []}})
    assert isinstance(wrong, Image)
    right = image("linux/amd64", made)
    assert told(wrong, right) == {"config > rootfs.diff_ids[0]": (None, f'"{made.diff_id}"')}


def test_a_difference_prints() -> None:
    """
    A line for people: where, and both sides; nothing in it plays with their terminal.
    """
    (*_, last) = diff(image(), image(config={"author": "x\n"}))
    assert str(last) == 'config > author: nothing | "x\\n"'
    odd = Difference("file", ("layer 1", "a\x1b[1m\udcff"), "kind", None, '"file"')
    assert str(odd) == 'layer 1 > a\\x1b[1m\\udcff > kind: nothing | "file"'
