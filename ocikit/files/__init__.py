"""
Files: layers from folders and archives, and folders from layers; openers of files; writes
that are whole or not.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

if TYPE_CHECKING:
    from ocikit.files.atomic import replacing
    from ocikit.files.extraction import extract
    from ocikit.files.layer import layer, tar_layer
    from ocikit.files.opener import FileOpener
    from ocikit.files.repack import difference

__all__ = ["FileOpener", "difference", "extract", "layer", "replacing", "tar_layer"]

door(
    __name__,
    {
        "ocikit.files.atomic": "replacing",
        "ocikit.files.extraction": "extract",
        "ocikit.files.layer": "layer tar_layer",
        "ocikit.files.opener": "FileOpener",
        "ocikit.files.repack": "difference",
    },
)
