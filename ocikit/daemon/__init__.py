"""
Container engines: Docker's, and podman's compatible one.
"""

from ocikit.daemon.engine import Engine
from ocikit.daemon.images import EngineImage, delete, flush, images, inspect, load, tag

__all__ = ["Engine", "EngineImage", "delete", "flush", "images", "inspect", "load", "tag"]
