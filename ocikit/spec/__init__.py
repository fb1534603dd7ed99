"""
The JSON documents of the specifications as records.
"""

from ocikit.spec.config import Config, ConfigFile, Healthcheck, History, RootFS
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import Document
from ocikit.spec.manifest import IndexManifest, Manifest

__all__ = [
    "Config",
    "ConfigFile",
    "Descriptor",
    "Document",
    "Healthcheck",
    "History",
    "IndexManifest",
    "Manifest",
    "RootFS",
]
