"""
Images on another base.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from ocikit import media
from ocikit._records import evolve
from ocikit.content.image import Image, NotAnImage
from ocikit.content.layer import Layer
from ocikit.content.stack import NotBasedOn
from ocikit.mutate import members
from ocikit.mutate.layers import append
from ocikit.mutate.rebase import rebase
from ocikit.mutate.settings import config, platform
from ocikit.name.parse import parse_repository
from ocikit.platforms import Platform, parse
from ocikit.query.validate import validate
from tests.query.builders import artifact, image, layer

OLD = image("linux/amd64", layer("old", closed=True))
NEW = image("linux/amd64", layer("new", closed=True), layer("newer", closed=True))


def history(made: Image) -> list[str]:
    """
    Tell by what an image was made; what made no layer in small letters.
    """
    entries = made.config_file.history
    return [e.created_by.lower() if e.empty_layer else e.created_by or "-" for e in entries]


def base(*layers: Layer, says: str = "", **members: Any) -> Image:
    """
    Make a base with a history of one letter for each entry.
    """
    said = [
        {"created_by": letter, **({"empty_layer": True} if letter.islower() else {})}
        for letter in says
    ]
    return image("linux/amd64", *layers, config={"history": said or None, **members})


def test_layers_move_onto_the_new_base() -> None:
    """
    With their diff IDs and their history; no layer is opened.
    """
    old = base(layer("old", closed=True), says="Ax")
    new = base(layer("new", closed=True), layer("newer", closed=True), says="NxM")
    top = layer("top", closed=True)
    made = rebase(config(append(old, top, created_by="T"), user="me"), old, new)
    assert [each.digest for each in made.layers] == [
        *(each.digest for each in new.layers),
        top.digest,
    ]
    assert history(made) == ["N", "x", "M", "T"]
    assert made.config_file.rootfs.diff_ids == tuple(each.diff_id for each in (*new.layers, top))
    assert made.config_file.config.user == "me"
    assert tuple(each.diff_id for each in made.layers) == made.config_file.rootfs.diff_ids


def test_everything_of_the_image_stays() -> None:
    """
    Trap: author, time, variant, features, annotations, types and unknown members are lost
    where an image is put together anew.
    """
    config = {
        "author": "me",
        "created": "2026-01-02T03:04:05Z",
        "os.version": "1",
        "os.features": ["x"],
        "container_config": {"Cmd": ["a"]},
        "x-unknown": {"b": 1},
        "config": {"Env": ["A=1"], "x-run": True},
    }
    about = {"mediaType": media.OCI_MANIFEST, "size": 1, "digest": f"sha256:{64 * '0'}"}
    mine = image(
        "linux/arm64/v8",
        *(*OLD.layers, layer("top", closed=True)),
        config=config,
        manifest={"annotations": {"z": "1", "a": "2"}, "subject": about, "x": 1},
    )
    made = rebase(mine, OLD, NEW)
    before, after = json.loads(mine.config.content), json.loads(made.config.content)
    for said in (before, after):
        del said["rootfs"], said["history"]
    assert after == before
    before, after = json.loads(mine.document.raw), json.loads(made.document.raw)
    assert after["layers"][-1] == before["layers"][-1]
    for said in (before, after):
        del said["config"], said["layers"]
    assert after == before


def test_inline_configurations_are_renewed() -> None:
    """
    Trap: `data` repeats the configuration; stale it would be read instead.
    """
    mine = image("linux/amd64", *OLD.layers, inline=True)
    made = rebase(mine, OLD, NEW)
    assert made.manifest.config.data == made.config.content
    assert made.config.content != mine.config.content


@pytest.mark.parametrize(
    ("old", "new", "own", "expected"),
    [
        ("linux/amd64", "linux/arm64/v8", "linux/amd64", "linux/arm64/v8"),
        ("linux/arm/v7", "linux/arm64", "linux/arm/v7", "linux/arm64"),
        (
            "windows/amd64:10.0.1",
            "windows/amd64:10.0.2",
            "windows/amd64:10.0.1",
            "windows/amd64:10.0.2",
        ),
        # The base does not know the variant, and the image does.
        ("linux/arm64", "linux/arm64", "linux/arm64/v8", "linux/arm64/v8"),
        # The new base does not say what it is for.
        ("linux/amd64", "", "linux/amd64", "linux/amd64"),
        ("", "linux/amd64", "", "linux/amd64"),
    ],
)
def test_platforms_follow_the_base(old: str, new: str, own: str, expected: str) -> None:
    """
    Trap: the variant and the version of the OS are those of the new base too.
    """

    def on(where: str, made: Image) -> Image:
        return platform(made, parse(where) if where else Platform())

    mine = on(own, append(OLD, layer("top", closed=True)))
    made = rebase(mine, on(old, OLD), on(new, NEW))
    assert str(made.platform) == expected


def test_features_follow_the_base() -> None:
    """
    Of Windows, those that it needs.
    """
    old = image("windows/amd64", *OLD.layers, config={"os.features": ["win32k"]})
    new = image("windows/amd64", *NEW.layers)
    assert rebase(old, old, new).config_file.os_features == ()
    assert rebase(rebase(old, old, new), new, old).config_file.os_features == ("win32k",)


@pytest.mark.parametrize(
    ("docker", "kinds"),
    [
        (True, [media.DOCKER_LAYER_GZIP, media.OCI_LAYER_ZSTD, media.DOCKER_LAYER]),
        (False, [media.OCI_LAYER_GZIP, media.OCI_LAYER_ZSTD, media.OCI_LAYER]),
    ],
)
def test_types_are_those_of_the_image_s_family(docker: bool, kinds: list[str]) -> None:
    """
    Trap: layers of one family in a manifest of the other.
    """
    new = image(
        "linux/amd64",
        *(
            layer(each, compression=each, docker=not docker and each != "zstd", closed=True)
            for each in ("gzip", "zstd", "none")
        ),
        docker=not docker,
    )
    mine = image("linux/amd64", *OLD.layers, docker=docker)
    made = rebase(mine, OLD, new)
    assert [each.media_type for each in made.layers] == kinds
    assert made.media_type == mine.media_type
    assert made.config.media_type == mine.config.media_type


def test_layers_keep_where_they_came_from() -> None:
    """
    So that a registry mounts them.
    """
    where = parse_repository("example.com/base")
    new = evolve(
        NEW,
        layers=tuple(evolve(each, blob=evolve(each.blob, origin=where)) for each in NEW.layers),
    )
    made = rebase(append(OLD, layer("top", closed=True)), OLD, new)
    assert [each.blob.origin for each in made.layers] == [where, where, None]


def test_the_same_base_is_no_change() -> None:
    """
    Nor is one that only says more of itself; the image stays, byte for byte.
    """
    mine = config(append(OLD, layer("top", closed=True)), user="me")
    assert rebase(mine, OLD, OLD) is mine
    assert rebase(mine, OLD, members.annotations(OLD, {"a": "1"})) is mine
    assert rebase(OLD, OLD, OLD) is OLD
    odd = image("linux/amd64", *OLD.layers, config={"history": [{"created_by": "a"}] * 3})
    assert rebase(odd, OLD, OLD) is odd


def test_there_and_back_is_the_image() -> None:
    """
    What was moved can be moved back.
    """
    mine = config(append(OLD, layer("top", closed=True), created_by="T"), user="me")
    assert rebase(rebase(mine, OLD, NEW), NEW, OLD) == mine
    assert rebase(rebase(OLD, OLD, NEW), NEW, OLD) == OLD


@pytest.mark.parametrize(
    ("old", "own", "new", "expected"),
    [
        ("", "", "", []),
        ("", "", "NM", ["N", "M", "-"]),
        ("A", "AT", "", ["-", "-", "T"]),
        ("", "T", "NxM", ["N", "x", "M", "T"]),
        ("A", "A", "NM", ["N", "M", "-"]),
        ("A", "AxTy", "NMo", ["N", "M", "o", "x", "T", "y"]),
        ("A", "AT", "NMOP", ["n", "m", "O", "P", "T"]),
    ],
)
def test_histories_add_up(old: str, own: str, new: str, expected: list[str]) -> None:
    """
    Trap: of images without a history, or with too much of it, other entries are taken.
    """
    lower, top = layer("old", closed=True), layer("top", closed=True)
    made = rebase(base(lower, top, says=own), base(lower, says=old), base(*NEW.layers, says=new))
    assert history(made) == expected
    assert len(made.layers) == 3


def test_what_is_on_another_base_is_refused() -> None:
    """
    So are artifacts, which have no base.
    """
    with pytest.raises(NotBasedOn):
        rebase(NEW, OLD, NEW)
    with pytest.raises(NotBasedOn):
        rebase(OLD, NEW, NEW)
    with pytest.raises(NotAnImage):
        rebase(artifact(), artifact(), NEW)
    with pytest.raises(NotAnImage):
        rebase(OLD, image(), artifact())


def test_what_comes_out_is_valid() -> None:
    """
    Every digest, size and diff ID is that of what is there.
    """
    old, new = (image("linux/amd64", layer(name)) for name in ("old", "new"))
    made = rebase(append(old, layer("top")), old, new)
    assert validate(made) == ()
