"""
Content to a registry.
"""

from __future__ import annotations

import attrs

from ocikit import media
from ocikit.content.blob import Blob
from ocikit.content.image import Content
from ocikit.digest import Digest
from ocikit.errors import Invalid
from ocikit.http.scope import PUSH
from ocikit.name.parse import parse_reference
from ocikit.name.records import Pinned, Reference, Tag
from ocikit.progress import Event, Report, Update, quiet
from ocikit.query.plan import Plan, PutManifest, PutTag, plan
from ocikit.registry.client import Client
from ocikit.registry.manifests import probe
from ocikit.registry.parallel import Stop, one_at_a_time
from ocikit.registry.referrers import see_that_it_is_listed
from ocikit.registry.schema1 import identity
from ocikit.registry.session import reach
from ocikit.registry.target import Target
from ocikit.registry.transfer import carry_out


@attrs.frozen(kw_only=True)
class OtherDigest(Invalid):
    """
    Content was to be put under the digest of other content.
    """

    reference: Pinned
    digest: Digest

    def __str__(self) -> str:
        return (
            f"{self.reference}: what is to be put there is {self.digest}; "
            "name it by a tag, or by its own digest"
        )


def flush(
    reference: str | Reference,
    content: Content,
    *,
    client: Client | None = None,
    report: Report = quiet,
    foreign: bool = False,
) -> Pinned:
    """
    Put an image or index into a registry, under a tag or its digest.

    What the registry has is not sent: a tag that is already this content costs one
    request, blobs of other repositories there are mounted, and each piece is put once.
    All other bytes flow from where they are, verified, and never to disk. The tag comes
    last, so that it never names what is not whole.

    Args:
        reference: where to put it; `me/app:1` or `ghcr.io/me/app@sha256:...`.
        content: what to put there.
        client: how to reach the registry.
        report: told what happens, from several threads but one at a time.
        foreign: whether layers that are not to be distributed are sent too.

    Returns:
        The reference by digest, to load the same content again.

    Raises:
        NameInvalid: the reference cannot be read.
        OtherDigest: it is by the digest of something else.
        Corrupt, Missing: a source does not have what it should.
        Refused: the registry does not take it.
        Unreachable: the registry, or a source, could not be reached for too long.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.registry.load import load
    >>> from ocikit.server.handler import registry
    >>> client = Client(send=registry())
    >>> load(flush("localhost/app:1", IMAGE, client=client), client=client) == IMAGE
    True
    """
    named = parse_reference(reference) if isinstance(reference, str) else reference
    digest = check_digest(named, content)
    client = client or Client()
    target = Target(
        client=client,
        repository=named.repository,
        access=reach(client, named.repository, PUSH),
        report=one_at_a_time(report),
        stop=Stop(),
    )
    found = probe(target.access, named.identifier)
    if found is not None and found.digest == digest:
        target.report(Update(event=Event.EXISTS, digest=content.digest, name=str(named)))
        see_that_it_is_listed(content, target)
    else:
        carry_out(plan_for(content, named, foreign), target)
    return named.repository.pin(digest, named.tag)


def check_digest(reference: Reference, content: Content) -> Digest:
    """
    Give the digest by which registries know content, and see that a reference may be its.

    Raises:
        OtherDigest: it is by the digest of something else.
    """
    digest = identity(content)
    if isinstance(reference, Pinned) and reference.digest not in (digest, content.digest):
        raise OtherDigest(reference=reference, digest=digest)
    return digest


def plan_for(content: Content, named: Reference, foreign: bool = False) -> Plan:
    """
    Plan what a registry needs to hold content under a reference.
    """
    tags = (named.tag,) if isinstance(named, Tag) else ()
    if isinstance(content, Blob) and not media.is_manifest(content.media_type):
        # Whatever is asked for by tag is a manifest to a registry.
        put = PutManifest(content=content)
        return Plan(steps=(put, *(PutTag(tag=tag, digest=content.digest) for tag in tags)))
    return plan(content, *tags, foreign=foreign)
