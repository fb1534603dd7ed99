"""
Pictures of images, for people who would rather look than read.

Each is a record of plain data first: `waterfall`, `scan` (one pass over the layers, with
`waste` and `space`), `changes` of two images, `graph`, `overview`, `sizes`. Then `text`
draws it for a terminal, `svg` as a drawing, and `page` puts several into one page of HTML
that needs nothing else. Whatever names, labels and histories say, none of it becomes
markup or moves a cursor.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

if TYPE_CHECKING:
    from ocikit.picture.changes import Changes, FileChange, LayerChange, changes
    from ocikit.picture.graph import Edge, Graph, Node, graph
    from ocikit.picture.instructions import instruction
    from ocikit.picture.looks import Look
    from ocikit.picture.overview import IndexOverview, Listed, Overview, index_overview, overview
    from ocikit.picture.page import page
    from ocikit.picture.scan import NoFiles, Scan, Unpacked, scan, space, waste
    from ocikit.picture.sizes import Sized, Sizes, sizes
    from ocikit.picture.spaces import Space
    from ocikit.picture.steps import Step, Steps, steps
    from ocikit.picture.svg import svg
    from ocikit.picture.text import text
    from ocikit.picture.text_graph import dot, mermaid
    from ocikit.picture.waste import Lost, Waste
    from ocikit.picture.waterfall import Bar, Waterfall, waterfall

__all__ = [
    "Bar",
    "Changes",
    "Edge",
    "FileChange",
    "Graph",
    "IndexOverview",
    "LayerChange",
    "Listed",
    "Look",
    "Lost",
    "NoFiles",
    "Node",
    "Overview",
    "Scan",
    "Sized",
    "Sizes",
    "Space",
    "Step",
    "Steps",
    "Unpacked",
    "Waste",
    "Waterfall",
    "changes",
    "dot",
    "graph",
    "index_overview",
    "instruction",
    "mermaid",
    "overview",
    "page",
    "scan",
    "sizes",
    "space",
    "steps",
    "svg",
    "text",
    "waste",
    "waterfall",
]

door(
    __name__,
    {
        "ocikit.picture.changes": "Changes FileChange LayerChange changes",
        "ocikit.picture.graph": "Edge Graph Node graph",
        "ocikit.picture.instructions": "instruction",
        "ocikit.picture.looks": "Look",
        "ocikit.picture.overview": "IndexOverview Listed Overview index_overview overview",
        "ocikit.picture.page": "page",
        "ocikit.picture.scan": "NoFiles Scan Unpacked scan space waste",
        "ocikit.picture.sizes": "Sized Sizes sizes",
        "ocikit.picture.spaces": "Space",
        "ocikit.picture.steps": "Step Steps steps",
        "ocikit.picture.svg": "svg",
        "ocikit.picture.text": "text",
        "ocikit.picture.text_graph": "dot mermaid",
        "ocikit.picture.waste": "Lost Waste",
        "ocikit.picture.waterfall": "Bar Waterfall waterfall",
    },
)
