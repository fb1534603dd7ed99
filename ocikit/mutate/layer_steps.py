"""
Steps that change which layers an image has.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from ocikit._records import record
from ocikit.content.compression import Compression, parse
from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.mutate.flatten import flatten, squash
from ocikit.mutate.frozen import texts
from ocikit.mutate.layers import Histories, append
from ocikit.mutate.rebase import rebase
from ocikit.mutate.recompress import recompress
from ocikit.mutate.removal import remove_layers, remove_paths
from ocikit.mutate.time import canonical, time
from ocikit.spec.config import History


def _layers(layers: Iterable[Layer]) -> tuple[Layer, ...]:
    return tuple(layers)


def _history(history: Histories | None) -> History | tuple[History, ...] | None:
    return history if history is None or isinstance(history, History) else tuple(history)


def _positions(positions: int | Iterable[int]) -> tuple[int, ...]:
    return (positions,) if isinstance(positions, int) else tuple(positions)


def _patterns(patterns: str | Iterable[str]) -> tuple[str, ...]:
    return (patterns,) if isinstance(patterns, str) else texts(patterns)


def _compression(compression: Compression | str) -> Compression:
    return parse(compression) if isinstance(compression, str) else compression


def _any_compression(compression: Compression | str | None) -> Compression | None:
    return None if compression is None else _compression(compression)


@record
class Append:
    """
    Put layers on top, as `append` does.
    """

    layers: tuple[Layer, ...] = attrs.field(converter=_layers)
    history: History | tuple[History, ...] | None = attrs.field(default=None, converter=_history)
    created: str | None = None
    created_by: str = ""

    def __call__(self, image: Image) -> Image:
        """
        Append to the image.
        """
        return append(
            image,
            *self.layers,
            history=self.history,
            created=self.created,
            created_by=self.created_by,
        )


@record
class Flatten:
    """
    Make all layers one, as `flatten` does.
    """

    compression: Compression | None = attrs.field(default=None, converter=_any_compression)

    def __call__(self, image: Image) -> Image:
        """
        Flatten the image.
        """
        return flatten(image, compression=self.compression)


@record
class Squash:
    """
    Make some layers one, as `squash` does.
    """

    start: int
    stop: int | None = None
    compression: Compression | None = attrs.field(default=None, converter=_any_compression)

    def __call__(self, image: Image) -> Image:
        """
        Squash layers of the image.
        """
        return squash(image, self.start, self.stop, compression=self.compression)


@record
class Rebase:
    """
    Put an image's own layers on another base, as `rebase` does.

    It is for images of one base: over an index of several platforms select one.
    """

    old_base: Image
    new_base: Image

    def __call__(self, image: Image) -> Image:
        """
        Rebase the image.
        """
        return rebase(image, self.old_base, self.new_base)


@record
class RemoveLayers:
    """
    Take layers out, as `remove_layers` does.

    >>> RemoveLayers(-1)
    RemoveLayers(positions=(-1,), created_by=None)
    """

    positions: tuple[int, ...] = attrs.field(default=(), converter=_positions)
    created_by: str | None = None

    def __call__(self, image: Image) -> Image:
        """
        Take layers out of the image.
        """
        return remove_layers(image, *self.positions, created_by=self.created_by)


@record
class RemovePaths:
    """
    Take files out of every layer, as `remove_paths` does.

    >>> RemovePaths("**/*.pyc")
    RemovePaths(patterns=('**/*.pyc',))
    """

    patterns: tuple[str, ...] = attrs.field(converter=_patterns)

    def __call__(self, image: Image) -> Image:
        """
        Take files out of the image.
        """
        return remove_paths(image, *self.patterns)


@record
class Retime:
    """
    Say that everything was made at one time, as `time` does.
    """

    when: int | str
    clamp: bool = False

    def __call__(self, image: Image) -> Image:
        """
        Give the image that time.
        """
        return time(image, self.when, clamp=self.clamp)


@record
class Canonical:
    """
    Take out what says when, where and by what an image was made, as `canonical` does.
    """

    def __call__(self, image: Image) -> Image:
        """
        Make the image canonical.
        """
        return canonical(image)


@record
class Recompress:
    """
    Compress layers otherwise, as `recompress` does.

    >>> Recompress("zstd:9")
    Recompress(compression=Zstd(level=9), force=False)
    """

    compression: Compression = attrs.field(converter=_compression)
    force: bool = False

    def __call__(self, image: Image) -> Image:
        """
        Recompress the image.
        """
        return recompress(image, self.compression, force=self.force)
