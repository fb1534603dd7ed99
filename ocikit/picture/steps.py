"""
How an image came to be: the steps of its history, those without a layer among them.
"""

from __future__ import annotations

from ocikit._records import record
from ocikit.content.image import Image
from ocikit.digest import Digest
from ocikit.picture.instructions import instruction
from ocikit.spec.config import ZERO_TIME
from ocikit.spec.histories import paired


@record(kw_only=True)
class Step:
    """
    One step.
    """

    #: RFC 3339; empty where it is not known.
    created: str
    #: As in a Dockerfile, and as the history has it.
    instruction: str
    created_by: str
    comment: str = ""
    author: str = ""
    #: The layer that it made, counted from 1, its digest and its size in bytes as it is
    #: stored; None when it made none.
    layer: int | None = None
    digest: Digest | None = None
    size: int | None = None


@record(kw_only=True)
class Steps:
    """
    All steps of an image, the first one first.
    """

    name: str
    steps: tuple[Step, ...]


def steps(image: Image, name: str = "") -> Steps:
    """
    Give the history of an image; what is not told of a layer is empty.

    Args:
        image: its configuration is read.
        name: how it was named.

    Raises:
        NotAnImage: it is an artifact.
        Missing, Unreachable, Corrupt: the configuration could not be had.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> [step.layer for step in steps(image(random.Random(1), layers=2)).steps]
    [1, 2]
    """
    made = []
    layers = enumerate(image.layers, 1)
    for entry in paired(image.config_file.history, len(image.layers)):
        number, layer = (None, None) if entry.empty_layer else next(layers)
        made.append(
            Step(
                created="" if entry.created == ZERO_TIME else entry.created,
                instruction=instruction(entry.created_by),
                created_by=entry.created_by,
                comment=entry.comment,
                author=entry.author,
                layer=number,
                digest=None if layer is None else layer.digest,
                size=None if layer is None else layer.size,
            )
        )
    return Steps(name=name, steps=tuple(made))
