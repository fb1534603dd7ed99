"""
Content of registries through a cache.
"""

from __future__ import annotations

from ocikit import media
from ocikit.cache.opener import cached
from ocikit.cache.store import Cache, document
from ocikit.content.image import Content
from ocikit.name.records import Reference
from ocikit.registry.client import Client
from ocikit.registry.head import head
from ocikit.registry.load import load
from ocikit.registry.opener import RegistryChild


def load_cached(name: Reference, client: Client, cache: Cache) -> Content:
    """
    Load from a registry through a cache: what that has is only asked for by name.

    One HEAD tells what the name stands for today.

    Raises:
        Missing, Refused, Unreachable, Corrupt: the registry could not give it.
    """
    descriptor = head(name, client=client)
    raw = document(cache, descriptor)
    # A document of schema 1 does not say all that is needed to copy it.
    if raw is None or media.is_schema1(descriptor.media_type):
        return cached(load(name, client=client), cache)
    return cached(RegistryChild(client, name.repository, descriptor).made_of(raw), cache)
