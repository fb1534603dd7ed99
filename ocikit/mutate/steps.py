"""
Mutations as records: called, printed, compared, pickled, shrunk.

A pipeline is a tuple of them; `ocikit.mutate.pipeline` applies it. Those that have a true
`whole` take an index as it is; over the others, every image of it.
"""

from __future__ import annotations

from ocikit.mutate.image_steps import (
    Annotate,
    SetArtifactType,
    SetConfig,
    SetConfigType,
    SetEnv,
    SetLabels,
    SetMediaType,
    SetPlatform,
    SetSubject,
    ToDocker,
    ToOCI,
)
from ocikit.mutate.index_steps import AnnotateIndex, Keep, Remove
from ocikit.mutate.layer_steps import Append

__all__ = [
    "Annotate",
    "AnnotateIndex",
    "Append",
    "Keep",
    "Remove",
    "SetArtifactType",
    "SetConfig",
    "SetConfigType",
    "SetEnv",
    "SetLabels",
    "SetMediaType",
    "SetPlatform",
    "SetSubject",
    "ToDocker",
    "ToOCI",
]
