"""
Images, layers and indexes: what they say of themselves, and what they leave unopened.
"""

from __future__ import annotations

from random import Random

import pytest

from ocikit import media
from ocikit._records import evolve
from ocikit.content import empty, synthetic
from ocikit.content.assemble import ManifestAmbiguous, Source, assemble
from ocikit.content.blob import Blob
from ocikit.content.image import Child, Content, Image, Index, Loaded, NotAnImage
from ocikit.content.layer import DiffIDsMissing, Layer
from ocikit.content.partial import artifact
from ocikit.content.streams import Opener
from ocikit.content.verify import DigestMismatch
from ocikit.digest import Digest
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import MAX_MANIFEST, DocumentTooLarge
from ocikit.spec.gojson import JSONInvalid, dumps, loads
from ocikit.testing.refusing import Closed, Counting, Refusing

MADE = synthetic.image(Random(1), layers=3)


def reloaded(image: Image, config: Opener, layer: Opener | None = None) -> Image:
    """
    Assemble an image anew, its configuration and layers from elsewhere.
    """

    def blob(descriptor: Descriptor) -> Opener:
        return config if descriptor.digest == image.config.digest else layer or Refusing()

    source = Source(blob=blob, child=lambda _: Loaded(content=image))
    again = assemble(image.document.raw, image.descriptor, source)
    assert isinstance(again, Image)
    return again


def test_loading_opens_nothing() -> None:
    """
    Digest, size, layers and media types are known of the manifest alone.
    """
    image = reloaded(MADE, Refusing())
    assert image == MADE
    assert image.descriptor == MADE.descriptor
    assert [layer.digest for layer in image.layers] == [layer.digest for layer in MADE.layers]
    assert (image.media_type, image.artifact_type) == (media.OCI_MANIFEST, "")
    with pytest.raises(Closed):
        _ = image.layers[0].diff_id


def test_configuration_is_opened_once_for_all() -> None:
    """
    It is what diff IDs and platform are asked of; no layer is decompressed for them.
    """
    config = Counting(MADE.config.content)
    image = reloaded(MADE, config)
    assert image.platform == MADE.platform
    assert [layer.diff_id for layer in image.layers] == [layer.diff_id for layer in MADE.layers]
    assert config.opened == 1


def test_diff_ids_that_are_missing() -> None:
    """
    A configuration of other layers is told, not read beyond its end.
    """
    one = synthetic.image(Random(1))
    members = loads(one.document.raw)
    raw = dumps({**members, "layers": members["layers"] * 2})
    descriptor = evolve(one.descriptor, digest=Digest.of(raw), size=len(raw))
    source = Source(blob=lambda _: one.config.opener, child=lambda _: Loaded(content=one))
    image = assemble(raw, descriptor, source)
    assert isinstance(image, Image)
    with pytest.raises(DiffIDsMissing, match="lists 1 diff ID but the manifest has 2 layers"):
        _ = image.layers[0].diff_id


def test_diff_id_of_a_layer_alone_is_found() -> None:
    """
    A layer that no configuration lists is decompressed once to know.
    """
    opener = Counting(MADE.layers[0].blob.open().read())
    layer = Layer(blob=evolve(MADE.layers[0].blob, opener=opener))
    assert layer.diff_id == layer.diff_id == MADE.layers[0].diff_id
    assert opener.opened == 1


def test_artifacts_are_images_of_another_kind() -> None:
    """
    Their type is the one they say, else that of their config; they have no platform.
    """
    made = artifact("a/b")
    assert made.artifact_type == "a/b"
    again = reloaded(made, Refusing(), Counting(b"{}"))
    assert again.layers[0].diff_id == empty.BLOB.digest
    with pytest.raises(NotAnImage, match=r"its config is 'application/vnd\.oci\.empty"):
        _ = again.platform


def test_children_are_loaded_one_at_a_time() -> None:
    """
    And once each.
    """
    index = synthetic.index(Random(1))
    asked: list[Digest] = []

    class Asking:
        def __init__(self, descriptor: Descriptor) -> None:
            self.digest = descriptor.digest

        def open(self) -> Content:
            asked.append(self.digest)
            found = {child.descriptor.digest: child.content for child in index.children}
            return found[self.digest]

    source = Source(blob=lambda _: Refusing(), child=Asking)
    again = assemble(index.document.raw, index.descriptor, source)
    assert isinstance(again, Index)
    assert (again, again.media_type, asked) == (index, media.OCI_INDEX, [])
    second = again.children[1]
    assert second.content == second.content == index.children[1].content
    assert asked == [index.children[1].descriptor.digest]


def test_what_is_not_understood_is_a_blob() -> None:
    """
    It still copies.
    """
    descriptor = evolve(empty.BLOB.descriptor, media_type="application/vnd.new.thing")
    source = Source(blob=lambda _: Refusing(), child=lambda _: Loaded(content=MADE))
    made = assemble(b"{}", descriptor, source)
    assert isinstance(made, Blob)
    assert made.open().read() == b"{}"


SOURCE = Source(blob=lambda _: Refusing(), child=lambda _: Loaded(content=MADE))


def served(raw: bytes, media_type: str = media.OCI_MANIFEST) -> Content:
    """
    Assemble whatever was served under its own digest.
    """
    descriptor = Descriptor(media_type=media_type, digest=Digest.of(raw), size=len(raw))
    return assemble(raw, descriptor, SOURCE)


@pytest.mark.parametrize(
    ("changes", "media_type", "reason"),
    [
        ({}, media.OCI_INDEX, "says it is"),
        ({"mediaType": media.DOCKER_MANIFEST}, media.OCI_MANIFEST, "says it is"),
        ({"manifests": []}, media.OCI_MANIFEST, "has 'manifests' beside"),
        ({"fsLayers": []}, media.OCI_MANIFEST, "has 'fsLayers' beside"),
        ({"mediaType": media.OCI_INDEX}, media.OCI_INDEX, "has 'config' beside"),
        ({"mediaType": "", "config": None}, media.OCI_INDEX, "has 'config' beside"),
    ],
)
def test_two_meanings_are_refused(changes: dict[str, object], media_type: str, reason: str) -> None:
    """
    One digest has one meaning (CVE-2021-41190).
    """
    raw = dumps({**loads(MADE.document.raw), **changes})
    with pytest.raises(ManifestAmbiguous, match=reason):
        served(raw, media_type)


def test_documents_without_media_type_are_what_they_are_served_as() -> None:
    """
    It is optional in OCI manifests, and older ones lack it.
    """
    members = loads(MADE.document.raw)
    del members["mediaType"]
    made = served(dumps(members))
    assert isinstance(made, Image)
    assert made.media_type == media.OCI_MANIFEST


def test_other_bytes_are_refused() -> None:
    """
    A manifest is checked before it is read, and its size before that.
    """
    altered = MADE.document.raw.replace(b"2", b"3", 1)
    with pytest.raises(DigestMismatch):
        assemble(altered, MADE.descriptor, SOURCE)
    with pytest.raises(DocumentTooLarge):
        served(b" " * (MAX_MANIFEST + 1))
    with pytest.raises(JSONInvalid):
        served(b"[]")


def test_pipes_read_left_to_right() -> None:
    """
    `image.pipe(f, x)` is `f(image, x)`.
    """

    def with_size(content: Image | Index, plus: int) -> int:
        return content.size + plus

    assert MADE.pipe(with_size, plus=1) == MADE.size + 1
    assert empty.INDEX.pipe(with_size, 1) == empty.INDEX.size + 1


def test_equal_by_bytes() -> None:
    """
    Where layers come from is not what an image is.
    """
    assert reloaded(MADE, Refusing()) == MADE
    assert hash(reloaded(MADE, Refusing())) == hash(MADE)
    child = Child(descriptor=MADE.descriptor, opener=Loaded(content=MADE))
    assert child == Child(descriptor=MADE.descriptor, opener=Loaded(content=empty.IMAGE))
