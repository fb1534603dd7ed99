"""
Pictures as JSON, under the names that documents use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocikit.picture.overview import Overview

if TYPE_CHECKING:
    from ocikit.picture.graph import Graph
    from ocikit.picture.overview import IndexOverview
    from ocikit.picture.spaces import Space
    from ocikit.picture.waste import Waste
    from ocikit.picture.waterfall import Waterfall


def overview(one: Overview | IndexOverview) -> dict[str, Any]:
    """
    Give what there is to know of an image or index; what it does not say is left out.
    """
    from ocikit.spec.encode import unstructure

    said: dict[str, Any] = {
        "digest": str(one.digest),
        "mediaType": one.media_type,
        "artifactType": one.artifact_type,
        "size": one.size,
        "annotations": dict(one.annotations),
        "subject": unstructure(one.subject) if one.subject else None,
    }
    if isinstance(one, Overview):
        said |= {
            "platform": one.platform,
            "created": one.created,
            "author": one.author,
            "config": unstructure(one.config),
        }
    else:
        said["manifests"] = [
            {
                **unstructure(each.descriptor),
                **({} if each.size is None else {"pullSize": each.size}),
            }
            for each in one.listed
        ]
    return {name: value for name, value in said.items() if value not in (None, "", {})}


def waterfall(fall: Waterfall) -> list[dict[str, Any]]:
    """
    Give the layers, lowest first.
    """
    return [
        {
            "layer": each.number,
            "digest": str(each.digest),
            "mediaType": each.media_type,
            "size": each.size,
            "instruction": each.instruction,
            "createdBy": each.created_by,
            **({} if each.unpacked is None else {"unpacked": each.unpacked, "files": each.files}),
        }
        for each in fall.bars
    ]


def waste(found: Waste) -> dict[str, Any]:
    """
    Give what is wasted.
    """
    return {
        "efficiency": round(found.efficiency, 6),
        "held": found.held,
        "wasted": found.wasted,
        "paths": [
            {
                "path": each.path or "/",
                "size": each.size,
                "files": each.files,
                "layers": [*each.layers],
                "there": each.there,
                "by": each.by,
            }
            for each in found.paths
        ],
        "others": {"count": found.others, "size": found.others_size},
    }


def space(one: Space) -> dict[str, Any]:
    """
    Give a directory and what is in it.
    """
    return {
        "path": one.path or "/",
        "size": one.size,
        "files": one.files,
        "layer": one.layer or None,
        **({"others": one.others} if one.others else {}),
        **({"inside": [space(each) for each in one.inside]} if one.inside else {}),
    }


def graph(found: Graph) -> dict[str, Any]:
    """
    Give nodes and edges.
    """
    return {
        "root": str(found.root),
        "nodes": [
            {
                "digest": str(each.digest),
                "kind": each.kind,
                "label": each.label,
                "size": each.size,
            }
            for each in found.nodes.values()
        ],
        "edges": [
            {"from": str(each.start), "to": str(each.end), "link": each.link}
            for each in found.edges
        ],
        "others": found.others,
    }
