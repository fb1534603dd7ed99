"""
OCI layouts: folders that hold images, indexes and artifacts by digest.

Plain directories, as skopeo's `dir:` has them, hold one image or index each.
"""

from ocikit.layout.flush import flush
from ocikit.layout.load import entries, load, root
from ocikit.layout.plain import load_plain
from ocikit.layout.plain_flush import flush_plain
from ocikit.layout.remove import gc, remove

__all__ = ["entries", "flush", "flush_plain", "gc", "load", "load_plain", "remove", "root"]
