"""
Tar streams, and the trees of files that layers of them make.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

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

door(
    __name__,
    {
        "ocikit.tree.difference": "Difference compare",
        "ocikit.tree.entry": "Entry Member",
        "ocikit.tree.faults": "TarInvalid TarTooLarge TarTruncated",
        "ocikit.tree.filetree": "File FileTree PathMissing find load walk",
        "ocikit.tree.globs": "glob",
        "ocikit.tree.opened": "NotAFile contents open_file read",
        "ocikit.tree.overlay": "merge merge_into squash",
        "ocikit.tree.reader": "Limits Reader",
        "ocikit.tree.resolve": "LinkTargetMissing",
        "ocikit.tree.transitions": "transition transition_layer",
        "ocikit.tree.writer": "header",
    },
)
