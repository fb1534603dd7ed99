"""
A cache of blobs and documents by digest, which any source can be read through.
"""

from ocikit.cache.opener import CachedOpener, cached
from ocikit.cache.store import Cache
from ocikit.cache.upkeep import Entry, clear, entries, prune

__all__ = ["Cache", "CachedOpener", "Entry", "cached", "clear", "entries", "prune"]
