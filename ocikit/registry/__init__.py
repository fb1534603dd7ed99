"""
Registries: load and flush content, and what else a registry can be asked.
"""

from ocikit.registry.attach import attach
from ocikit.registry.blob import blob
from ocikit.registry.client import Client
from ocikit.registry.delete import delete, delete_blob, untag
from ocikit.registry.flush import flush
from ocikit.registry.head import head, heads
from ocikit.registry.list import catalog, tags
from ocikit.registry.load import load
from ocikit.registry.proxies import Proxies
from ocikit.registry.referrers import referrers
from ocikit.registry.settings import Settings
from ocikit.registry.several import flush_all
from ocikit.registry.tag import tag
from ocikit.registry.upload import upload

__all__ = [
    "Client",
    "Proxies",
    "Settings",
    "attach",
    "blob",
    "catalog",
    "delete",
    "delete_blob",
    "flush",
    "flush_all",
    "head",
    "heads",
    "load",
    "referrers",
    "tag",
    "tags",
    "untag",
    "upload",
]
