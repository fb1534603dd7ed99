"""
What fleets are asked about, as records of plain values: one of each reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal, TypeAlias

import attrs

from ocikit import media
from ocikit._records import EMPTY, JSON, FrozenMap, record
from ocikit.content.image import Child, Content, Image, Index
from ocikit.errors import Missing
from ocikit.query.walk import MAX_NESTING, NestedTooDeeply
from ocikit.spec.attestation import is_attestation
from ocikit.spec.config import ZERO_TIME
from ocikit.spec.descriptor import Descriptor

Kind: TypeAlias = Literal["image", "index", "artifact", "other"]

#: What images say of their making (annotations.md), in annotations or in labels.
BASE_NAME: Final = "org.opencontainers.image.base.name"
BASE_DIGEST: Final = "org.opencontainers.image.base.digest"
SOURCE: Final = "org.opencontainers.image.source"
REVISION: Final = "org.opencontainers.image.revision"
VERSION: Final = "org.opencontainers.image.version"


@record(kw_only=True)
class LayerFacts:
    """
    A layer of an image: its digests as text, its size in bytes as it is stored.
    """

    digest: str
    #: The digest of its uncompressed tar; empty when the configuration does not list it.
    diff_id: str = ""
    size: int
    media_type: str


@record(kw_only=True)
class ImageFacts:
    """
    An image, alone or in an index; texts are empty where it does not say.
    """

    digest: str
    media_type: str
    artifact_type: str = ""
    #: As "linux/arm64/v8".
    platform: str = ""
    #: When it was made, as its configuration writes it (RFC 3339).
    created: str = ""
    #: Bytes of its manifest, configuration and layers, as they are stored.
    size: int
    #: The user of its processes; empty is root.
    user: str = ""
    layers: tuple[LayerFacts, ...] = ()
    labels: FrozenMap[str, str] = attrs.field(default=EMPTY, hash=False)
    annotations: FrozenMap[str, str] = attrs.field(default=EMPTY, hash=False)
    #: Whether the repository lacks it, though an index lists it.
    missing: bool = False

    def says(self, key: str) -> str:
        """
        Give the annotation of a key, or else the label.

        >>> made = ImageFacts(digest="", media_type="", size=0, labels=FrozenMap(a="1"))
        >>> made.says("a"), made.says("b")
        ('1', '')
        """
        return self.annotations.get(key) or self.labels.get(key, "")


@record(kw_only=True)
class Facts:
    """
    What a reference names, and the images in it: itself, or those of an index.
    """

    kind: Kind
    digest: str
    media_type: str
    #: The size of its document in bytes.
    size: int
    #: Without attestations.
    images: tuple[ImageFacts, ...] = ()


def facts(content: Content) -> Facts:
    """
    Tell what fleets are asked about.

    It costs a manifest and a configuration for each image, and no layer. Of an index,
    images in indexes within it are told too, attestations are not, and what the
    repository lacks is told as its index lists it.

    Raises:
        NestedTooDeeply: indexes are nested without end.
        Corrupt, Refused, Unreachable: something could not be read.

    >>> from ocikit.content.empty import IMAGE
    >>> [image.digest == str(IMAGE.digest) for image in facts(IMAGE).images]
    [True]
    """
    images: tuple[ImageFacts, ...] = ()
    kind: Kind = "other"
    if isinstance(content, Image):
        images = (_image(content, content.descriptor),)
        kind = "image" if media.is_config(content.config.media_type) else "artifact"
    elif isinstance(content, Index):
        images, kind = tuple(_images(content, MAX_NESTING)), "index"
    return Facts(
        kind=kind,
        digest=str(content.digest),
        media_type=content.media_type,
        size=content.size,
        images=images,
    )


def _images(index: Index, nesting: int) -> Iterator[ImageFacts]:
    if nesting < 1:
        raise NestedTooDeeply(digest=index.digest, limit=MAX_NESTING)
    for child in index.children:
        if not is_attestation(child.descriptor):
            yield from _child(child, nesting)


def _child(child: Child, nesting: int) -> Iterator[ImageFacts]:
    listed = child.descriptor
    try:
        content = child.content
    except Missing:
        yield _listed(listed, missing=True)
        return
    if isinstance(content, Index):
        yield from _images(content, nesting - 1)
    elif isinstance(content, Image):
        yield _image(content, listed)
    else:
        yield _listed(listed)


def _listed(listed: Descriptor, *, missing: bool = False) -> ImageFacts:
    return ImageFacts(
        digest=str(listed.digest),
        media_type=listed.media_type,
        artifact_type=listed.artifact_type,
        platform=str(listed.platform or ""),
        size=listed.size,
        annotations=listed.annotations,
        missing=missing,
    )


def _image(image: Image, listed: Descriptor) -> ImageFacts:
    layers = tuple(
        LayerFacts(digest=str(each.digest), size=each.size, media_type=each.media_type)
        for each in image.layers
    )
    told = ImageFacts(
        digest=str(image.digest),
        media_type=image.media_type,
        artifact_type=image.artifact_type,
        platform=str(listed.platform or ""),
        size=image.size + image.config.size + sum(layer.size for layer in layers),
        layers=layers,
        # What an index says of an image is said from outside; the image knows better.
        annotations=listed.annotations | image.manifest.annotations,
    )
    return _configured(told, image) if media.is_config(image.config.media_type) else told


def _configured(told: ImageFacts, image: Image) -> ImageFacts:
    config = image.config_file
    layers, listed = told.layers, config.rootfs.diff_ids
    if len(listed) == len(layers):
        pairs = zip(layers, listed, strict=True)
        layers = tuple(attrs.evolve(layer, diff_id=str(diff_id)) for layer, diff_id in pairs)
    return attrs.evolve(
        told,
        platform=told.platform or str(config.platform or ""),
        created="" if config.created == ZERO_TIME else config.created,
        user=config.config.user,
        labels=config.config.labels,
        layers=layers,
    )


def written(found: Facts) -> JSON:
    """
    Write facts as JSON, from which `read` makes them again.

    >>> from ocikit.content.empty import IMAGE
    >>> read(written(facts(IMAGE))) == facts(IMAGE)
    True
    """
    plain: JSON = attrs.asdict(found, value_serializer=_listed_as_json)
    return plain


def _listed_as_json(owner: Any, field: Any, value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def read(value: dict[str, Any]) -> Facts:
    """
    Read what `written` made.
    """
    members: dict[str, Any] = {**value, "images": tuple(map(_read_image, value["images"]))}
    return Facts(**members)


def _read_image(value: dict[str, Any]) -> ImageFacts:
    members: dict[str, Any] = {
        **value,
        **{name: FrozenMap(value[name]) for name in ("labels", "annotations")},
        "layers": tuple(LayerFacts(**layer) for layer in value["layers"]),
    }
    return ImageFacts(**members)
