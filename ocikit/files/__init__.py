"""
Files: layers from folders and archives, openers of files, writes that are whole or not.
"""

from ocikit.files.atomic import replacing
from ocikit.files.layer import layer, tar_layer
from ocikit.files.opener import FileOpener

__all__ = ["FileOpener", "layer", "replacing", "tar_layer"]
