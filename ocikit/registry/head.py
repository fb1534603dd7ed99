"""
What a reference names, without its bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ocikit.errors import OciError
from ocikit.name.parse import parse_reference
from ocikit.name.records import Reference
from ocikit.registry.client import Client
from ocikit.registry.manifests import describe
from ocikit.registry.parallel import in_order
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


def heads(
    references: Iterable[str | Reference], *, client: Client | None = None
) -> Iterator[tuple[Reference, Descriptor | OciError]]:
    """
    Describe what many references name, as many at once as the client has jobs.

    They are taken as they are needed, a few ahead, and given in their order; of one that
    cannot be described, the error is given instead.

    Raises:
        NameInvalid: a reference cannot be read.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.registry.flush import flush
    >>> from ocikit.server.handler import registry
    >>> client = Client(send=registry())
    >>> _ = flush("localhost/app:1", IMAGE, client=client)
    >>> found = heads(["localhost/app:1", "localhost/app:2"], client=client)
    >>> [type(each).__name__ for _, each in found]
    ['Descriptor', 'ManifestUnknown']
    """
    known = client or Client()
    named = (parse_reference(each) if isinstance(each, str) else each for each in references)

    def look(name: Reference) -> tuple[Reference, Descriptor | OciError]:
        try:
            return name, head(name, client=known)
        except OciError as error:
            return name, error

    return in_order(look, named, known.jobs)
