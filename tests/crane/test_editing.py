"""
Documents replaced by others, byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ocikit import media
from ocikit.content import synthetic
from ocikit.content.blob import of_bytes
from ocikit.content.image import Content, Image, Index
from ocikit.content.partial import index_of
from ocikit.crane.editing import EditInvalid, edit_config, edit_manifest, one_of, put_back
from ocikit.crane.located import PlaceUnsupported, locate
from ocikit.crane.places import flush, load
from ocikit.crane.stock import EMPTY, stock_of
from ocikit.mutate.settings import config
from ocikit.platforms import parse
from ocikit.testing.building import archive, image
from tests.crane.conftest import Reach
from tests.query.builders import artifact, attestation, index, listed
from tests.query.builders import image as built
from tests.query.builders import layer as small

APP = "r.example/app:1"
IMAGE = image(archive("a"), archive("b"))
ARM = image(archive("a"), platform="linux/arm64")


def revised(raw: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """
    Change a document as a person does, who leaves it indented.
    """
    document = json.loads(raw)
    change(document)
    return json.dumps(document, indent=1).encode()


def test_a_config_is_taken_as_it_is() -> None:
    """
    Spaces and unknown members, and all else of the image stays.
    """
    raw = revised(IMAGE.config.content, lambda file: file.update(odd=[1.50], os="linux"))
    made = edit_config(IMAGE, raw)
    assert made.config.content == raw
    assert made.layers == IMAGE.layers
    old, new = (json.loads(each.document.raw) for each in (IMAGE, made))
    assert list(new) == list(old)
    assert {key for key in new if new[key] != old[key]} == {"config"}
    assert edit_config(made, raw) is made


def test_inline_data_follows() -> None:
    """
    Where the manifest repeats the configuration it goes on to do so; unknown members stay.
    """
    old = built("linux/amd64", small("a"), inline=True, manifest={"odd": {"x": None}})
    raw = old.config.content + b"\n"
    made = edit_config(old, raw)
    assert made.manifest.config.data == raw
    assert made.manifest.extra == old.manifest.extra
    assert old.config.content != raw


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "config"),
        (b"{", "config"),
        (b'{"os": 1}', r"\$\.os"),
        (b'{"rootfs": {"type": "layers", "diff_ids": []}}', "0 diff IDs but the manifest has 2"),
    ],
)
def test_a_config_that_is_none(raw: bytes, said: str) -> None:
    """
    It is refused, with the reason.
    """
    with pytest.raises(EditInvalid, match=said):
        edit_config(IMAGE, raw)


def test_the_config_of_an_artifact() -> None:
    """
    JSON where its type says so, else anything.
    """
    made = edit_config(synthetic.artifact(Random(1)), b'{"a":1}')
    assert made.config.content == b'{"a":1}'
    with pytest.raises(EditInvalid):
        edit_config(artifact(small("a")), b"{")


def test_a_manifest_is_taken_as_it_is(reach: Reach) -> None:
    """
    What it refers to is the old image's; the result goes where that does.
    """
    raw = revised(IMAGE.document.raw, lambda said: said.update(annotations={"a": "b"}))
    made = edit_manifest(IMAGE, raw)
    assert isinstance(made, Image)
    assert made.document.raw == raw
    assert made.manifest.annotations == {"a": "b"}
    assert load(flush(APP, made, reach.options), reach.options) == made
    assert edit_manifest(made, raw) is made


def test_what_a_manifest_is() -> None:
    """
    What is given, else what it says, else what the old one was.
    """
    plain = revised(IMAGE.document.raw, lambda said: said.pop("mediaType"))
    assert edit_manifest(IMAGE, plain).media_type == media.OCI_MANIFEST
    made = edit_manifest(IMAGE, plain, media_type=media.DOCKER_MANIFEST)
    assert made.media_type == media.DOCKER_MANIFEST
    docker = revised(IMAGE.document.raw, lambda s: s.update(mediaType=media.DOCKER_MANIFEST))
    assert edit_manifest(IMAGE, docker).media_type == media.DOCKER_MANIFEST
    with pytest.raises(EditInvalid, match="says it is"):
        edit_manifest(IMAGE, docker, media_type=media.OCI_MANIFEST)


def test_an_index_is_edited_too(reach: Reach) -> None:
    """
    Its children are those of the old one; nothing of them is loaded.
    """
    old = index_of([IMAGE, ARM])
    flush(APP, old, reach.options)
    there = load(APP, reach.options)
    reach.asked()
    made = edit_manifest(there, revised(old.document.raw, lambda said: said["manifests"].pop(0)))
    assert isinstance(made, Index)
    assert reach.asked() == []
    assert made.children[0].content == ARM


@pytest.mark.parametrize("place", [APP, "oci:{}/out:1"])
def test_what_its_place_has(reach: Reach, tmp_path: Path, place: str) -> None:
    """
    What the old one lacks is found in the same repository, or layout.
    """
    here = place.format(tmp_path)
    flush(here.replace(":1", ":2"), ARM, reach.options)
    flush(here, IMAGE, reach.options)
    stock = stock_of(locate(here, reach.options), reach.options)
    old = load(here, reach.options)
    made = edit_manifest(old, ARM.document.raw, stock=stock)
    assert made == ARM
    assert isinstance(made, Image)
    assert made.layers[0].blob.content == ARM.layers[0].blob.content
    both = edit_manifest(old, index_of([ARM, IMAGE]).document.raw, stock=stock)
    assert isinstance(both, Index)
    assert [child.content for child in both.children] == [ARM, IMAGE]


@pytest.mark.parametrize("place", [APP, "oci:{}/out:1", "docker-daemon:app:1"])
def test_what_is_nowhere(reach: Reach, tmp_path: Path, place: str) -> None:
    """
    Trap: a manifest that refers to what is not there is not written.
    """
    here = place.format(tmp_path)
    if not here.startswith("docker-daemon:"):
        flush(here, IMAGE, reach.options)
    stock = stock_of(locate(here, reach.options), reach.options)
    other = image(archive("c"))
    with pytest.raises(EditInvalid, match=f"config: {other.config.digest} is neither"):
        edit_manifest(IMAGE, other.document.raw, stock=stock)
    with pytest.raises(EditInvalid, match=r"manifests\[0\]: .* is neither"):
        edit_manifest(IMAGE, index_of([other]).document.raw, stock=stock)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda said: said["layers"][0].update(size=1), r"layers\[0\]: .* has \d+ bytes, and not"),
        (lambda said: said["layers"][0].pop("digest"), r"layers\[0\]\.digest"),
        (lambda said: said.update(manifests=[]), "has 'manifests' beside"),
    ],
)
def test_a_manifest_that_is_none(change: Callable[[dict[str, Any]], object], said: str) -> None:
    """
    It is refused, with the reason.
    """
    with pytest.raises(EditInvalid, match=said):
        edit_manifest(IMAGE, revised(IMAGE.document.raw, change))
    with pytest.raises(EditInvalid, match="manifest"):
        edit_manifest(IMAGE, b"no JSON")


def test_one_image_of_an_index(reach: Reach) -> None:
    """
    Trap: it is the one that is named, the index stays one, and attestations follow.
    """
    old = index(listed(IMAGE, "linux/amd64"), listed(ARM, "linux/arm64"), attestation(ARM))
    with pytest.raises(EditInvalid, match="--platform"):
        one_of(old, APP, reach.options)
    arm = reach.but(platforms=(parse("linux/arm64"),))
    assert one_of(old, APP, arm) == ARM
    new = config(ARM, user="me")
    made = put_back(old, ARM, new, APP, arm)
    assert isinstance(made, Index)
    assert [child.content for child in made.children[:2]] == [IMAGE, new]
    assert "attestations (1)" in reach.notices[0]
    with pytest.raises(EditInvalid, match="stay one"):
        put_back(old, ARM, index_of([ARM]), APP, arm)


def test_what_has_no_document(reach: Reach) -> None:
    """
    A bare blob is nothing to edit.
    """
    blob: Content = of_bytes(b"{}", "application/json")
    with pytest.raises(PlaceUnsupported):
        one_of(blob, APP, reach.options)
    assert EMPTY.blob(blob.descriptor) is None
    assert EMPTY.child(blob.descriptor) is None
