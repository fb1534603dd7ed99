"""
The layers of an image, each beginning where the last one ended.
"""

from __future__ import annotations

from ocikit._records import record
from ocikit.content.image import Image
from ocikit.digest import Digest
from ocikit.picture.instructions import instruction, made_by
from ocikit.picture.scan import Scan


@record(kw_only=True)
class Bar:
    """
    One layer.
    """

    #: Counted from 1, the lowest.
    number: int
    digest: Digest
    media_type: str
    #: Bytes of it, as it is stored and moved.
    size: int
    #: Bytes of all layers below.
    below: int
    #: What made it, as in a Dockerfile; and as the history has it.
    instruction: str
    created_by: str
    created: str
    #: Bytes of its files, and how many members it has; None when it was not read.
    unpacked: int | None = None
    files: int | None = None


@record(kw_only=True)
class Waterfall:
    """
    All layers, lowest first.
    """

    bars: tuple[Bar, ...]

    @property
    def size(self) -> int:
        """
        Bytes of all layers.
        """
        return sum(bar.size for bar in self.bars)


def waterfall(image: Image, *, scan: Scan | None = None) -> Waterfall:
    """
    Give the layers of an image or artifact, and what made them; no layer is opened.

    Args:
        image: of an image the configuration is read, for its history.
        scan: what was found in the layers, if they were read.

    Raises:
        Missing, Unreachable, Corrupt: the configuration could not be had.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> [bar.number for bar in waterfall(image(random.Random(1), layers=2)).bars]
    [1, 2]
    """
    below = 0
    bars = []
    for position, (layer, entry) in enumerate(zip(image.layers, made_by(image), strict=True)):
        read = None if scan is None else scan.layers[position]
        bars.append(
            Bar(
                number=position + 1,
                digest=layer.digest,
                media_type=layer.media_type,
                size=layer.size,
                below=below,
                instruction=instruction(entry.created_by),
                created_by=entry.created_by,
                created=entry.created,
                unpacked=None if read is None else read.size,
                files=None if read is None else read.files,
            )
        )
        below += layer.size
    return Waterfall(bars=tuple(bars))
