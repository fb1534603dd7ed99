"""
What is in a repository, as far as it was asked for: one form for every registry.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attrs

from ocikit._records import EMPTY, JSON, FrozenMap, record
from ocikit.digest import Digest
from ocikit.errors import Corrupt
from ocikit.name.records import Repository
from ocikit.spec.google import ExtendedTags

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: What builds the same image twice says that it is as old as Go's zero time, as 1970, or
#: as the first days that archives of DOS know.
_PLAUSIBLE: Final = datetime(1980, 1, 2, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


@attrs.frozen(kw_only=True)
class NumberInvalid(Corrupt):
    """
    What should be a number in a list of Google's is none.
    """

    repository: Repository
    digest: Digest
    member: str
    text: str

    def __str__(self) -> str:
        return (
            f"{self.repository}@{self.digest}: {self.member} is {self.text[:40]!r}, and no number"
        )


@record(kw_only=True)
class Listed:
    """
    A manifest of a repository. What was not asked for, or is not said, is empty or None.
    """

    digest: Digest
    tags: tuple[str, ...] = ()
    media_type: str = ""
    #: How many bytes what it refers to has: configuration and layers, or the manifests
    #: that an index lists.
    size: int | None = None
    #: When it was made, as it says itself.
    created: datetime | None = None
    #: When it came to the registry, as only that can say.
    uploaded: datetime | None = None
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False)

    @property
    def since(self) -> datetime | None:
        """
        From when on its age is counted; None when nobody knows.

        What claims to be older than 1980 says nothing about its age: tools that build
        the same image twice write such times.

        >>> Listed(digest=Digest.of(b""), created=datetime(1970, 1, 1, tzinfo=UTC)).since
        """
        if self.uploaded is not None:
            return self.uploaded
        known = self.created is not None and self.created >= _PLAUSIBLE
        return self.created if known else None


@record(kw_only=True)
class Listing:
    """
    What is in a repository.
    """

    repository: Repository
    #: The tags, in the registry's order.
    tags: tuple[str, ...] = ()
    #: The manifests, each once; none when only tags were asked for.
    manifests: tuple[Listed, ...] = ()
    #: The names of the repositories below, without that of this one.
    children: tuple[str, ...] = ()
    #: Whether the registry tells all: manifests without a tag, and repositories below.
    extended: bool = False
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False)


def of_google(repository: Repository, page: ExtendedTags) -> Listing:
    """
    Read a list of Google's.

    Raises:
        NumberInvalid: a size or time is no number.

    >>> from ocikit.name.parse import parse_repository
    >>> from ocikit.spec.google import ManifestInfo
    >>> page = ExtendedTags(tags=("1",), manifest=FrozenMap({Digest.of(b""): ManifestInfo()}))
    >>> found = of_google(parse_repository("gcr.io/me/app"), page)
    >>> found.extended, found.manifests[0].size
    (True, None)
    """
    found = []
    for digest, info in page.manifest.items():
        size = _number(repository, digest, "imageSizeBytes", info.image_size_bytes)
        created = _number(repository, digest, "timeCreatedMs", info.time_created_ms)
        uploaded = _number(repository, digest, "timeUploadedMs", info.time_uploaded_ms)
        found.append(
            Listed(
                digest=digest,
                tags=info.tag,
                media_type=info.media_type,
                size=size,
                created=_moment(created),
                uploaded=_moment(uploaded),
                extra=info.extra,
            )
        )
    return Listing(
        repository=repository,
        tags=page.tags,
        manifests=tuple(found),
        children=page.child,
        extended=True,
        extra=page.extra,
    )


def _number(repository: Repository, digest: Digest, member: str, text: str) -> int | None:
    bare = text.removeprefix("-")
    if not text:
        return None
    # More digits than int() takes are no number either.
    if not (bare.isascii() and bare.isdecimal() and len(bare) < 20):
        raise NumberInvalid(repository=repository, digest=digest, member=member, text=text)
    return int(text)


def _moment(milliseconds: int | None) -> datetime | None:
    try:
        return None if milliseconds is None else _EPOCH + milliseconds * _MILLISECOND
    except OverflowError:
        return None


def milliseconds(moment: datetime | None) -> str:
    """
    Write a time as Google does; nothing when it is not known.

    >>> milliseconds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    '1000'
    """
    return "" if moment is None else str((moment - _EPOCH) // _MILLISECOND)


def as_json(listing: Listing) -> dict[str, Any]:
    """
    Write what is in a repository as Google does, and gcrane prints it.

    Of what other registries do not tell there is null.

    >>> from ocikit.name.parse import parse_repository
    >>> as_json(Listing(repository=parse_repository("r.example/app"), tags=("1",)))
    {'child': None, 'manifest': None, 'name': 'app', 'tags': ['1']}
    """
    told = {str(each.digest): _info(each) for each in listing.manifests}
    return {
        "child": list(listing.children) if listing.extended else None,
        "manifest": dict(sorted(told.items())) if told or listing.extended else None,
        "name": listing.repository.path,
        "tags": list(listing.tags),
        **listing.extra,
    }


def _info(listed: Listed) -> dict[str, Any]:
    return {
        "imageSizeBytes": "" if listed.size is None else str(listed.size),
        "mediaType": listed.media_type,
        "timeCreatedMs": milliseconds(listed.created),
        "timeUploadedMs": milliseconds(listed.uploaded),
        "tag": list(listed.tags),
        **listed.extra,
    }
