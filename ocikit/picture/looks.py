"""
All pictures of one image, or of an index and one image of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ocikit._records import record
from ocikit.picture.graph import Graph
from ocikit.picture.overview import IndexOverview, Overview
from ocikit.picture.scan import Scan
from ocikit.picture.waterfall import Waterfall

if TYPE_CHECKING:
    from ocikit.picture.text import Picture


@record(kw_only=True)
class Look:
    """
    What there is to see under a name.
    """

    name: str
    #: The index, where it is one.
    index: IndexOverview | None = None
    #: The image, or the one of an index that was chosen; None where there is none.
    image: Overview | None = None
    layers: Waterfall | None = None
    #: What was found in the layers, if they were read.
    scan: Scan | None = None
    #: What it consists of and what refers to it, if that was asked.
    graph: Graph | None = None

    def pictures(
        self, *, waste: bool = True, files: bool = True, graph: bool = True
    ) -> Iterator[Picture]:
        """
        Give what is drawn, in order.

        Args:
            waste: what is wasted too, if layers were read.
            files: where the space goes too, if layers were read.
            graph: what refers to it too, if that was asked.
        """
        yield from (each for each in (self.index, self.image) if each is not None)
        if self.layers is not None and self.layers.bars:
            yield self.layers
        if self.scan is not None and files:
            yield self.scan.space
        if self.scan is not None and waste:
            yield self.scan.waste
        if self.graph is not None and graph:
            yield self.graph
