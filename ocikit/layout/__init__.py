"""
OCI layouts: folders that hold images, indexes and artifacts by digest.

Plain directories, as skopeo's `dir:` has them, hold one image or index each.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

if TYPE_CHECKING:
    from ocikit.layout.change import annotate, append, discard, remove, replace
    from ocikit.layout.flush import flush
    from ocikit.layout.fsck import Flaw, fsck
    from ocikit.layout.gc import Garbage, gc
    from ocikit.layout.load import entries, load, root
    from ocikit.layout.plain import load_plain
    from ocikit.layout.plain_flush import flush_plain

__all__ = [
    "Flaw",
    "Garbage",
    "annotate",
    "append",
    "discard",
    "entries",
    "flush",
    "flush_plain",
    "fsck",
    "gc",
    "load",
    "load_plain",
    "remove",
    "replace",
    "root",
]

door(
    __name__,
    {
        "ocikit.layout.change": "annotate append discard remove replace",
        "ocikit.layout.flush": "flush",
        "ocikit.layout.fsck": "Flaw fsck",
        "ocikit.layout.gc": "Garbage gc",
        "ocikit.layout.load": "entries load root",
        "ocikit.layout.plain": "load_plain",
        "ocikit.layout.plain_flush": "flush_plain",
    },
)
