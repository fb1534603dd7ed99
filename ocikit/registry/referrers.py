"""
What refers to a manifest: signatures, attestations, and other artifacts about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from ocikit import media
from ocikit.content.image import Content
from ocikit.content.referrer import as_referrer, subject_of
from ocikit.digest import Digest
from ocikit.errors import Corrupt
from ocikit.http import answers, routes
from ocikit.http.answers import MAX_PAGE, read_body
from ocikit.http.faults import Answered
from ocikit.http.message import Request, Response
from ocikit.http.paging import pages
from ocikit.name.parse import parse_reference
from ocikit.name.records import Pinned, Reference, Repository
from ocikit.registry import fallback
from ocikit.registry.client import Client
from ocikit.registry.manifests import describe
from ocikit.registry.session import Access, reach
from ocikit.registry.target import Target
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import read
from ocikit.spec.manifest import IndexManifest

#: What registries answer that know no referrers, in all the ways in which they do.
_UNKNOWN: Final = frozenset({400, 404, 405, 406, 501})
#: How many referrers of one manifest are listed.
_MOST: Final = 100_000


@attrs.frozen(kw_only=True)
class TooManyReferrers(Corrupt):
    """
    A registry lists referrers without an end.
    """

    subject: Digest
    limit: int

    def __str__(self) -> str:
        return f"{self.subject}: more than {self.limit} referrers are listed; refused"


def referrers(
    reference: str | Reference, *, artifact_type: str = "", client: Client | None = None
) -> Iterator[Descriptor]:
    """
    Give the descriptors of what refers to a manifest, page by page as they are taken.

    A registry that knows no referrers is asked for the tag under which clients list them
    (distribution-spec, "Listing Referrers").

    Args:
        reference: the manifest, by tag or digest; it need not be there.
        artifact_type: give those of this type only. The registry is told so, and what it
            gives is looked at all the same.
        client: how to reach the registry.

    Raises:
        NameInvalid: the reference cannot be read.
        ManifestUnknown: there is no such tag.
        LinkInvalid, TooManyReferrers: the list has no end, or leads elsewhere.
        NotAReferrersList: what should be the list is something else.
        Refused, Unreachable: the registry said no, or nothing.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.content.partial import artifact
    >>> from ocikit.registry.flush import flush
    >>> from ocikit.server.handler import registry
    >>> client = Client(send=registry())
    >>> note = artifact("text/plain", subject=IMAGE.descriptor)
    >>> _ = flush("localhost/app:1", IMAGE, client=client)
    >>> _ = flush("localhost/app:note", note, client=client)
    >>> [found.digest == note.digest for found in referrers("localhost/app:1", client=client)]
    [True]
    """
    named = parse_reference(reference) if isinstance(reference, str) else reference
    return _referrers(named, artifact_type, client or Client())


def _referrers(named: Reference, kind: str, client: Client) -> Iterator[Descriptor]:
    access = reach(client, named.repository)
    subject = named.digest if isinstance(named, Pinned) else describe(access, named).digest
    seen: set[Digest] = set()
    for found in _listed(access, named.repository, subject, kind):
        if found.digest in seen:
            continue
        seen.add(found.digest)
        if len(seen) > _MOST:
            raise TooManyReferrers(subject=subject, limit=_MOST)
        yield found


def _listed(
    access: Access, repository: Repository, subject: Digest, kind: str
) -> Iterator[Descriptor]:
    first = routes.get_referrers(access.base, access.path, subject, artifact_type=kind)

    def page(request: Request) -> Response:
        return _first(access, request) if request is first else access.fetch(request, MAX_PAGE)

    given = pages(page, first)
    try:
        request, response = next(given)
    except _UnknownHere:
        found = fallback.listed(access, repository, subject)
        yield from (each for each in found if not kind or each.artifact_type == kind)
        return
    yield from _entries(request, response, kind)
    for request, response in given:
        yield from _entries(request, response, kind)


class _UnknownHere(Exception):
    """
    The registry knows no referrers.
    """


def _first(access: Access, request: Request) -> Response:
    try:
        response = access.fetch(request, MAX_PAGE)
    except Answered as error:
        if error.status in _UNKNOWN:
            raise _UnknownHere from None
        raise
    # Some give a page for people, with 200, to whatever they do not know.
    if answers.media_type_of(response.headers) != media.OCI_INDEX:
        response.body.close()
        raise _UnknownHere
    return response


def _entries(request: Request, response: Response, kind: str) -> Iterator[Descriptor]:
    filtered = "artifactType" in answers.filters_of(response.headers)
    index = read(read_body(request, response, MAX_PAGE), IndexManifest, media.OCI_INDEX)
    for found in index.value.manifests:
        # One that says no type is believed to be what a registry that filters says it is.
        if not kind or found.artifact_type == kind or (filtered and not found.artifact_type):
            yield found


def knows_referrers(access: Access, subject: Digest) -> bool:
    """
    Tell whether a registry lists referrers by itself.

    Raises:
        Refused, Unreachable: the registry said no, or nothing.
    """
    try:
        request = routes.get_referrers(access.base, access.path, subject)
        _first(access, request).body.close()
    except _UnknownHere:
        return False
    return True


def list_under_subject(content: Content, target: Target) -> None:
    """
    List a manifest under its subject, by tag; do nothing when it has no subject.

    Raises:
        NotAReferrersList: the tag names something else.
        ListContended: others wrote over it each time.
        Refused, Unreachable: the registry did not take it.
    """
    subject = subject_of(content)
    if subject is not None:
        fallback.add(target.access, target.repository, subject, as_referrer(content))


def see_that_it_is_listed(content: Content, target: Target) -> None:
    """
    List a manifest that is there already under its subject, unless the registry does.

    Who put it may have ended before that.

    Raises:
        NotAReferrersList, ListContended, Refused, Unreachable: as `list_under_subject`.
    """
    subject = subject_of(content)
    if subject is not None and not knows_referrers(target.access, subject):
        list_under_subject(content, target)
