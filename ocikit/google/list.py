"""
What is in a repository.
"""

from __future__ import annotations

from ocikit.google.listed import Listing
from ocikit.google.listing import WANTS, Want, WantInvalid, listed
from ocikit.name.parse import parse_repository
from ocikit.name.records import Repository
from ocikit.registry.client import Client


def list(  # noqa: A001  # as the API has it
    repository: str | Repository, *, client: Client | None = None, want: Want = "tags"
) -> Listing:
    """
    List a repository: its tags, its manifests, and what is below it.

    Google's registries tell all of it at once, of manifests without a tag too. Others
    tell tags, and are asked for the rest, one manifest at a time, when it is wanted.

    Args:
        repository: as `gcr.io/project/app`.
        client: how to reach the registry; as many manifests are asked for at once as it
            has jobs.
        want: how much shall be known of the manifests of registries that do not tell
            it by themselves: "tags", "digests", "sizes" or "times".

    Raises:
        NameInvalid, WantInvalid: the arguments cannot be read.
        NameUnknown: there is no such repository.
        LinkInvalid: a page leads to another server, or back.
        ListTooLong: there is no end in sight.
        JSONInvalid, NumberInvalid: what comes is no such list.
        Refused, Unreachable: the registry said no, or nothing.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.registry.flush import flush
    >>> from ocikit.server.handler import registry
    >>> client = Client(send=registry())
    >>> pinned = flush("localhost/app:1", IMAGE, client=client)
    >>> found = list("localhost/app", client=client, want="digests")
    >>> [(each.digest == IMAGE.digest, each.tags) for each in found.manifests]
    [(True, ('1',))]
    """
    named = parse_repository(repository) if isinstance(repository, str) else repository
    if want not in WANTS:
        raise WantInvalid(want=want)
    client = client or Client()
    found = listed(named, client)
    if found.extended or want == "tags":
        return found
    from ocikit.google.details import detailed

    return detailed(found, want, client=client)
