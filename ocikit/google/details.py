"""
What registries do not tell in a list: digests, sizes and times, found from manifests.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import UTC, datetime
from typing import Final

from ocikit import media
from ocikit._records import evolve
from ocikit.content.blob import Blob
from ocikit.content.image import Content, Image, Index
from ocikit.digest import Digest
from ocikit.errors import Corrupt, Missing
from ocikit.google.listed import Listed, Listing
from ocikit.google.listing import WANTS, Want
from ocikit.name.records import Repository
from ocikit.registry.client import Client
from ocikit.registry.head import head
from ocikit.registry.load import load
from ocikit.registry.parallel import in_order
from ocikit.spec.descriptor import Descriptor

#: When the content of an image was made (image-spec, annotations.md).
_CREATED: Final = "org.opencontainers.image.created"


def detailed(
    listing: Listing,
    want: Want,
    *,
    client: Client | None = None,
    only: Set[str] | None = None,
) -> Listing:
    """
    Find out more of the manifests of a list; what it says already is not asked for.

    Tags that are gone meanwhile are left out.

    Args:
        listing: what is known.
        want: what shall be: "digests", "sizes" or "times".
        client: how to reach the registry; so many are asked for at once as it has jobs.
        only: look at these tags, and no others; at all when None.

    Raises:
        Corrupt: a manifest is not what it was said to be.
        Refused, Unreachable: the registry said no, or nothing.
    """
    client = client or Client()
    if listing.extended or want == "tags":
        return listing
    found = listing.manifests or _tagged(listing, client, only)
    if want == "digests":
        return evolve(listing, manifests=found)
    level = WANTS.index(want)

    def look(each: Listed) -> Listed | None:
        known = each.size is not None and (want == "sizes" or each.created is not None)
        if known or (only is not None and not only & set(each.tags)):
            return each
        try:
            return _described(each, listing.repository, client, times=level > WANTS.index("sizes"))
        except Missing:
            return None

    known = in_order(look, found, min(client.jobs, len(found)) or 1)
    return evolve(listing, manifests=tuple(each for each in known if each is not None))


def _tagged(listing: Listing, client: Client, only: Set[str] | None) -> tuple[Listed, ...]:
    repository = listing.repository
    tags = [tag for tag in listing.tags if only is None or tag in only]

    def look(tag: str) -> Descriptor | None:
        try:
            return head(repository.tag(tag, weak=True), client=client)
        except Missing:
            return None

    known: dict[Digest, Listed] = {}
    for tag, found in zip(
        tags, in_order(look, tags, min(client.jobs, len(tags)) or 1), strict=True
    ):
        if found is not None:
            new = Listed(digest=found.digest, media_type=found.media_type)
            before = known.setdefault(found.digest, new)
            known[found.digest] = evolve(before, tags=(*before.tags, tag))
    return tuple(known.values())


def _described(listed: Listed, repository: Repository, client: Client, *, times: bool) -> Listed:
    content = load(repository.pin(listed.digest), client=client)
    return evolve(
        listed,
        media_type=listed.media_type or content.media_type,
        size=size_of(content),
        created=created_of(content) if times else None,
    )


def size_of(content: Content) -> int:
    """
    Tell how many bytes what content refers to has: configuration and layers, or the
    manifests that an index lists.

    >>> from ocikit.content.empty import IMAGE
    >>> size_of(IMAGE) == IMAGE.config.size
    True
    """
    if isinstance(content, Image):
        return content.config.size + sum(each.size for each in content.manifest.layers)
    if isinstance(content, Index):
        return sum(each.size for each in content.manifest.manifests)
    return content.size


def created_of(content: Content) -> datetime | None:
    """
    Tell when content was made: by its annotations, or its configuration; an index is as
    old as its first image. None when nothing says so.

    >>> from ocikit.content.empty import IMAGE
    >>> created_of(IMAGE).year
    1
    """
    if isinstance(content, Blob):
        return None
    said = moment(content.manifest.annotations.get(_CREATED, ""))
    if said is not None:
        return said
    if isinstance(content, Index):
        return _of_first(content)
    if not media.is_config(content.config.media_type):
        return None
    try:
        return moment(content.config_file.created)
    except (Corrupt, Missing):
        # An image without its configuration is no use, and of no known age.
        return None


def _of_first(index: Index) -> datetime | None:
    for child in index.children:
        descriptor = child.descriptor
        aside = descriptor.platform is not None and descriptor.platform.unknown
        if not media.is_manifest(descriptor.media_type) or aside:
            continue
        try:
            return created_of(child.content)
        except Missing:
            continue
    return None


def moment(text: str) -> datetime | None:
    """
    Read a time (RFC 3339), to the microsecond; None when it is none.

    >>> moment("2024-02-29T12:34:56.789012345+01:00").isoformat(), moment("yesterday")
    ('2024-02-29T12:34:56.789012+01:00', None)
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
