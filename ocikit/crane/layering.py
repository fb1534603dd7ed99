"""
Several layers as one: flatten, squash.
"""

from __future__ import annotations

from functools import partial

from ocikit.content.compression import Compression
from ocikit.content.image import Image, Index
from ocikit.crane.changed import changed
from ocikit.crane.options import Options
from ocikit.crane.places import load
from ocikit.mutate.attestations import Attestations
from ocikit.mutate.flatten import flatten as flat
from ocikit.mutate.flatten import squash as squashed


def flatten(
    place: str,
    options: Options,
    *,
    compression: Compression | None = None,
    attestations: Attestations | None = None,
) -> Image | Index:
    """
    Make all layers of an image one, or those of every image of an index.

    See `ocikit.mutate.flatten`. Layers are read now, and the new one waits in memory, or
    in a temporary file, until it is written somewhere.

    Args:
        place: any place.
        options: how to reach it, and which of its platforms are wanted.
        compression: of the one layer; that of all others when None, gzip if they differ.
        attestations: what becomes of those of an index's images; None is "relink", and
            says so.

    Raises:
        PlaceUnsupported, NotAnImage, NotALayer: there are no layers of files.
        Corrupt, Missing, Refused, Unreachable: a layer could not be had.

    >>> from ocikit.content.synthetic import image
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> import random
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", image(random.Random(1), layers=3), options)
    >>> len(flatten(name, options).layers)
    1
    """
    step = partial(flat, compression=compression)
    return changed(load(place, options), [step], place, options, attestations)


def squash(
    place: str,
    start: int,
    stop: int | None,
    options: Options,
    *,
    compression: Compression | None = None,
    attestations: Attestations | None = None,
) -> Image | Index:
    """
    Make some layers of an image one, or of every image of an index.

    See `ocikit.mutate.squash`.

    Args:
        place: any place.
        start: the first of them, lowest is 0; as in slices, negative from the top.
        stop: the one after the last; None for all from `start` on.
        options: how to reach it, and which of its platforms are wanted.
        compression: of the new layer; that of the others when None, gzip if they differ.
        attestations: what becomes of those of an index's images; None is "relink", and
            says so.

    Raises:
        PlaceUnsupported, NotAnImage, NotALayer: there are no layers of files.
        Corrupt, Missing, Refused, Unreachable: a layer could not be had.

    >>> from ocikit.content.synthetic import image
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> import random
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", image(random.Random(1), layers=4), options)
    >>> len(squash(name, -2, None, options).layers)
    3
    """
    step = partial(squashed, start=start, stop=stop, compression=compression)
    return changed(load(place, options), [step], place, options, attestations)
