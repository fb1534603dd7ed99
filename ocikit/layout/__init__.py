"""
OCI layouts: folders that hold images, indexes and artifacts by digest.
"""

from ocikit.layout.flush import flush
from ocikit.layout.load import entries, load, root
from ocikit.layout.remove import gc, remove

__all__ = ["entries", "flush", "gc", "load", "remove", "root"]
