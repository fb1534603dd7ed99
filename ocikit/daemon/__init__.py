"""
Container engines: Docker's, and podman's compatible one.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

if TYPE_CHECKING:
    from ocikit.daemon.contexts import chosen, context
    from ocikit.daemon.engine import Engine, EngineTLS
    from ocikit.daemon.images import EngineImage, delete, flush, images, inspect, load, tag

__all__ = [
    "Engine",
    "EngineImage",
    "EngineTLS",
    "chosen",
    "context",
    "delete",
    "flush",
    "images",
    "inspect",
    "load",
    "tag",
]

door(
    __name__,
    {
        "ocikit.daemon.contexts": "chosen context",
        "ocikit.daemon.engine": "Engine EngineTLS",
        "ocikit.daemon.images": "EngineImage delete flush images inspect load tag",
    },
)
