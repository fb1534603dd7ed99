"""
Finds in a registry what nobody needs any more, and deletes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

import attrs

from ocikit import media
from ocikit._records import EMPTY, evolve, record
from ocikit.content.blob import Blob
from ocikit.content.image import Content, Index
from ocikit.content.referrer import subject_of
from ocikit.digest import Digest
from ocikit.errors import Missing, OciError, Refused
from ocikit.google.details import detailed
from ocikit.google.garbage import (
    UNTAGGED,
    Choice,
    Garbage,
    Links,
    Retention,
    choose,
    dependents,
    garbage,
    may_go,
)
from ocikit.google.list import list as list_
from ocikit.google.listed import Listed, Listing
from ocikit.http.faults import RegistryRefused
from ocikit.name.parse import parse_repository
from ocikit.name.records import Pinned, Reference, Repository, Tag
from ocikit.registry.client import Client
from ocikit.registry.delete import delete
from ocikit.registry.load import load
from ocikit.registry.manifests import probe
from ocikit.registry.parallel import in_order
from ocikit.registry.referrers import referrers
from ocikit.registry.session import reach
from ocikit.spec.descriptor import Descriptor


@attrs.frozen(kw_only=True)
class TagTookManifest(Refused):
    """
    A registry deleted with a tag what it named, though that is needed.
    """

    tag: Tag
    manifest: Pinned

    def __str__(self) -> str:
        return (
            f"{self.tag}: with this tag the registry deleted {self.manifest.digest} as well, which "
            "is needed; no more tags of this repository were deleted: copy it there again"
        )


def find(
    repository: str | Repository,
    retention: Retention = UNTAGGED,
    *,
    client: Client | None = None,
    known: Garbage | None = None,
) -> Garbage:
    """
    Find what of a repository nobody needs any more, and touch nothing.

    Registries that list manifests without a tag are asked for what each refers to that may
    go, and each index. Of others only that can be found which tags lead to, or led to: with
    a manifest whose tags may go, its images and what is about it.

    Args:
        repository: where to look.
        retention: what may go; manifests without a tag when nothing is said.
        client: how to reach the registry; so many are asked for at once as it has jobs.
        known: what was found there before, so that less is asked.

    Raises:
        NameUnknown: there is no such repository.
        OciError: something that is needed to know could not be read; better nothing goes.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.registry.flush import flush
    >>> from ocikit.server.handler import registry
    >>> client = Client(send=registry(extended=True))
    >>> pinned = flush(f"localhost/app@{IMAGE.digest}", IMAGE, client=client)
    >>> [each.digest == IMAGE.digest for each in find("localhost/app", client=client).manifests]
    [True]
    """
    named = parse_repository(repository) if isinstance(repository, str) else repository
    client = client or Client()
    listing = _listing(named, retention, client, known)
    choice, before = choose(listing, retention), Choice()
    while choice != before:
        choice, before = dependents(listing, choice), choice
    if not (choice.manifests or choice.tags):
        return Garbage(listing=listing, ageless=choice.ageless)
    # Links are the same for ever, and what else is there is listed.
    links = known.links if known is not None and listing.extended else EMPTY
    return garbage(listing, choice, _Reader(listing, choice, client, links).read())


def _listing(
    repository: Repository, retention: Retention, client: Client, known: Garbage | None
) -> Listing:
    listing = list_(repository, client=client)
    if listing.extended or retention.tags is None:
        return listing
    # All of them: an index with another tag may need what has this one.
    listing = detailed(listing, "digests", client=client)
    if known is not None:
        before = {each.digest: each for each in known.listing.manifests}
        listing = evolve(
            listing,
            manifests=tuple(
                evolve(before.get(each.digest, each), tags=each.tags) for each in listing.manifests
            ),
        )
    if not retention.asks_for_times:
        return listing
    wanted = frozenset(may_go(retention, listing.tags))
    return detailed(listing, "times", client=client, only=wanted)


class _Reader:
    """
    Reads what manifests refer to, level by level.
    """

    def __init__(
        self, listing: Listing, choice: Choice, client: Client, links: Mapping[Digest, Links]
    ) -> None:
        self._listing, self._choice, self._client = listing, choice, client
        self._listed = frozenset(each.digest for each in listing.manifests)
        self._links = {digest: each for digest, each in links.items() if digest in self._listed}
        #: What goes with what may go, and is in no list.
        self._along: set[Digest] = set()

    def read(self) -> Mapping[Digest, Links]:
        """
        Read what may go, and all indexes.
        """
        level: Iterable[Digest] = [
            each.digest
            for each in self._listing.manifests
            if self._may_go(each.digest) or not each.media_type or media.is_index(each.media_type)
        ]
        while todo := [digest for digest in level if digest not in self._links]:
            following: dict[Digest, None] = {}
            looked = in_order(self._look, todo, min(self._client.jobs, len(todo)))
            for digest, (links, others) in zip(todo, looked, strict=True):
                self._links[digest] = links
                following.update(dict.fromkeys(self._next(digest, others)))
            level = following
        return self._links

    def _may_go(self, digest: Digest) -> bool:
        return digest in self._choice.manifests or digest in self._along

    def _look(self, digest: Digest) -> tuple[Links, list[tuple[Digest, str]]]:
        name = self._listing.repository.pin(digest)
        try:
            content = load(name, client=self._client)
        except Missing:
            # What stays, and is listed, has to be known: there must be images in it.
            if digest in self._listed and not self._may_go(digest):
                raise
            return Links(), []
        others = [(each.digest, each.media_type) for each in _children(content)]
        if not self._listing.extended and self._may_go(digest):
            about_it = referrers(name, client=self._client)
            others += [(each.digest, each.media_type or media.OCI_MANIFEST) for each in about_it]
        return links_of(content), others

    def _next(self, digest: Digest, others: Iterable[tuple[Digest, str]]) -> Iterator[Digest]:
        # Where all is listed, what is not is not there.
        if self._listing.extended:
            return
        for other, kind in others:
            if other in self._listed or not media.is_manifest(kind):
                continue
            if self._may_go(digest):
                self._along.add(other)
                yield other
            elif media.is_index(kind):
                yield other


def links_of(content: Content) -> Links:
    """
    Tell what a manifest refers to.

    >>> from ocikit.content.empty import IMAGE
    >>> links_of(IMAGE)
    Links(children=(), subject=None)
    """
    subject = None if isinstance(content, Blob) else subject_of(content)
    return Links(children=tuple(each.digest for each in _children(content)), subject=subject)


def _children(content: Content) -> tuple[Descriptor, ...]:
    return content.manifest.manifests if isinstance(content, Index) else ()


@record(kw_only=True)
class Unremoved:
    """
    Something that could not be deleted, and why.
    """

    name: str
    error: OciError


@record(kw_only=True)
class Removal:
    """
    What was deleted from a repository: by digest with all its tags, and tags alone.
    """

    manifests: tuple[Listed, ...] = ()
    tags: tuple[str, ...] = ()
    failed: tuple[Unremoved, ...] = ()


def remove(found: Garbage, retention: Retention, *, client: Client | None = None) -> Removal:
    """
    Delete what is not needed, after another look whether that is still so.

    What got a tag meanwhile stays, and so does what something new refers to. When
    something cannot be deleted, nothing is that it refers to, and the rest is.

    Args:
        found: what `find` found.
        retention: as it was told.
        client: how to reach the registry.

    Raises:
        OciError: the second look failed, and nothing was deleted.
    """
    client = client or Client()
    repository = found.listing.repository
    if not (found.manifests or found.tags):
        return Removal()
    now = find(repository, retention, client=client, known=found)
    gone, failed, spared = list[Listed](), list[Unremoved](), set[Digest]()
    for each in now.manifests:
        name = repository.pin(each.digest)
        error = None
        if each.digest not in spared:
            error = _delete(name, [repository.tag(tag, weak=True) for tag in each.tags], client)
        if error is None and each.digest not in spared:
            gone.append(each)
            continue
        if error is not None:
            failed.append(Unremoved(name=str(name), error=error))
        links = now.links.get(each.digest, Links())
        spared.update((*links.children, *([links.subject] if links.subject else ())))
    tags = list[str]()
    for tag in now.tags:
        error = _untag(now.listing, tag, client)
        if error is None:
            tags.append(tag)
            continue
        failed.append(Unremoved(name=f"{repository}:{tag}", error=error))
        if isinstance(error, TagTookManifest):
            break
    return Removal(manifests=tuple(gone), tags=tuple(tags), failed=tuple(failed))


def _untag(listing: Listing, tag: str, client: Client) -> OciError | None:
    name = listing.repository.tag(tag, weak=True)
    error = _delete(name, [], client)
    named = next(each.digest for each in listing.manifests if tag in each.tags)
    pinned = listing.repository.pin(named)
    if error is None and probe(reach(client, listing.repository), pinned.identifier) is None:
        return TagTookManifest(tag=name, manifest=pinned)
    return error


def _delete(name: Reference, tags: Iterable[Reference], client: Client) -> OciError | None:
    """
    Delete, and give the error when that cannot be done; what is gone is deleted.
    """
    try:
        with suppress(Missing):
            delete(name, client=client)
    except RegistryRefused as error:
        # Google's registries delete no manifest that has a tag.
        tags = list(tags)
        failures = (_delete(tag, (), client) for tag in tags)
        failure = next((each for each in failures if each is not None), None)
        return error if failure is not None or not tags else _delete(name, (), client)
    except OciError as error:
        return error
    return None
