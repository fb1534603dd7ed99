"""
The list of what refers to a manifest, under a tag, for registries that keep none
themselves (distribution-spec, "Referrers Tag Schema").

It is read, changed and written again, and registries do not keep others from doing so at
the same time. So a writer says which list it has read, which some registries heed; and
looks once more, after others had the time to write what they had read before, whether
what it wrote is still there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs

from ocikit import media
from ocikit._records import evolve, record
from ocikit.digest import Digest
from ocikit.errors import Corrupt, Unreachable
from ocikit.http.faults import Answered, RegistryRefused
from ocikit.http.message import Headers
from ocikit.name.records import Repository, Tag
from ocikit.registry.manifests import Stored, fetch_with, put
from ocikit.registry.session import Access
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import Document, edit, make, read
from ocikit.spec.manifest import IndexManifest

#: How often a list is written that others write as well.
_WRITINGS: Final = 10
#: How many times as long as reading and writing took is waited before looking again.
_SETTLING: Final = 2.0

Entries = tuple[Descriptor, ...]


@attrs.frozen(kw_only=True)
class NotAReferrersList(Corrupt):
    """
    The tag under which referrers are listed names something else.
    """

    tag: Tag
    media_type: str

    def __str__(self) -> str:
        return (
            f"{self.tag} should be an index that lists referrers, but is {self.media_type!r}; "
            "delete that tag, and push again"
        )


@attrs.frozen(kw_only=True)
class ListContended(Unreachable):
    """
    Others write a list of referrers all the time.
    """

    tag: Tag

    def __str__(self) -> str:
        return f"{self.tag}: others change this list as often as it is written; try again"


@record
class _Listed:
    """
    A list as it was read; of one that is not there, an empty one.
    """

    document: Document[IndexManifest]
    #: What a registry calls this state of it; empty when it does not.
    etag: str
    exists: bool

    @property
    def entries(self) -> Entries:
        return self.document.value.manifests


def tag_of(repository: Repository, digest: Digest) -> Tag:
    """
    Give the tag under which referrers of a digest are listed.

    A tag has at most 128 characters, sha512 137 with its name.
    """
    return Tag(repository, f"{digest.algorithm}-{digest.hex}"[:128])


def listed(access: Access, repository: Repository, subject: Digest) -> Entries:
    """
    Give the entries of the list of a subject, none when there is no list.

    Raises:
        NotAReferrersList: the tag names something else.
    """
    return _read(access, tag_of(repository, subject)).entries


def add(access: Access, repository: Repository, subject: Digest, entry: Descriptor) -> None:
    """
    List a referrer of a subject; do nothing when it is.

    Raises:
        NotAReferrersList: the tag names something else.
        ListContended: others wrote over it each time.
        Refused, Unreachable: the registry did not take it.
    """

    def grown(entries: Entries) -> Entries:
        known = any(each.digest == entry.digest for each in entries)
        return entries if known else (*entries, entry)

    _change(access, tag_of(repository, subject), grown)


def remove(access: Access, repository: Repository, subject: Digest, digest: Digest) -> None:
    """
    Take a referrer out of the list of a subject; do nothing when it is not there.

    Raises:
        NotAReferrersList: the tag names something else.
        ListContended: others wrote over it each time.
        Refused, Unreachable: the registry did not take it.
    """

    def without(entries: Entries) -> Entries:
        return tuple(each for each in entries if each.digest != digest)

    _change(access, tag_of(repository, subject), without)


def _change(access: Access, tag: Tag, change: Callable[[Entries], Entries]) -> None:
    heeded = True
    for _ in range(_WRITINGS):
        before = access.clock.now()
        found = _read(access, tag)
        wanted = change(found.entries)
        if wanted == found.entries:
            return
        try:
            _write(access, tag, found, wanted, conditional=heeded)
        except RegistryRefused as refused:
            if refused.status != 412:
                raise
            # Somebody was quicker; or the registry has another idea of its own etags.
            heeded = _read(access, tag).etag != found.etag
            continue
        _settle(access, before)
    if change(entries := _read(access, tag).entries) != entries:
        raise ListContended(tag=tag)


def _settle(access: Access, since: float) -> None:
    """
    Give others who read the list before it was written the time to write theirs.
    """
    clock = access.clock
    took = max(0.0, clock.now() - since)
    clock.sleep(took * _SETTLING * (1 + clock.random.random()))


def _write(
    access: Access, tag: Tag, found: _Listed, entries: Entries, *, conditional: bool
) -> None:
    grown = edit(found.document, lambda index: evolve(index, manifests=entries))
    headers = _conditions(found) if conditional else Headers()
    put(access, tag.tag, Stored(grown.raw, media.OCI_INDEX, grown.digest), headers)


def _conditions(found: _Listed) -> Headers:
    if not found.exists:
        return Headers({"If-None-Match": "*"})
    # A weak one says that two are alike, not that they are the same.
    strong = found.etag and not found.etag.startswith("W/")
    return Headers({"If-Match": found.etag} if strong else {})


def _read(access: Access, tag: Tag) -> _Listed:
    try:
        raw, descriptor, response = fetch_with(access, tag)
    except Answered as error:
        if error.status != 404:
            raise
        empty = make(IndexManifest(media_type=media.OCI_INDEX), media.OCI_INDEX)
        return _Listed(empty, "", exists=False)
    if descriptor.media_type != media.OCI_INDEX:
        raise NotAReferrersList(tag=tag, media_type=descriptor.media_type)
    document = read(raw, IndexManifest, media.OCI_INDEX)
    return _Listed(document, response.headers.get("ETag"), exists=True)
