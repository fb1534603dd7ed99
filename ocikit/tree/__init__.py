"""
Tar streams, and the trees of files that layers of them make.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ocikit.tree.difference import Difference, compare
    from ocikit.tree.entry import Entry, Member
    from ocikit.tree.faults import TarInvalid, TarTooLarge, TarTruncated
    from ocikit.tree.filetree import File, FileTree, PathMissing, find, load, walk
    from ocikit.tree.globs import glob
    from ocikit.tree.opened import NotAFile, contents, open_file, read
    from ocikit.tree.overlay import merge, merge_into, squash
    from ocikit.tree.reader import Limits, Reader
    from ocikit.tree.resolve import LinkTargetMissing
    from ocikit.tree.transitions import transition, transition_layer
    from ocikit.tree.writer import header

__all__ = [
    "Difference",
    "Entry",
    "File",
    "FileTree",
    "Limits",
    "LinkTargetMissing",
    "Member",
    "NotAFile",
    "PathMissing",
    "Reader",
    "TarInvalid",
    "TarTooLarge",
    "TarTruncated",
    "compare",
    "contents",
    "find",
    "glob",
    "header",
    "load",
    "merge",
    "merge_into",
    "open_file",
    "read",
    "squash",
    "transition",
    "transition_layer",
    "walk",
]

# Who only writes a header, as every push of an archive does, need not load the rest.
_MODULES: Final = {
    "Difference": "difference",
    "Entry": "entry",
    "File": "filetree",
    "FileTree": "filetree",
    "Limits": "reader",
    "LinkTargetMissing": "resolve",
    "Member": "entry",
    "NotAFile": "opened",
    "PathMissing": "filetree",
    "Reader": "reader",
    "TarInvalid": "faults",
    "TarTooLarge": "faults",
    "TarTruncated": "faults",
    "merge": "overlay",
    "contents": "opened",
    "compare": "difference",
    "find": "filetree",
    "glob": "globs",
    "header": "writer",
    "load": "filetree",
    "open_file": "opened",
    "merge_into": "overlay",
    "read": "opened",
    "squash": "overlay",
    "transition": "transitions",
    "transition_layer": "transitions",
    "walk": "filetree",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(importlib.import_module(f"ocikit.tree.{_MODULES[name]}"), name)
    raise AttributeError(f"module 'ocikit.tree' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__]
