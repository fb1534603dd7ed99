"""
The verbs people know, in one flat namespace: pull, push, copy, append, and the rest.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

if TYPE_CHECKING:
    from ocikit.crane.archives import pull
    from ocikit.crane.belonging import attach, referrers
    from ocikit.crane.blobs import (
        blob,
        blob_delete,
        blob_get,
        blob_put,
        pull_layer,
        upload,
    )
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
    from ocikit.crane.filemap import image, layer
    from ocikit.crane.filetree import Files, files, files_at, listed
    from ocikit.crane.indexes import index_append, index_filter, index_list, layout_append
    from ocikit.crane.layering import flatten, squash
    from ocikit.crane.looking import changes, look, surroundings
    from ocikit.crane.onefile import edit_file
    from ocikit.crane.options import Options
    from ocikit.crane.places import flush, load
    from ocikit.crane.read import catalog, config, digest, digests, ls, manifest, validate
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
    "changes",
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
    "image",
    "index_annotate",
    "index_append",
    "index_filter",
    "index_list",
    "index_remove",
    "index_replace",
    "index_set_platform",
    "layer",
    "layout_append",
    "listed",
    "load",
    "look",
    "ls",
    "manifest",
    "mutate",
    "pull",
    "pull_layer",
    "push",
    "push_all",
    "rebase",
    "rebase_conflicts",
    "referrers",
    "squash",
    "surroundings",
    "survey_copy",
    "survey_repository",
    "tag",
    "upload",
    "validate",
    "whole_layout",
]

door(
    __name__,
    {
        "ocikit.crane.archives": "pull",
        "ocikit.crane.belonging": "attach referrers",
        "ocikit.crane.blobs": "blob blob_delete blob_get blob_put pull_layer upload",
        "ocikit.crane.build": "append mutate",
        "ocikit.crane.children": "index_annotate index_remove index_replace index_set_platform",
        "ocikit.crane.copying": "copy copy_repository survey_copy survey_repository",
        "ocikit.crane.differ": "diff explain",
        "ocikit.crane.editing": "edit_config edit_manifest",
        "ocikit.crane.filemap": "image layer",
        "ocikit.crane.filetree": "Files files files_at listed",
        "ocikit.crane.indexes": "index_append index_filter index_list layout_append",
        "ocikit.crane.layering": "flatten squash",
        "ocikit.crane.looking": "changes look surroundings",
        "ocikit.crane.onefile": "edit_file",
        "ocikit.crane.options": "Options",
        "ocikit.crane.places": "flush load",
        "ocikit.crane.read": "catalog config digest digests ls manifest validate",
        "ocikit.crane.rebasing": "rebase rebase_conflicts",
        "ocikit.crane.rootfs": "export export_to",
        "ocikit.crane.write": "delete push push_all tag whole_layout",
    },
)
