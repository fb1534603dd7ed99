"""
A registry as a function of requests, over a storage, and the server that exposes it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from ocikit.server.handler import RegistryHandler, registry
from ocikit.server.memory import Memory
from ocikit.server.storage import Storage, StoredBlob, StoredManifest

# Not lazy: the module and the verb have one name, and the verb is to win.
from ocikit.server.web.serve import Server, serve

if TYPE_CHECKING:
    from ocikit.server.auth.access import members, public
    from ocikit.server.auth.basic import basic_auth
    from ocikit.server.auth.bearer import Tokens, token_auth
    from ocikit.server.disk.fsck import Finding, fsck
    from ocikit.server.disk.storage import Disk
    from ocikit.server.faults.mishaps import (
        AnswerLost,
        DigestLie,
        Drop,
        Flip,
        Latency,
        LinkGarbled,
        NoReferrers,
        RangeLie,
        Redirected,
        Status,
        TokenExpired,
        UploadLost,
    )
    from ocikit.server.faults.plan import Fault, FaultInvalid, Faulty, Strike, faulty
    from ocikit.server.faults.watched import LineBroken
    from ocikit.server.faults.written import faults_from_json, faults_to_json
    from ocikit.server.garbage import Removed, collect, removals
    from ocikit.server.objects.storage import Objects
    from ocikit.server.quirks.profiles import PROFILES, Profile, ProfileUnknown, profile
    from ocikit.server.quirks.uploads import MountNever
    from ocikit.server.upstream.proxy import proxy
    from ocikit.server.web.asgi import asgi
    from ocikit.server.web.guard import Exchange
    from ocikit.server.web.wire import Patience
    from ocikit.server.web.wsgi import wsgi

__all__ = [
    "PROFILES",
    "AnswerLost",
    "DigestLie",
    "Disk",
    "Drop",
    "Exchange",
    "Fault",
    "FaultInvalid",
    "Faulty",
    "Finding",
    "Flip",
    "Latency",
    "LineBroken",
    "LinkGarbled",
    "Memory",
    "MountNever",
    "NoReferrers",
    "Objects",
    "Patience",
    "Profile",
    "ProfileUnknown",
    "RangeLie",
    "Redirected",
    "RegistryHandler",
    "Removed",
    "Server",
    "Status",
    "Storage",
    "StoredBlob",
    "StoredManifest",
    "Strike",
    "TokenExpired",
    "Tokens",
    "UploadLost",
    "asgi",
    "basic_auth",
    "collect",
    "faults_from_json",
    "faults_to_json",
    "faulty",
    "fsck",
    "members",
    "profile",
    "proxy",
    "public",
    "registry",
    "removals",
    "serve",
    "token_auth",
    "wsgi",
]

_LAZY: Final = {
    "PROFILES": "quirks.profiles",
    "Disk": "disk.storage",
    "Finding": "disk.fsck",
    "Removed": "garbage",
    "collect": "garbage",
    "removals": "garbage",
    "fsck": "disk.fsck",
    "Exchange": "web.guard",
    "AnswerLost": "faults.mishaps",
    "DigestLie": "faults.mishaps",
    "Drop": "faults.mishaps",
    "Fault": "faults.plan",
    "FaultInvalid": "faults.plan",
    "Faulty": "faults.plan",
    "Flip": "faults.mishaps",
    "Latency": "faults.mishaps",
    "LineBroken": "faults.watched",
    "LinkGarbled": "faults.mishaps",
    "MountNever": "quirks.uploads",
    "NoReferrers": "faults.mishaps",
    "Objects": "objects.storage",
    "Patience": "web.wire",
    "Profile": "quirks.profiles",
    "ProfileUnknown": "quirks.profiles",
    "RangeLie": "faults.mishaps",
    "Redirected": "faults.mishaps",
    "Status": "faults.mishaps",
    "Strike": "faults.plan",
    "TokenExpired": "faults.mishaps",
    "Tokens": "auth.bearer",
    "UploadLost": "faults.mishaps",
    "asgi": "web.asgi",
    "basic_auth": "auth.basic",
    "faults_from_json": "faults.written",
    "faults_to_json": "faults.written",
    "faulty": "faults.plan",
    "members": "auth.access",
    "profile": "quirks.profiles",
    "proxy": "upstream.proxy",
    "public": "auth.access",
    "token_auth": "auth.bearer",
    "wsgi": "web.wsgi",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(f"ocikit.server.{_LAZY[name]}"), name)
    raise AttributeError(f"module 'ocikit.server' has no attribute {name!r}")
