"""
Images on another base.
"""

from __future__ import annotations

from typing import Final

from ocikit._records import evolve
from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.content.stack import above
from ocikit.mutate.histories import upper
from ocikit.mutate.layers import fitted
from ocikit.mutate.rebuild import rebuild, reconfigure
from ocikit.mutate.remade import with_layers
from ocikit.spec.config import ConfigFile
from ocikit.spec.histories import paired

#: What a configuration says of the platform.
_PLATFORM: Final = ("os", "architecture", "variant", "os_version", "os_features")


def rebase(image: Image, old_base: Image, new_base: Image) -> Image:
    """
    Put the layers that an image has on top of its base on another base.

    The layers, diff IDs and history are those of the new base and then the image's own.
    All else stays the image's: annotations, media types, and the configuration with what
    it took over from the old base when it was built, such as its environment. Only where
    the new base names another platform than the old one the image does so too.

    Nothing is opened but the three configurations. Whether what the image's own layers
    change is what they expect on the new base, nobody looks here.

    Args:
        image: what was built.
        old_base: what it was built on.
        new_base: what it is to be on. Its layers get the media types of the image's
            family, as with `append`, and keep where they came from, so that a registry
            mounts them.

    Raises:
        NotBasedOn: the lowest layers of the image are not those of the old base.
        NotAnImage: one of them is an artifact.
        DiffIDsMissing: a configuration does not list the layers that there are.

    >>> from ocikit.content.synthetic import image, layer
    >>> from ocikit.mutate.layers import append
    >>> import random
    >>> old, new = image(random.Random(1)), image(random.Random(2), layers=2)
    >>> top = layer(random.Random(3))
    >>> rebase(append(old, top), old, new) == append(new, top)
    True
    """
    own = above(image, old_base)
    entries = upper(image, old_base)
    if new_base == old_base:
        return image
    lower = _lower(image, new_base)
    history = image.config_file.history
    below = new_base.config_file.history
    if history or below:
        history = (*paired(below, len(lower)), *paired(entries, len(own)))
    old, new = old_base.config_file, new_base.config_file
    moved = rebuild(image, config=reconfigure(image, lambda file: _moved(file, old, new)))
    return with_layers(moved, (*lower, *own), history)


def _lower(image: Image, base: Image) -> tuple[Layer, ...]:
    # What the image has already stays as its manifest describes it.
    same = 0
    for one, other in zip(image.layers, base.layers, strict=False):
        if one.digest != other.digest:
            break
        same += 1
    return (*image.layers[:same], *fitted(image, base.layers[same:]))


def _moved(file: ConfigFile, old: ConfigFile, new: ConfigFile) -> ConfigFile:
    if new.platform is None:
        return file
    changes = {
        name: getattr(new, name) for name in _PLATFORM if getattr(new, name) != getattr(old, name)
    }
    return evolve(file, **changes)
