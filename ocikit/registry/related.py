"""
All that belongs to a manifest: what refers to it, and what cosign keeps under its tags.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from ocikit._records import record
from ocikit.content.blob import Blob
from ocikit.content.image import Content
from ocikit.digest import Digest
from ocikit.errors import Corrupt
from ocikit.name.records import Reference, Repository
from ocikit.query.cosign import tags_for
from ocikit.query.walk import walk
from ocikit.registry.client import Client
from ocikit.registry.manifests import probe
from ocikit.registry.parallel import Stop, each
from ocikit.registry.referrers import referrers
from ocikit.registry.session import reach

#: How far from a manifest what belongs to it may lie: signatures of bills of materials.
_DEEPEST: Final = 8
#: How much may belong to one.
MOST: Final = 100_000


@attrs.frozen(kw_only=True)
class TooMuchBelongs(Corrupt):
    """
    What refers to a manifest is referred to, and so on without an end.
    """

    repository: Repository
    limit: int

    def __str__(self) -> str:
        return f"{self.repository}: more than {self.limit} manifests belong to one; refused"


@record
class Belonging:
    """
    Something that belongs to a manifest: by digest, or under a tag of cosign's.
    """

    reference: Reference
    digest: Digest


def related(
    repository: Repository,
    content: Content,
    *,
    client: Client | None = None,
    artifact_types: Sequence[str] = (),
    most: int = MOST,
) -> tuple[Belonging, ...]:
    """
    Find what belongs to content and to all images in it, and what belongs to that.

    Args:
        repository: where the content lies.
        content: an image or index, loaded from there.
        client: how to reach the registry.
        artifact_types: of what refers to it, these only; all when there are none.
        most: how much may belong to it.

    Raises:
        TooMuchBelongs: it has no end.
        Refused, Unreachable: the registry said no, or nothing.
    """
    client = client or Client()
    level = [found.digest for found in walk(content) if not isinstance(found, Blob)]
    seen, all_found = set(level), dict[Reference, Belonging]()
    for _ in range(_DEEPEST):
        found = _of(repository, level, client, artifact_types)
        all_found |= {each.reference: each for each in found}
        level = list(dict.fromkeys(each.digest for each in found if each.digest not in seen))
        seen.update(level)
        if len(all_found) > most:
            raise TooMuchBelongs(repository=repository, limit=most)
        if not level:
            break
    return tuple(all_found.values())


def _of(
    repository: Repository, digests: Iterable[Digest], client: Client, types: Sequence[str]
) -> list[Belonging]:
    access = reach(client, repository)
    found: dict[Digest, list[Belonging]] = {digest: [] for digest in digests}

    def look(digest: Digest) -> None:
        for kind in types or ("",):
            name = repository.pin(digest)
            for entry in referrers(name, artifact_type=kind, client=client):
                found[digest].append(Belonging(repository.pin(entry.digest), entry.digest))
        for tag in tags_for(digest):
            described = probe(access, tag)
            if described is not None:
                found[digest].append(Belonging(repository.tag(tag), described.digest))

    each(look, found, client.jobs, Stop())
    return [belonging for several in found.values() for belonging in several]
