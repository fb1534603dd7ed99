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
    from ocikit.server.faultjson import faults_from_json, faults_to_json
    from ocikit.server.faults import Fault, FaultInvalid, Faulty, Strike, faulty
    from ocikit.server.fsck import Finding, fsck
    from ocikit.server.guard import Exchange
    from ocikit.server.mishaps import (
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
    from ocikit.server.objects import Objects
    from ocikit.server.profiles import PROFILES, Profile, ProfileUnknown, profile
    from ocikit.server.uploadquirks import MountNever
    from ocikit.server.watched import LineBroken
    from ocikit.server.wire import Patience

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
    "basic_auth",
    "collect",
    "faults_from_json",
    "faults_to_json",
    "faulty",
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
    "AnswerLost": "mishaps",
    "DigestLie": "mishaps",
    "Drop": "mishaps",
    "Fault": "faults",
    "FaultInvalid": "faults",
    "Faulty": "faults",
    "Flip": "mishaps",
    "Latency": "mishaps",
    "LineBroken": "watched",
    "LinkGarbled": "mishaps",
    "MountNever": "uploadquirks",
    "NoReferrers": "mishaps",
    "Objects": "objects",
    "Patience": "wire",
    "Profile": "profiles",
    "ProfileUnknown": "profiles",
    "RangeLie": "mishaps",
    "Redirected": "mishaps",
    "Status": "mishaps",
    "Strike": "faults",
    "TokenExpired": "mishaps",
    "Tokens": "bearer",
    "UploadLost": "mishaps",
    "basic_auth": "basic",
    "faults_from_json": "faultjson",
    "faults_to_json": "faultjson",
    "faulty": "faults",
    "members": "access",
    "profile": "profiles",
    "public": "access",
    "token_auth": "bearer",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(f"ocikit.server.{_LAZY[name]}"), name)
    raise AttributeError(f"module 'ocikit.server' has no attribute {name!r}")
