"""
A cache of blobs and documents by digest, which any source can be read through.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

if TYPE_CHECKING:
    from ocikit.cache.opener import CachedOpener, cached
    from ocikit.cache.store import Cache
    from ocikit.cache.upkeep import Entry, clear, entries, prune

__all__ = ["Cache", "CachedOpener", "Entry", "cached", "clear", "entries", "prune"]

door(
    __name__,
    {
        "ocikit.cache.opener": "CachedOpener cached",
        "ocikit.cache.store": "Cache",
        "ocikit.cache.upkeep": "Entry clear entries prune",
    },
)
