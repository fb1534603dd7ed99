"""
What a reference names, without its bytes.
"""

from __future__ import annotations

from ocikit.name.parse import parse_reference
from ocikit.name.records import Reference
from ocikit.registry.client import Client
from ocikit.registry.manifests import describe
from ocikit.registry.session import reach
from ocikit.spec.descriptor import Descriptor


def head(reference: str | Reference, *, client: Client | None = None) -> Descriptor:
    """
    Describe what a reference names: its media type, size and digest.

    Args:
        reference: a name, as `debian:12`.
        client: how to reach the registry.

    Raises:
        NameInvalid: the reference cannot be read.
        ManifestUnknown: the registry does not have it.
        Refused, Unreachable: the registry said no, or nothing.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.registry.flush import flush
    >>> from ocikit.server.handler import registry
    >>> client = Client(send=registry())
    >>> pinned = flush("localhost/app:1", IMAGE, client=client)
    >>> head("localhost/app:1", client=client).digest == IMAGE.digest
    True
    """
    named = parse_reference(reference) if isinstance(reference, str) else reference
    return describe(reach(client or Client(), named.repository), named)
