"""
The JSON documents of the specifications as records.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

if TYPE_CHECKING:
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

door(
    __name__,
    {
        "ocikit.spec.config": "Config ConfigFile Healthcheck History RootFS",
        "ocikit.spec.descriptor": "Descriptor",
        "ocikit.spec.document": "Document",
        "ocikit.spec.manifest": "IndexManifest Manifest",
    },
)
