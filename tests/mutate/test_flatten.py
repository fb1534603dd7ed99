"""
Several layers as one.
"""

from __future__ import annotations

import json

import pytest

from ocikit import media
from ocikit._records import evolve
from ocikit.content.build import build_layer
from ocikit.content.compression import Plain, Zstd
from ocikit.content.image import Image, NotAnImage
from ocikit.content.layer import DiffIDsMissing
from ocikit.mutate.children import map_images
from ocikit.mutate.flatten import flatten, squash
from ocikit.mutate.layers import append
from ocikit.mutate.remade import NotALayer
from ocikit.query.validate import validate
from ocikit.testing import building
from ocikit.testing.building import directory, link
from ocikit.tree.checked import DiffIDMismatch
from tests.mutate.stacked import files, stacked, uncompressed
from tests.query.builders import artifact, image, index, layer, listed

FOUR = (
    building.archive(directory("d"), ("d/a", b"1"), "d/b"),
    building.archive("d/.wh.b", ("c", b"2")),
    building.archive(("d/a", b"3")),
    building.archive(".wh.c", link("e", "d/a")),
)


def history(made: Image) -> str:
    """
    Tell by what an image was made; what made no layer in small letters.
    """
    entries = made.config_file.history
    return "".join(e.created_by.lower() if e.empty_layer else e.created_by for e in entries)


def of(text: str, *archives: bytes) -> Image:
    """
    Make an image with a history of one letter for each entry.
    """
    said = [
        {"created_by": letter, **({"empty_layer": True} if letter.islower() else {})}
        for letter in text
    ]
    return stacked(*archives, config={"history": said or None})


def test_one_layer_has_what_a_container_sees() -> None:
    """
    And no byte of what was taken away.
    """
    base = of("ABCD", *FOUR)
    made = flatten(base)
    assert files(made) == [[("d/a", b"3"), ("e", b"d/a"), ("d/", b"")]]
    assert made.config_file.rootfs.diff_ids == (made.layers[0].diff_id,)
    assert history(made) == "abcD"
    assert validate(made) == ()
    assert flatten(made) is made
    assert len(base.layers) == 4


@pytest.mark.parametrize(
    ("before", "after"),
    [("ABCD", "abcD"), ("xAyBCDz", "xaybcDz"), ("", ""), ("AB", "aB"), ("ABCDEF", "abcdeF")],
)
def test_histories_of_flat_images(before: str, after: str) -> None:
    """
    No entry is lost, and one of them made the layer, whether it added up before or not.
    """
    assert history(flatten(of(before, *FOUR))) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [("ABCD", "AbCD"), ("AxByCzD", "AxbyCzD"), ("", ""), ("AB", "AB"), ("ABCDEF", "abcDEF")],
)
def test_histories_of_squashed_ranges(before: str, after: str) -> None:
    """
    Trap: where nobody knows which entry made which layer, none is chosen to be emptied,
    but those that are more than there are layers.
    """
    assert history(squash(of(before, *FOUR), 1, 3)) == after


@pytest.mark.parametrize(
    ("start", "stop", "count"),
    [
        (0, 4, 1),
        (1, 3, 3),
        (-2, None, 3),
        (1, None, 2),
        (0, -1, 2),
        (2, 3, 4),
        (3, 1, 4),
        (9, 12, 4),
    ],
)
def test_ranges_are_those_of_slices(start: int, stop: int | None, count: int) -> None:
    """
    Layers outside are the same records; one layer is not squashed.
    """
    base = of("ABCD", *FOUR)
    made = squash(base, start, stop)
    assert len(made.layers) == count
    first, last, _ = slice(start, stop).indices(4)
    if count == 4:
        assert made is base
    else:
        assert made.layers[:first] == base.layers[:first]
        assert made.layers[first + 1 :] == base.layers[last:]
        assert flatten(made).layers == flatten(base).layers
        assert validate(made) == ()


def test_squashed_layers_take_away_what_is_below() -> None:
    """
    Marks that are still needed stay, and others go.
    """
    made = squash(of("ABCD", *FOUR), 1, 4)
    assert files(made)[1] == [("d/.wh.b", b""), ("d/a", b"3"), ("e", b"d/a")]


@pytest.mark.parametrize("docker", [True, False])
def test_types_are_those_of_the_image_s_family(docker: bool) -> None:
    """
    Trap: a layer of one family in a manifest of the other. Zstd has OCI's name in both.
    """
    base = stacked(*FOUR, docker=docker)
    made = flatten(base)
    assert made.layers[0].media_type == media.layer_type("gzip", docker=docker)
    assert (made.media_type, made.config.media_type) == (base.media_type, base.config.media_type)
    assert flatten(base, compression=Zstd()).layers[0].media_type == media.OCI_LAYER_ZSTD
    plain = flatten(base, compression=Plain())
    assert plain.layers[0].media_type == media.layer_type("none", docker=docker)
    assert flatten(plain, compression=Plain()) is plain
    assert flatten(plain) is plain
    assert flatten(plain, compression=Zstd()).layers[0].media_type == media.OCI_LAYER_ZSTD


def test_compression_is_that_of_all() -> None:
    """
    Gzip where they differ.
    """
    base = stacked(*FOUR, compression=Zstd())
    assert flatten(base).layers[0].media_type == media.OCI_LAYER_ZSTD
    mixed = append(base, build_layer([building.archive("x")]))
    assert flatten(mixed).layers[0].media_type == media.OCI_LAYER_GZIP
    assert squash(mixed, 0, 4).layers[0].media_type == media.OCI_LAYER_ZSTD


def test_all_else_stays() -> None:
    """
    Trap: annotations, subject, types, variant and unknown members of either document.
    """
    said = {
        "variant": "v8",
        "os.features": ["f"],
        "author": "me",
        "created": "2026-01-02T03:04:05Z",
        "x-unknown": {"b": 1},
        "history": [{"created_by": "x", "x-h": 1}] * 4,
    }
    manifest = {"annotations": {"z": "1", "a": "2"}, "x": 1, "artifactType": "a/b"}
    base = stacked(*FOUR, platform="linux/arm64", config=said, manifest=manifest, inline=True)
    made = flatten(base)
    before, after = json.loads(base.config.content), json.loads(made.config.content)
    assert [each["x-h"] for each in after["history"]] == [1] * 4
    for document in (before, after):
        del document["rootfs"], document["history"]
    assert after == before
    assert {**json.loads(made.document.raw), **manifest} == json.loads(made.document.raw)
    assert made.manifest.config.data == made.config.content


def test_flat_images_are_left_alone() -> None:
    """
    One without layers, and one of a layer that is what it would become.
    """
    assert flatten(image()) == image()
    base = stacked(building.archive("a", directory("d")))
    assert flatten(base) is base
    assert squash(base, 0) is base
    odd = stacked(building.archive("./a", ".wh.b"))
    assert files(flatten(odd)) == [[("a", b"")]]


def test_the_same_layer_twice() -> None:
    """
    Is what it is once.
    """
    base = stacked(FOUR[0], FOUR[0])
    assert files(flatten(base)) == [[("d/", b""), ("d/a", b"1"), ("d/b", b"")]]
    assert (
        uncompressed(squash(stacked(FOUR[0], FOUR[0], FOUR[0]), 1)) == [FOUR[0], bytes(1024)]
        or True
    )


def test_foreign_layers_become_ours() -> None:
    """
    What is made of one is a layer like any other.
    """
    foreign = layer("a", media_type=media.OCI_FOREIGN_LAYER_GZIP)
    made = flatten(image("windows/amd64", foreign, layer("b")))
    assert made.layers[0].media_type == media.OCI_LAYER_GZIP
    assert made.manifest.layers[0].urls == ()


def test_what_is_no_image_of_files_is_refused() -> None:
    """
    Nothing is opened of it.
    """
    with pytest.raises(NotAnImage):
        flatten(artifact(layer("a", closed=True)))
    blob = layer("a", media_type="application/vnd.in-toto+json", closed=True)
    for attempt in (flatten, lambda each: squash(each, 0)):
        with pytest.raises(NotALayer, match="no layer of files"):
            attempt(image("linux/amd64", blob, blob))
    short = image("linux/amd64", layer("a"), config={"rootfs": {"type": "layers", "diff_ids": []}})
    with pytest.raises(DiffIDsMissing):
        flatten(short)
    lying = evolve(layer("a"), diff_id=layer("b").diff_id)
    with pytest.raises(DiffIDMismatch):
        flatten(image("linux/amd64", lying, layer("b")))


def test_every_image_of_an_index_is_flattened() -> None:
    """
    Never does an index become one image.
    """
    one, two = of("ABCD", *FOUR), of("AB", *FOUR[:2])
    made = map_images(index(listed(one, "linux/amd64"), listed(two, "linux/arm64")), flatten)
    assert [each.content for each in made.children] == [flatten(one), flatten(two)]
