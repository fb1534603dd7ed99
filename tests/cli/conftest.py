"""
Registries on loopback to run commands against.
"""

from __future__ import annotations

from random import Random

import pytest

from ocikit.content import synthetic
from ocikit.content.image import Image, Index
from ocikit.testing.sockets import RegistryServer


@pytest.fixture
def host(oci_registry_server: RegistryServer) -> str:
    """
    An empty registry, as "127.0.0.1:PORT".
    """
    return oci_registry_server.host


@pytest.fixture
def image(oci_registry_server: RegistryServer) -> Image:
    """
    An image of two layers, which the registry has as `app:1`.
    """
    made = synthetic.image(Random(1), layers=2)
    oci_registry_server.flush("app:1", made)
    return made


@pytest.fixture
def index(oci_registry_server: RegistryServer) -> Index:
    """
    An index of two platforms, which the registry has as `both:1`.
    """
    made = synthetic.index(Random(2))
    oci_registry_server.flush("both:1", made)
    return made
