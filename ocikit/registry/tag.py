"""
Another tag for what a registry has.
"""

from __future__ import annotations

from ocikit.http.scope import PUSH
from ocikit.name.parse import parse_reference
from ocikit.name.records import Reference, Tag
from ocikit.registry.client import Client
from ocikit.registry.manifests import Stored, fetch, put
from ocikit.registry.session import reach


def tag(reference: str | Reference, new: str, *, client: Client | None = None) -> Tag:
    """
    Give what a registry has under a reference another tag there; no blob moves.

    Args:
        reference: what is there, by tag or digest.
        new: the tag, in the same repository.
        client: how to reach the registry.

    Raises:
        NameInvalid: the reference or the tag cannot be one.
        ManifestUnknown: nothing is there.
        Refused, Unreachable: the registry did not take it.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.registry.flush import flush
    >>> from ocikit.server.handler import registry
    >>> client = Client(send=registry())
    >>> _ = flush("localhost/app:1", IMAGE, client=client)
    >>> str(tag("localhost/app:1", "latest", client=client))
    'localhost/app:latest'
    """
    named = parse_reference(reference) if isinstance(reference, str) else reference
    wanted = named.repository.tag(new)
    access = reach(client or Client(), named.repository, PUSH)
    raw, descriptor = fetch(access, named)
    put(access, new, Stored(raw, descriptor.media_type, descriptor.digest))
    return wanted
