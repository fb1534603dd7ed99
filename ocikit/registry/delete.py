"""
Delete from a registry.
"""

from __future__ import annotations

import attrs

from ocikit._records import FrozenMap
from ocikit.content.assemble import assemble
from ocikit.content.image import Image, Index
from ocikit.content.partial import artifact
from ocikit.digest import Digest
from ocikit.errors import Missing, Refused, Unreachable
from ocikit.http import routes
from ocikit.http.faults import Answered, RegistryRefused, TooManyRequests
from ocikit.http.message import Request
from ocikit.http.scope import DELETE
from ocikit.name.parse import parse_reference
from ocikit.name.records import Pinned, Reference, Tag
from ocikit.registry import fallback
from ocikit.registry.blob import pinned
from ocikit.registry.chunks import may_pass
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from ocikit.registry.manifests import fetch
from ocikit.registry.opener import source
from ocikit.registry.referrers import knows_referrers
from ocikit.registry.session import Access, reach

#: What stands for a moment in the place of what a tag named.
_DELETED = "application/vnd.ocikit.deleted.v1"


@attrs.frozen(kw_only=True)
class TagsStay(Refused):
    """
    A registry deletes manifests by their digests, and tags only together with them.
    """

    tag: Tag
    status: int

    def __str__(self) -> str:
        return (
            f"{self.tag}: this registry deletes no tag alone (it answers {self.status}); delete "
            "the manifest by its digest, with which all its tags go, or swap the tag out first "
            "(`ocikit delete --swap`)"
        )


def delete(reference: str | Reference, *, client: Client | None = None) -> None:
    """
    Delete a tag, or a manifest by its digest (distribution-spec, "Deleting manifests").

    A tag goes alone, and its manifest stays; not every registry can do that. With a
    manifest go all its tags. Blobs are left to the registry's own garbage collection.
    What refers to another manifest is taken out of the list that clients keep of such,
    where the registry keeps none.

    Raises:
        NameInvalid: the reference cannot be read.
        ManifestUnknown: it is not there.
        TagsStay: the registry deletes no tag alone.
        Refused: the registry does not allow it, or cannot delete.
        Unreachable: the registry said nothing.
    """
    named = parse_reference(reference) if isinstance(reference, str) else reference
    client = client or Client()
    access = reach(client, named.repository, DELETE)
    subject = _subject(access, named, client) if isinstance(named, Pinned) else None
    request = routes.delete_manifest(access.base, access.path, named.identifier)
    try:
        _ask(access, request)
    except RegistryRefused as refused:
        if isinstance(named, Tag) and refused.status in (400, 405):
            raise TagsStay(tag=named, status=refused.status) from refused
        raise
    if isinstance(named, Pinned) and subject is not None and not knows_referrers(access, subject):
        fallback.remove(access, named.repository, subject, named.digest)


def untag(reference: Tag, *, client: Client | None = None) -> None:
    """
    Delete a tag where a registry deletes manifests only: something else is put under it,
    and that is deleted.

    What the tag named stays, with all its other tags. Who pulls the tag in that moment
    gets an artifact without content.

    Raises:
        ManifestUnknown: it is not there.
        Refused, Unreachable: the registry did not take it, or does not delete.
    """
    client = client or Client()
    fetch(reach(client, reference.repository, DELETE), reference)
    # It has to be another one for each tag, for it goes with all the tags that it has.
    notes = FrozenMap({"org.opencontainers.image.ref.name": str(reference)})
    empty = artifact(_DELETED, annotations=notes)
    delete(flush(reference, empty, client=client), client=client)


def delete_blob(reference: str | Pinned, *, client: Client | None = None) -> None:
    """
    Delete a blob from a repository (distribution-spec, "Deleting Blobs").

    Nothing keeps one that a manifest still needs.

    Raises:
        NameInvalid, DigestNeeded: the reference names no blob.
        BlobUnknown: it is not there.
        Refused, Unreachable: the registry does not allow it, or said nothing.
    """
    named = pinned(reference)
    access = reach(client or Client(), named.repository, DELETE)
    _ask(access, routes.delete_blob(access.base, access.path, named.digest))


def _ask(access: Access, request: Request) -> None:
    """
    Delete; what is gone the second time was deleted by the first.
    """
    patience, sent = access.patience(), False
    while True:
        try:
            return access.single.ask(request, 202, 200, 204).body.close()
        except Missing:
            if not sent:
                raise
            return None
        except (Unreachable, TooManyRequests) as error:
            if not may_pass(error):
                raise
            patience.after(error)
            sent = True


def _subject(access: Access, named: Pinned, client: Client) -> Digest | None:
    """
    Give what a manifest is about; None when it is about nothing, or cannot be read.
    """
    try:
        raw, descriptor = fetch(access, named)
    except Answered:
        return None
    content = assemble(raw, descriptor, source(client, named.repository))
    if not isinstance(content, Image | Index) or content.manifest.subject is None:
        return None
    return content.manifest.subject.digest
