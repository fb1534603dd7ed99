"""
The first cause why two digests differ.
"""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from ocikit import media
from ocikit._records import evolve
from ocikit.content.blob import of_bytes
from ocikit.content.image import Child, Content, Image
from ocikit.content.layer import Layer
from ocikit.digest import Digest
from ocikit.query.explain import explain
from ocikit.query.explanation import Explanation
from ocikit.query.walk import NestedTooDeeply
from ocikit.testing.refusing import Refusing
from tests.query.builders import (
    artifact,
    compact,
    image,
    index,
    layer,
    listed,
    loaded,
    of_tars,
    pack,
    tarred,
)
from tests.tree.archives import END, file


def why(left: Content, right: Content) -> str:
    """
    Explain, as text.
    """
    return str(explain(left, right))


def respelt(made: Image, raw: bytes) -> Image:
    """
    Give an image with other bytes for its manifest.
    """
    openers = {str(made.config.digest): made.config.opener}
    openers |= {str(each.digest): each.blob.opener for each in made.layers}
    return loaded(raw, made.media_type, openers)


def reconfigured(made: Image, raw: bytes) -> Image:
    """
    Give an image with other bytes for its configuration.
    """
    blob = of_bytes(raw, made.config.media_type)
    listing = json.loads(made.document.raw)
    listing["config"] |= {"size": blob.size, "digest": str(blob.digest)}
    openers = {str(blob.digest): blob.opener}
    openers |= {str(each.digest): each.blob.opener for each in made.layers}
    return loaded(compact(listing), made.media_type, openers)


def test_equal_content_has_no_cause() -> None:
    """
    And is not opened to see it.
    """
    one = image()
    assert explain(one, evolve(one, config=evolve(one.config, opener=Refusing()))) is None


def test_blobs_part_at_a_byte() -> None:
    """
    Or one of them ends.
    """
    one, other, longer = (of_bytes(data, "text/plain") for data in (b"abc", b"abd", b"abcd"))
    assert why(one, other) == "content differs from byte 2"
    assert why(one, longer) == "the left one ends after 3 bytes, where the other goes on"
    assert why(one, of_bytes(b"abc", "text/plain", "sha512")) == (
        "the same bytes, by another algorithm (sha256 | sha512)"
    )


def test_kinds_differ() -> None:
    """
    An image is no index.
    """
    assert explain(image(), index()) == Explanation(
        level="content",
        path=(),
        cause="kind",
        message="image | index",
        left=f'"{media.OCI_MANIFEST}"',
        right=f'"{media.OCI_INDEX}"',
    )


def test_manifests_are_written_otherwise() -> None:
    """
    Blanks, order and escapes are told from what a manifest says.
    """
    one = image(manifest={"annotations": {"a": "<", "b": "2"}})
    parsed = json.loads(one.document.raw)
    spaced = respelt(one, json.dumps(parsed).encode())
    assert why(one, spaced) == (
        "manifest: same meaning, whitespace differs at byte 17, in schemaVersion"
    )
    ended = respelt(one, one.document.raw + b"\n")
    assert "whitespace differs at byte" in why(one, ended)
    turned = {**parsed, "annotations": dict(reversed(parsed["annotations"].items()))}
    found = explain(one, respelt(one, compact(turned)))
    assert found is not None
    assert found.cause == "order"
    assert "same meaning, the order of members differs" in found.message
    assert found.message.endswith(", in annotations")
    escaped = one.document.raw.replace(b'"<"', b'"\\u003c"')
    assert "same meaning, escapes differ" in why(one, respelt(one, escaped))
    named = one.document.raw.replace(b'"b"', b'"\\u0062"')
    assert "escapes differ" in why(one, respelt(one, named))
    number = respelt(one, compact({**parsed, "x": 1.5}).replace(b"1.5", b"1.50"))
    assert "the spelling of a number differs" in why(
        respelt(one, compact({**parsed, "x": 1.5})), number
    )


def test_manifests_say_other_things() -> None:
    """
    By the path of the member, with both values; what is long is cut short.
    """
    one = image(manifest={"annotations": {"a": "1"}})
    assert why(one, image(manifest={"annotations": {"a": "2"}})) == (
        'manifest: annotations.a "1" | "2"'
    )
    assert why(one, image(manifest={"annotations": {}})) == 'manifest: annotations.a "1" | nothing'
    long = explain(one, image(manifest={"annotations": {"a": "x" * 1000}}))
    assert long is not None
    assert len(long.message) < 300
    assert len(long.right or "") == 1002


def test_configs_say_other_things() -> None:
    """
    The manifest's digest of it is not the cause.
    """
    one = image(config={"config": {"User": "a"}})
    assert why(one, image(config={"config": {"User": "b"}})) == 'config: config.User "a" | "b"'
    assert why(one, image(config={"config": {}})) == 'config: config.User "a" | nothing'
    raw = one.config.content
    other = reconfigured(one, json.dumps(json.loads(raw)).encode())
    assert why(one, other).startswith("config: same meaning, whitespace differs at byte 16")
    assert why(one, reconfigured(one, b"{")).startswith("config: one is no JSON")
    assert why(one, artifact()).startswith("manifest: ")


def test_configs_by_another_algorithm() -> None:
    """
    The bytes are the same.
    """
    one = image()
    listing = json.loads(one.document.raw)
    said = Digest.of(one.config.content, "sha512")
    listing["config"]["digest"] = str(said)
    other = loaded(compact(listing), media.OCI_MANIFEST, {str(said): one.config.opener})
    assert why(one, other) == "config: the same bytes, by another algorithm (sha256 | sha512)"
    whole = loaded(one.document.raw, media.OCI_MANIFEST, {}, "sha512")
    assert why(one, whole) == "manifest: the same bytes, by another algorithm (sha256 | sha512)"


def test_artifacts_part_at_a_byte() -> None:
    """
    Of what is no layer of files nothing more is known; no configuration is opened.
    """
    made = []
    for data in (b"abc", b"abd"):
        blob = of_bytes(data, "application/vnd.example")
        made.append(artifact(Layer(blob=blob, diff_id=blob.digest)))
    assert why(*made) == "layer 1: content differs from byte 2"


def test_a_layer_is_named_by_its_place() -> None:
    """
    One that only one side has; one that is elsewhere on the other.
    """
    a, b, c = (layer(name, closed=True) for name in "abc")
    one = image("linux/amd64", a, b)
    assert why(one, image("linux/amd64", a, c, b)) == "layer 2: it is only on the right"
    assert why(one, image("linux/amd64", a)) == "layer 2: it is only on the left"
    assert why(one, image("linux/amd64", b, a)) == (
        "layer 1/2: they come in another order: one is number 1 | 2"
    )


def test_what_is_said_of_a_layer() -> None:
    """
    Its descriptor's annotations are the manifest's.
    """
    one = image("linux/amd64", layer("a", closed=True))
    listing = json.loads(one.document.raw)
    listing["layers"][0]["annotations"] = {"a": "1"}
    other = respelt(one, compact(listing))
    assert why(one, other) == 'manifest: layers[0].annotations nothing | {"a":"1"}'
    docker = image("linux/amd64", layer("a", docker=True))
    assert why(one, docker).startswith('manifest: layers[0].mediaType "application/vnd.oci')


def test_files_are_named_through_all_levels() -> None:
    """
    From the index to the byte.
    """
    one, other = (
        of_tars(file("etc/motd", b"hello") + END),
        of_tars(file("etc/motd", b"help!") + END),
    )
    same = image("linux/arm64")
    found = explain(
        index(listed(same, "linux/arm64"), listed(one, "linux/amd64")),
        index(listed(same, "linux/arm64"), listed(other, "linux/amd64")),
    )
    assert found == Explanation(
        level="file",
        path=("linux/amd64", "layer 1", "etc/motd"),
        cause="content",
        message="content differs from byte 3",
        offset=3,
    )
    assert str(found) == "linux/amd64 > layer 1 > etc/motd: content differs from byte 3"


def test_children_of_indexes() -> None:
    """
    Those that are missing, those that are elsewhere, and what is said of them.
    """
    amd64, arm64 = image("linux/amd64"), image("linux/arm64")
    both = index(listed(amd64, "linux/amd64"), listed(arm64, "linux/arm64"))
    assert why(both, index(listed(arm64, "linux/arm64"))) == "linux/amd64: it is only on the left"
    turned = index(listed(arm64, "linux/arm64"), listed(amd64, "linux/amd64"))
    assert why(both, turned) == "linux/amd64: they come in another order: one is number 1 | 2"
    noted = index(listed(amd64, "linux/amd64", note="x"), listed(arm64, "linux/arm64"))
    assert why(both, noted) == 'index: manifests[0].annotations nothing | {"note":"x"}'
    assert why(both, index(*both.children, annotations={"a": "1"})).startswith("index: annotations")
    other = evolve(both.document, algorithm="sha512")
    assert why(both, evolve(both, document=other)).startswith("index: the same bytes")


def test_only_what_leads_to_the_cause_is_opened() -> None:
    """
    No other child of an index, no other layer, no configuration that is the same.
    """
    changed = image("linux/amd64", layer("a", closed=True), layer("b"))
    other = image("linux/amd64", layer("a", closed=True), layer("c"))
    arm64 = Child(descriptor=listed(image(), "linux/arm64").descriptor, opener=Refusing())
    one, two = (index(listed(each, "linux/amd64"), arm64) for each in (changed, other))
    assert why(one, two).startswith("linux/amd64 > layer 2 > b: ")


def test_nesting_is_bounded() -> None:
    """
    Indexes in indexes are looked at, but not for ever.
    """
    one, other = index(annotations={"a": "1"}), index(annotations={"a": "2"})
    for _ in range(2):
        one, other = index(listed(one)), index(listed(other))
    assert why(one, other) == 'child 1 > child 1 > index: annotations.a "1" | "2"'
    for _ in range(9):
        one, other = index(listed(one)), index(listed(other))
    with pytest.raises(NestedTooDeeply):
        explain(one, other)


def compressed(data: bytes, content: bytes, compression: str = "gzip") -> Image:
    """
    Make an image of one layer of these compressed bytes.
    """
    blob = of_bytes(data, media.layer_type(compression))
    return image("linux/amd64", Layer(blob=blob, diff_id=Digest.of(content)))


TAR = file("a", b"1" * 5000) + END


def test_gzip_headers_are_told() -> None:
    """
    The field, where it lies, and what it is on either side.
    """
    data = gzip.compress(TAR, mtime=0)
    data, other = (data[:9] + bytes([system]) + data[10:] for system in (255, 3))
    assert why(compressed(data, TAR), compressed(other, TAR)) == (
        "layer 1: the tar streams are equal; the gzip streams differ from byte 9 (OS 255 | 3)"
    )
    timed = data[:4] + b"\7" + data[5:]
    assert why(compressed(data, TAR), compressed(timed, TAR)).endswith("(time 0 | 7)")
    named = data[:3] + b"\x08" + data[4:10] + b"name\0" + data[10:]
    assert why(compressed(data, TAR), compressed(named, TAR)).endswith("(flags 0 | 8)")


def test_engines_and_levels_are_told() -> None:
    """
    Where headers are the same, it is how the data is compressed.
    """
    one = gzip.compress(TAR, 1, mtime=0)
    other = one[:8] + gzip.compress(TAR, 0, mtime=0)[8:]
    other = other[:8] + one[8:9] + other[9:]
    found = explain(compressed(one, TAR), compressed(other, TAR))
    assert found is not None
    assert found.cause == "compressed data"
    assert found.message.endswith("another level, or another engine")


def test_members_and_frames_are_counted() -> None:
    """
    What writes archives in parallel, or to be read in part, writes many of them.
    """
    whole = gzip.compress(TAR, mtime=0)
    parts = gzip.compress(TAR[:512], mtime=0) + gzip.compress(TAR[512:], mtime=0)
    assert why(compressed(whole, TAR), compressed(parts, TAR)).endswith("(1 | 2 members)")
    frames = pack(TAR[:512], "zstd") + pack(TAR[512:], "zstd")
    single = pack(TAR, "zstd")
    assert why(compressed(single, TAR, "zstd"), compressed(frames, TAR, "zstd")).endswith("frames)")
    level = gzip.compress(TAR[:512], mtime=0) + gzip.compress(TAR[512:], 1, mtime=0)
    told = why(compressed(parts, TAR), compressed(level, TAR))
    assert "in number 2 of 2 members" in told


def test_other_compressions_are_told() -> None:
    """
    By their first bytes, not by their names.
    """
    one, other = (compressed(pack(TAR, name), TAR, name) for name in ("gzip", "zstd"))
    assert why(one, other) == (
        "layer 1: the tar streams are equal; they are compressed otherwise (gzip | zstd)"
    )
    assert why(one, compressed(TAR, TAR, "none")).endswith("(gzip | none)")


def test_zstd_headers_are_told() -> None:
    """
    Some writers say the size, or add a checksum.
    """
    plain = pack(TAR, "zstd")
    skippable = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"
    other = skippable + plain
    one = compressed(plain, TAR, "zstd")
    assert "(skippable frame nothing | 4)" in why(one, compressed(other, TAR, "zstd"))


def test_configurations_that_lie_are_not_believed() -> None:
    """
    Trap: two layers of one diff ID that hold different files.
    """
    one, other = (tarred(file(name) + END, "gzip") for name in ("a", "b"))
    liar = evolve(other, diff_id=one.diff_id)
    assert why(image("linux/amd64", one), image("linux/amd64", liar)) == (
        "layer 1 > a: it is only on the left"
    )


def test_an_explanation_prints_whatever_files_are_called() -> None:
    """
    No name plays with a terminal.
    """
    told: dict[str, Any] = {"level": "file", "cause": "file", "message": "it is only on the left"}
    assert str(Explanation(path=("layer 1", "a\x1b[1m"), **told)) == (
        "layer 1 > a\\x1b[1m: it is only on the left"
    )
