"""
`ocikit convert`: other types and compression, the same files.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ocikit import media
from ocikit.content.image import Image, Index
from ocikit.registry.load import load
from tests.cli.running import done, run


def loaded(name: str) -> Image:
    """
    Load an image.
    """
    found = load(name)
    assert isinstance(found, Image)
    return found


def test_there_and_back(host: str, image: Image) -> None:
    """
    To Docker's types and back again it is the image that it was.
    """
    done("convert", "--to", "docker", f"{host}/app:1", "-t", f"{host}/app:docker")
    assert loaded(f"{host}/app:docker").media_type == media.DOCKER_MANIFEST
    done("convert", "--to", "oci", f"{host}/app:docker")
    assert load(f"{host}/app:docker") == image


@pytest.mark.parametrize("name", ["zstd", "none", "gzip:9"])
def test_compression(host: str, image: Image, name: str) -> None:
    """
    Containers see the same: diff IDs and configuration stay.
    """
    done("convert", "--compression", name, f"{host}/app:1", "-t", f"{host}/app:2")
    made = loaded(f"{host}/app:2")
    assert [each.diff_id for each in made.layers] == [each.diff_id for each in image.layers]
    assert made.config.content == image.config.content
    assert made != image
    assert done("diff", "--ignore", "compression", f"{host}/app:1", f"{host}/app:2").lines == []


def test_every_image_of_an_index(host: str, index: Index, tmp_path: Path) -> None:
    """
    An index stays one; a layer for each image when they are squashed.
    """
    place = f"oci:{tmp_path}/out:1"
    done("convert", "--squash", "--to", "docker", f"{host}/both:1", "-t", place)
    kinds = [
        each["mediaType"] for each in done("index", "list", "-q", place, "--output", "json").objects
    ]
    assert kinds == [media.DOCKER_MANIFEST] * 2


def test_what_cannot_be(host: str, image: Image) -> None:
    """
    Into nothing else, and into what there is not.
    """
    assert run("convert", f"{host}/app:1").code == 2
    assert run("convert", "--compression", "lzma", f"{host}/app:1").code == 2
    assert load(f"{host}/app:1") == image
