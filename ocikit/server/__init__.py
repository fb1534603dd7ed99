"""
A registry as a function of requests, over a storage, and the server that exposes it.
"""

from ocikit.server.connection import Exchange
from ocikit.server.handler import RegistryHandler, registry
from ocikit.server.memory import Memory
from ocikit.server.serve import Server, serve
from ocikit.server.storage import Storage, StoredBlob, StoredManifest
from ocikit.server.wire import Patience

__all__ = [
    "Exchange",
    "Memory",
    "Patience",
    "RegistryHandler",
    "Server",
    "Storage",
    "StoredBlob",
    "StoredManifest",
    "registry",
    "serve",
]
