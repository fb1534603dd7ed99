"""
Another tag for what a registry has.
"""

from __future__ import annotations

from collections.abc import Sequence

from ocikit.http.scope import PUSH
from ocikit.name.parse import parse_reference
from ocikit.name.records import Reference, Tag
from ocikit.registry.client import Client
from ocikit.registry.manifests import Stored, fetch, put
from ocikit.registry.parallel import Stop, each
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
    return tag_all(reference, [new], client=client)[0]


def tag_all(
    reference: str | Reference, new: Sequence[str], *, client: Client | None = None
) -> tuple[Tag, ...]:
    """
    Give what a registry has under a reference more tags there: one GET, and a PUT for each.

    Args:
        reference: what is there, by tag or digest.
        new: the tags, in the same repository; as many are put at once as the client has jobs.
        client: how to reach the registry.

    Raises:
        NameInvalid: the reference or a tag cannot be one; then nothing was tagged.
        ManifestUnknown: nothing is there.
        Refused, Unreachable: the registry did not take one; others may be there.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.registry.flush import flush
    >>> from ocikit.server.handler import registry
    >>> client = Client(send=registry())
    >>> _ = flush("localhost/app:1.2", IMAGE, client=client)
    >>> [str(tag) for tag in tag_all("localhost/app:1.2", ["1", "latest"], client=client)]
    ['localhost/app:1', 'localhost/app:latest']
    """
    named = parse_reference(reference) if isinstance(reference, str) else reference
    wanted = tuple(map(named.repository.tag, new))
    client = client or Client()
    access = reach(client, named.repository, PUSH)
    raw, descriptor = fetch(access, named)
    stored = Stored(raw, descriptor.media_type, descriptor.digest)
    each(lambda tag: put(access, tag, stored), new, client.jobs, Stop())
    return wanted
