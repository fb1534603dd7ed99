"""
Content from a registry: manifests now, everything else when it is opened.
"""

from __future__ import annotations

from ocikit import platforms
from ocikit.content.assemble import assemble
from ocikit.content.image import Content
from ocikit.name.parse import parse_reference
from ocikit.name.records import Reference
from ocikit.platforms import Platform
from ocikit.query.select import resolve
from ocikit.registry.client import Client
from ocikit.registry.manifests import fetch
from ocikit.registry.opener import source
from ocikit.registry.schema1 import with_parts
from ocikit.registry.session import reach


def load(
    reference: str | Reference,
    *,
    client: Client | None = None,
    platform: str | Platform | None = None,
) -> Content:
    """
    Load an image, index or artifact; one manifest is read, and no blob.

    Args:
        reference: its name, as `debian:12` or `ghcr.io/me/app@sha256:...`.
        client: how to reach the registry.
        platform: when the name is of an index, the image of it to choose; without one
            an index stays an index.

    Returns:
        An `Image` or `Index`; what is neither, as a manifest of schema 1, is a `Blob`.

    Raises:
        NameInvalid, PlatformInvalid: the arguments cannot be read.
        PlatformMissing: the index has no such image.
        ManifestUnknown: the registry does not have it.
        Corrupt: what came is not what was named, or can be read in two ways.
        Refused, Unreachable: the registry said no, or nothing.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.registry.flush import flush
    >>> from ocikit.server.handler import registry
    >>> client = Client(send=registry())
    >>> pinned = flush("localhost/app:1", IMAGE, client=client)
    >>> load("localhost/app:1", client=client).digest == pinned.digest
    True
    """
    named = parse_reference(reference) if isinstance(reference, str) else reference
    wanted = platforms.parse(platform) if isinstance(platform, str) else platform
    client = client or Client()
    raw, descriptor = fetch(reach(client, named.repository), named)
    content = assemble(raw, descriptor, source(client, named.repository))
    return resolve(with_parts(content, client, named.repository), wanted)
