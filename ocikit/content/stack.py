"""
Images that are made upon other images.
"""

from __future__ import annotations

import attrs

from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.digest import Digest
from ocikit.errors import Invalid


@attrs.frozen(kw_only=True)
class NotBasedOn(Invalid):
    """
    The lowest layers of an image are not those of another one.
    """

    image: Digest
    base: Digest
    #: The first layer that is another one, lowest is 0.
    layer: int
    #: That of the image; None when it has no more layers.
    found: Digest | None
    expected: Digest

    def __str__(self) -> str:
        found = "is not there" if self.found is None else f"is {self.found}"
        return (
            f"image {self.image} is not based on {self.base}: its layer {self.layer} {found},"
            f" that of the base is {self.expected}; name the base that it was built on"
        )


def above(image: Image, base: Image) -> tuple[Layer, ...]:
    """
    Give the layers that an image has on top of those of its base, lowest first.

    Layers are the same when their digests are. One that was only compressed otherwise is
    known by its diff ID, when both configurations list one. No layer is opened.

    Args:
        image: what was built.
        base: what it was built on.

    Raises:
        NotBasedOn: the lowest layers of the image are others.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> one = image(random.Random(1), layers=2)
    >>> above(one, one)
    ()
    """
    for number, expected in enumerate(base.layers):
        found = image.layers[number] if number < len(image.layers) else None
        if found is None or not _same(found, expected):
            raise NotBasedOn(
                image=image.digest,
                base=base.digest,
                layer=number,
                found=None if found is None else found.digest,
                expected=expected.digest,
            )
    return image.layers[len(base.layers) :]


def _same(one: Layer, other: Layer) -> bool:
    if one.digest == other.digest:
        return True
    return _is_listed(one) and _is_listed(other) and one.diff_id == other.diff_id


def _is_listed(layer: Layer) -> bool:
    return layer.known_diff_id is not None or layer.listed is not None
