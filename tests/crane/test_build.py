"""
New images of old ones: append, mutate.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from ocikit import media
from ocikit.content import synthetic
from ocikit.content.blob import of_bytes
from ocikit.content.image import Image, Index
from ocikit.crane.build import append, mutate
from ocikit.crane.located import PlaceUnsupported
from ocikit.crane.places import flush, load
from ocikit.mutate.layers import append as put
from ocikit.mutate.settings import config, platform
from ocikit.mutate.steps import SetEnv
from ocikit.platforms import parse
from tests.crane.conftest import Reach
from tests.query.builders import layer, tar

IMAGE = synthetic.image(Random(1), layers=2)
INDEX = synthetic.index(Random(2))
LAYER = layer("a")
APP, BOTH = "r.example/app:1", "r.example/both:1"


@pytest.fixture
def there(reach: Reach) -> Reach:
    """
    A registry that has an image and an index.
    """
    flush(APP, IMAGE, reach.options)
    flush(BOTH, INDEX, reach.options)
    reach.asked()
    return reach


def images(content: Image | Index) -> list[Image]:
    """
    Give the images of an index.
    """
    assert isinstance(content, Index)
    return [each.content for each in content.children if isinstance(each.content, Image)]


def test_append_is_the_pure_one(there: Reach) -> None:
    """
    It is `mutate.append` over what the place has, and opens no layer.
    """
    assert append(APP, [LAYER], there.options) == put(IMAGE, LAYER)
    layers = {f"/v2/app/blobs/{each.digest}" for each in IMAGE.layers}
    assert not any(line.split()[1] in layers for line in there.asked())


def test_append_to_nothing_says_so(there: Reach) -> None:
    """
    An empty image of Docker's, unless OCI's is asked for.
    """
    made = append(None, [LAYER], there.options)
    assert made.media_type == media.DOCKER_MANIFEST
    assert append(None, [LAYER], there.options, oci=True).media_type == media.OCI_MANIFEST
    assert there.notices == ["base unspecified, using empty image"] * 2


def test_append_to_an_index_is_an_index(there: Reach) -> None:
    """
    Each image of it gets the layer; with a platform only that image is made.
    """
    made = images(append(BOTH, [LAYER], there.options))
    assert made == [put(image, LAYER) for image in images(INDEX)]
    arm = append(BOTH, [LAYER], there.but(platforms=(parse("linux/arm64"),)))
    assert arm == made[1]


def test_append_annotates_the_base(there: Reach) -> None:
    """
    The base is named by its own digest, and by tag where it was named by one.
    """
    digest = "org.opencontainers.image.base.digest"
    name = "org.opencontainers.image.base.name"
    made = append(APP, [LAYER], there.options, base_annotations=True)
    assert made.manifest.annotations == {digest: str(IMAGE.digest), name: APP}
    pinned = f"r.example/app@{IMAGE.digest}"
    made = append(pinned, [LAYER], there.options, base_annotations=True)
    assert made.manifest.annotations == {digest: str(IMAGE.digest)}
    both = images(append(BOTH, [LAYER], there.options, base_annotations=True))
    assert [each.manifest.annotations[digest] for each in both] == [
        str(each.digest) for each in images(INDEX)
    ]
    assert append(None, [LAYER], there.options, base_annotations=True).manifest.annotations == {}


def test_append_moves_files_for_windows(there: Reach) -> None:
    """
    On an image for Windows, files go where its containers look for them.
    """
    flush("r.example/win:1", platform(IMAGE, "windows/amd64"), there.options)
    made = append("r.example/win:1", [LAYER], there.options)
    assert isinstance(made, Image)
    with made.layers[-1].uncompressed() as stream:
        data = stream.read()
    assert b"Files/a" in data
    assert data != tar("a")


def test_mutate_applies_steps_in_order(there: Reach) -> None:
    """
    Steps are records or functions, over an image or every image of an index.
    """
    steps: list[Callable[[Image], Image]] = [
        SetEnv({"A": "1"}),
        lambda image: config(image, env={"A": "2"}),
    ]
    made = mutate(APP, steps, there.options)
    assert isinstance(made, Image)
    assert made.config_file.config.env[-1] == "A=2"
    for each in images(mutate(BOTH, steps, there.options)):
        assert each.config_file.config.env[-1] == "A=2"
    assert load(BOTH, there.options) == INDEX


def test_only_images_are_changed(there: Reach, tmp_path: Path) -> None:
    """
    What is neither image nor index says what it is.
    """
    flush(f"oci:{tmp_path}/out:1", of_bytes(b"{}", "application/json"), there.options)
    with pytest.raises(PlaceUnsupported, match="is not an image"):
        append(f"oci:{tmp_path}/out:1", [LAYER], there.options)
