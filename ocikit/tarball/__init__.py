"""
Archives: `docker save`'s, and OCI layouts in a tar.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

if TYPE_CHECKING:
    from ocikit.tarball.flush import flush, size_of
    from ocikit.tarball.load import ImageMissing, load, load_all
    from ocikit.tarball.ocilayout import flush_oci, load_oci

__all__ = ["ImageMissing", "flush", "flush_oci", "load", "load_all", "load_oci", "size_of"]

door(
    __name__,
    {
        "ocikit.tarball.flush": "flush size_of",
        "ocikit.tarball.load": "ImageMissing load load_all",
        "ocikit.tarball.ocilayout": "flush_oci load_oci",
    },
)
