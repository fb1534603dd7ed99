"""
Pure changes of images and indexes.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

if TYPE_CHECKING:
    from ocikit.mutate import steps
    from ocikit.mutate.attestations import Attestations
    from ocikit.mutate.changes import ConfigChanges, ConfigInvalid
    from ocikit.mutate.children import (
        ChildMissing,
        add,
        child,
        describe,
        keep,
        map_images,
        remove,
        replace,
    )
    from ocikit.mutate.flatten import flatten, squash
    from ocikit.mutate.flavours import docker, oci
    from ocikit.mutate.healthcheck import HealthcheckChanges, healthcheck
    from ocikit.mutate.history import EntryMissing, HistoryChanges, history
    from ocikit.mutate.layers import HistoryMismatch, append
    from ocikit.mutate.members import annotations, artifact_type, config_type, media_type, subject
    from ocikit.mutate.pipeline import NotChangeable, Pipeline, apply
    from ocikit.mutate.rebase import rebase
    from ocikit.mutate.recipe import (
        NotWritable,
        RecipeInvalid,
        from_json,
        from_toml,
        to_json,
        to_toml,
    )
    from ocikit.mutate.recompress import recompress
    from ocikit.mutate.remade import NotALayer
    from ocikit.mutate.removal import (
        HistoryUnpaired,
        LayerMissing,
        NothingCreatedBy,
        PatternInvalid,
        remove_layers,
        remove_paths,
    )
    from ocikit.mutate.settings import config, env, labels, platform
    from ocikit.mutate.time import canonical, time

__all__ = [
    "Attestations",
    "ChildMissing",
    "ConfigChanges",
    "ConfigInvalid",
    "EntryMissing",
    "HealthcheckChanges",
    "HistoryChanges",
    "HistoryMismatch",
    "HistoryUnpaired",
    "LayerMissing",
    "NotALayer",
    "NotChangeable",
    "NotWritable",
    "NothingCreatedBy",
    "PatternInvalid",
    "Pipeline",
    "RecipeInvalid",
    "add",
    "annotations",
    "append",
    "apply",
    "artifact_type",
    "canonical",
    "child",
    "config",
    "config_type",
    "describe",
    "docker",
    "env",
    "flatten",
    "from_json",
    "from_toml",
    "healthcheck",
    "history",
    "keep",
    "labels",
    "map_images",
    "media_type",
    "oci",
    "platform",
    "rebase",
    "recompress",
    "remove",
    "remove_layers",
    "remove_paths",
    "replace",
    "squash",
    "steps",
    "subject",
    "time",
    "to_json",
    "to_toml",
]

door(
    __name__,
    {
        "ocikit.mutate.attestations": "Attestations",
        "ocikit.mutate.changes": "ConfigChanges ConfigInvalid",
        "ocikit.mutate.children": "ChildMissing add child describe keep map_images remove replace",
        "ocikit.mutate.flatten": "flatten squash",
        "ocikit.mutate.flavours": "docker oci",
        "ocikit.mutate.healthcheck": "HealthcheckChanges healthcheck",
        "ocikit.mutate.history": "EntryMissing HistoryChanges history",
        "ocikit.mutate.layers": "HistoryMismatch append",
        "ocikit.mutate.members": "annotations artifact_type config_type media_type subject",
        "ocikit.mutate.pipeline": "NotChangeable Pipeline apply",
        "ocikit.mutate.rebase": "rebase",
        "ocikit.mutate.recipe": "NotWritable RecipeInvalid from_json from_toml to_json to_toml",
        "ocikit.mutate.recompress": "recompress",
        "ocikit.mutate.remade": "NotALayer",
        "ocikit.mutate.removal": (
            "HistoryUnpaired LayerMissing NothingCreatedBy PatternInvalid remove_layers "
            "remove_paths"
        ),
        "ocikit.mutate.settings": "config env labels platform",
        "ocikit.mutate.time": "canonical time",
    },
)
