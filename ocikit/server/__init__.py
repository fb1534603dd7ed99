"""
A registry as a function of requests, over a storage, and the server that exposes it.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

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
    from ocikit.server.handler import RegistryHandler, registry
    from ocikit.server.memory import Memory
    from ocikit.server.objects.storage import Objects
    from ocikit.server.quirks.profiles import PROFILES, Profile, ProfileUnknown, profile
    from ocikit.server.quirks.uploads import MountNever
    from ocikit.server.storage import Storage, StoredBlob, StoredManifest
    from ocikit.server.upstream.proxy import proxy
    from ocikit.server.web.asgi import asgi
    from ocikit.server.web.guard import Exchange
    from ocikit.server.web.serve import Server, serve
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

door(
    __name__,
    {
        "ocikit.server.auth.access": "members public",
        "ocikit.server.auth.basic": "basic_auth",
        "ocikit.server.auth.bearer": "Tokens token_auth",
        "ocikit.server.disk.fsck": "Finding fsck",
        "ocikit.server.disk.storage": "Disk",
        "ocikit.server.faults.mishaps": (
            "AnswerLost DigestLie Drop Flip Latency LinkGarbled NoReferrers RangeLie "
            "Redirected Status TokenExpired UploadLost"
        ),
        "ocikit.server.faults.plan": "Fault FaultInvalid Faulty Strike faulty",
        "ocikit.server.faults.watched": "LineBroken",
        "ocikit.server.faults.written": "faults_from_json faults_to_json",
        "ocikit.server.garbage": "Removed collect removals",
        "ocikit.server.handler": "RegistryHandler registry",
        "ocikit.server.memory": "Memory",
        "ocikit.server.objects.storage": "Objects",
        "ocikit.server.quirks.profiles": "PROFILES Profile ProfileUnknown profile",
        "ocikit.server.quirks.uploads": "MountNever",
        "ocikit.server.storage": "Storage StoredBlob StoredManifest",
        "ocikit.server.upstream.proxy": "proxy",
        "ocikit.server.web.asgi": "asgi",
        "ocikit.server.web.guard": "Exchange",
        "ocikit.server.web.serve": "Server serve",
        "ocikit.server.web.wire": "Patience",
        "ocikit.server.web.wsgi": "wsgi",
    },
)
