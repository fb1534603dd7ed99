"""
Archives: `docker save`'s, and OCI layouts in a tar.
"""

from ocikit.tarball.flush import flush, size_of
from ocikit.tarball.load import ImageMissing, load, load_all
from ocikit.tarball.ocilayout import flush_oci, load_oci

__all__ = ["ImageMissing", "flush", "flush_oci", "load", "load_all", "load_oci", "size_of"]
