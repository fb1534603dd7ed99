"""
Several layers as one, over what a place has.
"""

from __future__ import annotations

from random import Random

import pytest

from ocikit import media
from ocikit.content import synthetic
from ocikit.content.compression import Zstd
from ocikit.content.image import Image, Index, NotAnImage
from ocikit.crane.layering import flatten, squash
from ocikit.crane.located import PlaceUnsupported
from ocikit.crane.places import flush, load
from ocikit.mutate.attestations import Attestations
from ocikit.mutate.flatten import flatten as flat
from ocikit.mutate.flatten import squash as squashed
from ocikit.query.validate import validate
from ocikit.spec.attestation import about, is_attestation
from ocikit.testing.building import archive, image
from tests.crane.conftest import Reach
from tests.crane.filesystems import files, images
from tests.query.builders import attestation, index, listed

APP, BOTH = "r.example/app:1", "r.example/both:1"
IMAGE = image(archive(("a", b"1"), "b"), archive(("a", b"2")), archive(".wh.b", "c"))
ARM = image(archive("x"), archive("y"), platform="linux/arm64")


@pytest.fixture
def there(reach: Reach) -> Reach:
    """
    A registry that has an image, and an index of two with attestations.
    """
    flush(APP, IMAGE, reach.options)
    both = index(
        listed(IMAGE, "linux/amd64"),
        listed(ARM, "linux/arm64"),
        *(attestation(each) for each in (IMAGE, ARM)),
    )
    flush(BOTH, both, reach.options)
    return reach


def test_they_are_the_pure_ones(there: Reach) -> None:
    """
    What `mutate` makes of the same image, to the byte, and the same each time.
    """
    made = flatten(APP, there.options)
    assert made == flat(IMAGE) == flatten(APP, there.options)
    assert isinstance(made, Image)
    assert files(made) == {"a": b"2", "c": b""}
    assert squash(APP, 1, None, there.options) == squashed(IMAGE, 1)
    assert there.notices == []


@pytest.mark.parametrize("docker", [True, False])
def test_types_are_of_one_family(reach: Reach, docker: bool) -> None:
    """
    Trap: an OCI image does not get layers or a configuration of Docker's types.
    """
    flush(APP, synthetic.image(Random(1), layers=2, docker=docker), reach.options)
    made = flatten(APP, reach.options)
    assert isinstance(made, Image)
    kinds = [made.media_type, made.config.media_type, *(each.media_type for each in made.layers)]
    assert {media.is_docker(kind) for kind in kinds} == {docker}


def test_compression_is_chosen(there: Reach) -> None:
    """
    As it was, or as is wanted.
    """
    made = flatten(APP, there.options, compression=Zstd(1))
    assert isinstance(made, Image)
    assert made.layers[0].media_type == media.OCI_LAYER_ZSTD


def test_an_index_stays_one(there: Reach) -> None:
    """
    Every image of it is flattened, and is valid to the last byte.
    """
    made = flatten(BOTH, there.options)
    assert images(made)[:2] == [flat(IMAGE), flat(ARM)]
    assert isinstance(made, Index)
    assert [str(each.descriptor.platform) for each in made.children[:2]] == [
        "linux/amd64",
        "linux/arm64",
    ]
    assert [each for each in validate(made) if each.severity == "error"] == []


@pytest.mark.parametrize(
    ("how", "told", "names"),
    [(None, 1, "new"), ("relink", 0, "new"), ("keep", 0, "old"), ("drop", 0, "")],
)
def test_attestations_are_settled(
    there: Reach, how: Attestations | None, told: int, names: str
) -> None:
    """
    They name the new images, and that is said; or what was asked for, without a word.
    """
    made = flatten(BOTH, there.options, attestations=how)
    assert isinstance(made, Index)
    subjects = {
        "new": [flat(IMAGE), flat(ARM)],
        "old": [IMAGE, ARM],
        "": [],
    }[names]
    said = [about(e.descriptor) for e in made.children if is_attestation(e.descriptor)]
    assert said == [str(each.digest) for each in subjects]
    assert len(there.notices) == told
    assert all("attestations (2)" in notice for notice in there.notices)


def test_what_has_no_layers_is_told(there: Reach) -> None:
    """
    An artifact is no image, nor is a bare blob; the place stays as it was.
    """
    flush("r.example/artifact:1", synthetic.artifact(Random(1)), there.options)
    with pytest.raises(NotAnImage):
        flatten("r.example/artifact:1", there.options)
    assert load(APP, there.options) == IMAGE


def test_a_bare_blob_is_no_image(reach: Reach, tmp_path: object) -> None:
    """
    It says what it is.
    """
    flush(f"oci:{tmp_path}/out:1", IMAGE.layers[0].blob, reach.options)
    with pytest.raises(PlaceUnsupported, match="is not an image"):
        flatten(f"oci:{tmp_path}/out:1", reach.options)
