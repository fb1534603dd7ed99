"""
The list of what refers to a manifest, for registries that keep none themselves
(distribution-spec, "Referrers Tag Schema").
"""

from __future__ import annotations

import attrs

from ocikit import media
from ocikit._records import evolve
from ocikit.content.image import Content, Image, Index
from ocikit.digest import Digest
from ocikit.errors import Corrupt
from ocikit.http.faults import Answered
from ocikit.name.records import Tag
from ocikit.registry.manifests import Stored, fetch, put
from ocikit.registry.target import Target
from ocikit.spec.document import Document, edit, make, read
from ocikit.spec.manifest import IndexManifest


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


def list_under_subject(content: Content, target: Target) -> None:
    """
    List a manifest under its subject, by tag; do nothing when it has no subject.

    Annotations and the type of the artifact are copied, as the specification wants it.
    Two clients that do this at the same time may lose one entry: the specification has
    no remedy for that.

    Raises:
        NotAReferrersList: the tag names something else.
        Refused, Unreachable: the registry did not take it.
    """
    if not isinstance(content, Image | Index) or content.manifest.subject is None:
        return
    tag = Tag(target.repository, _tag(content.manifest.subject.digest))
    entry = evolve(
        content.descriptor,
        artifact_type=content.artifact_type
        or (content.config.media_type if isinstance(content, Image) else ""),
        annotations=content.manifest.annotations,
    )
    listed = _listed(target, tag)
    if any(known.digest == entry.digest for known in listed.value.manifests):
        return
    grown = edit(listed, lambda index: evolve(index, manifests=(*index.manifests, entry)))
    put(target.access, tag.tag, Stored(grown.raw, media.OCI_INDEX, grown.digest))


def _tag(digest: Digest) -> str:
    # A tag has at most 128 characters, sha512 137 with its name.
    return f"{digest.algorithm}-{digest.hex}"[:128]


def _listed(target: Target, tag: Tag) -> Document[IndexManifest]:
    try:
        raw, descriptor = fetch(target.access, tag)
    except Answered as error:
        if error.status != 404:
            raise
        return make(IndexManifest(media_type=media.OCI_INDEX), media.OCI_INDEX)
    if descriptor.media_type != media.OCI_INDEX:
        raise NotAReferrersList(tag=tag, media_type=descriptor.media_type)
    return read(raw, IndexManifest, media.OCI_INDEX)
