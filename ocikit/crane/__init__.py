"""
The verbs people know, in one flat namespace: pull, push, copy, append, and the rest.
"""

from ocikit.crane.build import append, mutate
from ocikit.crane.options import Options
from ocikit.crane.places import flush, load
from ocikit.crane.pull import pull
from ocikit.crane.read import catalog, config, digest, ls, validate
from ocikit.crane.write import copy, copy_repository, delete, push, tag, whole_layout

__all__ = [
    "Options",
    "append",
    "catalog",
    "config",
    "copy",
    "copy_repository",
    "delete",
    "digest",
    "flush",
    "load",
    "ls",
    "mutate",
    "pull",
    "push",
    "tag",
    "validate",
    "whole_layout",
]
