"""
Registries: load and flush content, and what else a registry can be asked.
"""

from ocikit.registry.client import Client
from ocikit.registry.delete import delete
from ocikit.registry.flush import flush
from ocikit.registry.head import head
from ocikit.registry.list import catalog, tags
from ocikit.registry.load import load
from ocikit.registry.proxies import Proxies
from ocikit.registry.settings import Settings
from ocikit.registry.upload import upload

__all__ = [
    "Client",
    "Proxies",
    "Settings",
    "catalog",
    "delete",
    "flush",
    "head",
    "load",
    "tags",
    "upload",
]
