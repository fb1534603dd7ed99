"""
Container engines: Docker's, and podman's compatible one.
"""

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
