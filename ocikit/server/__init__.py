"""
A registry as a function of requests, over a storage, and the server that exposes it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from ocikit.server.handler import RegistryHandler, registry
from ocikit.server.memory import Memory

# Not lazy: the module and the verb have one name, and the verb is to win.
from ocikit.server.serve import Server, serve
from ocikit.server.storage import Storage, StoredBlob, StoredManifest

if TYPE_CHECKING:
    from ocikit.server.access import members, public
    from ocikit.server.basic import basic_auth
    from ocikit.server.bearer import Tokens, token_auth
    from ocikit.server.collect import Removed, collect
    from ocikit.server.disk import Disk
    from ocikit.server.fsck import Finding, fsck
    from ocikit.server.guard import Exchange
    from ocikit.server.profiles import PROFILES, Profile, ProfileUnknown, profile
    from ocikit.server.wire import Patience

__all__ = [
    "PROFILES",
    "Disk",
    "Exchange",
    "Finding",
    "Memory",
    "Patience",
    "Profile",
    "ProfileUnknown",
    "RegistryHandler",
    "Removed",
    "Server",
    "Storage",
    "StoredBlob",
    "StoredManifest",
    "Tokens",
    "basic_auth",
    "collect",
    "fsck",
    "members",
    "profile",
    "public",
    "registry",
    "serve",
    "token_auth",
]

_LAZY: Final = {
    "PROFILES": "profiles",
    "Disk": "disk",
    "Finding": "fsck",
    "Removed": "collect",
    "collect": "collect",
    "fsck": "fsck",
    "Exchange": "guard",
    "Patience": "wire",
    "Profile": "profiles",
    "ProfileUnknown": "profiles",
    "Tokens": "bearer",
    "basic_auth": "basic",
    "members": "access",
    "profile": "profiles",
    "public": "access",
    "token_auth": "bearer",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(f"ocikit.server.{_LAZY[name]}"), name)
    raise AttributeError(f"module 'ocikit.server' has no attribute {name!r}")
