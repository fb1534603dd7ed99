"""
Registries on loopback to run commands against.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from ocikit.content import synthetic
from ocikit.content.image import Image, Index
from ocikit.registry.flush import flush
from ocikit.server.handler import registry
from ocikit.server.web.serve import serve


@pytest.fixture
def host() -> Iterator[str]:
    """
    An empty registry, as "127.0.0.1:PORT".
    """
    with serve(registry()) as server:
        yield server.host


@pytest.fixture
def image(host: str) -> Image:
    """
    An image of two layers, which the registry has as `app:1`.
    """
    made = synthetic.image(Random(1), layers=2)
    flush(f"{host}/app:1", made)
    return made


@pytest.fixture
def index(host: str) -> Index:
    """
    An index of two platforms, which the registry has as `both:1`.
    """
    made = synthetic.index(Random(2))
    flush(f"{host}/both:1", made)
    return made
