"""
What somebody writes with ocikit: images are made ready to be shipped.
"""

from __future__ import annotations

from ocikit import mutate
from ocikit.content.image import Image


def ready(image: Image, version: str) -> Image:
    """
    Label an image with its version, and let it run as nobody.
    """
    kept = {"org.opencontainers.image.version": version}
    labelled = mutate.labels(image, set=kept, remove=image.config_file.config.labels)
    return mutate.config(labelled, user="65534:65534")
