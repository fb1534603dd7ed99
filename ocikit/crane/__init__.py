"""
The verbs people know, in one flat namespace: pull, push, copy, append, and the rest.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ocikit.crane.archives import pull
    from ocikit.crane.belonging import attach, referrers
    from ocikit.crane.blobs import blob, blob_delete, blob_get, blob_put
    from ocikit.crane.build import append, mutate
    from ocikit.crane.children import (
        index_annotate,
        index_remove,
        index_replace,
        index_set_platform,
    )
    from ocikit.crane.copying import copy, copy_repository, survey_copy, survey_repository
    from ocikit.crane.differ import diff, explain
    from ocikit.crane.editing import edit_config, edit_manifest
    from ocikit.crane.filetree import Files, files, files_at, listed
    from ocikit.crane.indexes import index_append, index_filter, index_list, layout_append
    from ocikit.crane.layering import flatten, squash
    from ocikit.crane.onefile import edit_file
    from ocikit.crane.options import Options
    from ocikit.crane.places import flush, load
    from ocikit.crane.read import catalog, config, digest, digests, ls, validate
    from ocikit.crane.rebasing import rebase, rebase_conflicts
    from ocikit.crane.rootfs import export, export_to
    from ocikit.crane.write import delete, push, push_all, tag, whole_layout

__all__ = [
    "Files",
    "Options",
    "append",
    "attach",
    "blob",
    "blob_delete",
    "blob_get",
    "blob_put",
    "catalog",
    "config",
    "copy",
    "copy_repository",
    "delete",
    "diff",
    "digest",
    "digests",
    "edit_config",
    "edit_file",
    "edit_manifest",
    "explain",
    "export",
    "export_to",
    "files",
    "files_at",
    "flatten",
    "flush",
    "index_annotate",
    "index_append",
    "index_filter",
    "index_list",
    "index_remove",
    "index_replace",
    "index_set_platform",
    "layout_append",
    "listed",
    "load",
    "ls",
    "mutate",
    "pull",
    "push",
    "push_all",
    "rebase",
    "rebase_conflicts",
    "referrers",
    "squash",
    "survey_copy",
    "survey_repository",
    "tag",
    "validate",
    "whole_layout",
]

# Every module in here passes this door first: it imports nothing until it is asked. No
# module has the name of a verb, for that would hide the verb once it is loaded.
_PLACES: Final = {
    "archives": ("pull",),
    "belonging": ("attach", "referrers"),
    "blobs": ("blob", "blob_delete", "blob_get", "blob_put"),
    "build": ("append", "mutate"),
    "children": ("index_annotate", "index_remove", "index_replace", "index_set_platform"),
    "copying": ("copy", "copy_repository", "survey_copy", "survey_repository"),
    "differ": ("diff", "explain"),
    "editing": ("edit_config", "edit_manifest"),
    "filetree": ("Files", "files", "files_at", "listed"),
    "indexes": ("index_append", "index_filter", "index_list", "layout_append"),
    "layering": ("flatten", "squash"),
    "onefile": ("edit_file",),
    "options": ("Options",),
    "places": ("flush", "load"),
    "read": ("catalog", "config", "digest", "digests", "ls", "validate"),
    "rebasing": ("rebase", "rebase_conflicts"),
    "rootfs": ("export", "export_to"),
    "write": ("delete", "push", "push_all", "tag", "whole_layout"),
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'ocikit.crane' has no attribute {name!r}")
    module = next(module for module, names in _PLACES.items() if name in names)
    return getattr(importlib.import_module(f"ocikit.crane.{module}"), name)


def __dir__() -> list[str]:
    return __all__
