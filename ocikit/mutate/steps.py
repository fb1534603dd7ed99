"""
Mutations as records: called, printed, compared, pickled, shrunk.

A pipeline is a tuple of them; `ocikit.mutate.pipeline` applies it. Those that have a true
`whole` take an index as it is; over the others, every image of it.
"""

from __future__ import annotations

from ocikit.mutate.image_steps import (
    Annotate,
    EditHistory,
    SetArtifactType,
    SetConfig,
    SetConfigType,
    SetEnv,
    SetHealthcheck,
    SetLabels,
    SetMediaType,
    SetPlatform,
    SetSubject,
    ToDocker,
    ToOCI,
)
from ocikit.mutate.index_steps import (
    Add,
    AnnotateIndex,
    Describe,
    Keep,
    Remove,
    Replace,
    SetIndexArtifactType,
    SetIndexSubject,
    SetIndexType,
)
from ocikit.mutate.layer_steps import (
    Append,
    Canonical,
    Flatten,
    Rebase,
    Recompress,
    RemoveLayers,
    RemovePaths,
    Retime,
    Squash,
)

__all__ = [
    "Add",
    "Annotate",
    "AnnotateIndex",
    "Append",
    "Canonical",
    "Describe",
    "EditHistory",
    "Flatten",
    "Keep",
    "Rebase",
    "Recompress",
    "Remove",
    "RemoveLayers",
    "RemovePaths",
    "Replace",
    "Retime",
    "SetArtifactType",
    "SetConfig",
    "SetConfigType",
    "SetEnv",
    "SetHealthcheck",
    "SetIndexArtifactType",
    "SetIndexSubject",
    "SetIndexType",
    "SetLabels",
    "SetMediaType",
    "SetPlatform",
    "SetSubject",
    "Squash",
    "ToDocker",
    "ToOCI",
]
