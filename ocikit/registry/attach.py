"""
Artifacts about what a registry has.
"""

from __future__ import annotations

from ocikit.content.image import Image, Index
from ocikit.name.parse import parse_reference
from ocikit.name.records import Pinned, Reference
from ocikit.progress import Report, quiet
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from ocikit.registry.manifests import describe
from ocikit.registry.session import reach


def attach(
    reference: str | Reference,
    artifact: Image | Index,
    *,
    client: Client | None = None,
    report: Report = quiet,
) -> Pinned:
    """
    Put an artifact beside a manifest of a registry, and let it be about that.

    It is found by `referrers`, under no tag.

    Args:
        reference: what it is to be about, by tag or digest.
        artifact: what to put there; its subject becomes that, whatever it was.
        client: how to reach the registry.
        report: told what happens.

    Returns:
        The artifact's reference.

    Raises:
        NameInvalid: the reference cannot be read.
        ManifestUnknown: there is nothing to be about.
        Refused, Unreachable: the registry did not take it.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.content.partial import artifact
    >>> from ocikit.registry.referrers import referrers
    >>> from ocikit.server.handler import registry
    >>> client = Client(send=registry())
    >>> _ = flush("localhost/app:1", IMAGE, client=client)
    >>> note = attach("localhost/app:1", artifact("text/plain"), client=client)
    >>> [found.digest == note.digest for found in referrers("localhost/app:1", client=client)]
    [True]
    """
    from ocikit.mutate.members import subject as about

    named = parse_reference(reference) if isinstance(reference, str) else reference
    client = client or Client()
    found = describe(reach(client, named.repository), named)
    made = about(artifact, found)
    return flush(named.repository.pin(made.digest), made, client=client, report=report)
