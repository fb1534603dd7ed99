"""
What tests of layouts share.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from ocikit import mutate
from ocikit.content import synthetic
from ocikit.content.image import Image
from ocikit.content.partial import image_of
from ocikit.files.layer import layer
from ocikit.spec.config import ConfigFile


@pytest.fixture
def image() -> Image:
    """
    A small image of two layers.
    """
    return synthetic.image(Random(1), layers=2)


@pytest.fixture
def busybox(busybox_layer_tree: Path) -> Image:
    """
    A runnable image of a static busybox.
    """
    image = image_of(ConfigFile(os="linux", architecture="amd64"), [layer(busybox_layer_tree)])
    return mutate.config(image, cmd=["/bin/sh", "-c", "echo it runs"])
