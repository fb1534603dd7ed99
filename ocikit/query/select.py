"""
One image of an index, by platform.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from ocikit import media, platforms
from ocikit.content.image import Child, Content, Image, Index
from ocikit.digest import Digest
from ocikit.errors import Missing
from ocikit.platforms import Platform
from ocikit.query.walk import MAX_NESTING, NestedTooDeeply
from ocikit.spec.attestation import is_attestation


@attrs.frozen(kw_only=True)
class PlatformMissing(Missing):
    """
    An index has no image for the platform that is wanted.
    """

    index: Digest
    wanted: Platform
    #: What there is, in the order of the index.
    offered: tuple[Platform, ...] = ()

    def __str__(self) -> str:
        there = ", ".join(str(platform) for platform in self.offered)
        what = f"choose one of {there}" if there else "it has no image for any platform"
        return f"index {self.index} has no image for {self.wanted}; {what}"


def choose(index: Index, platform: Platform) -> Image:
    """
    Give the image of an index that suits a platform best.

    Children that name their platform are looked at first; when none suits, indexes
    within the index, and images that name theirs only in their configuration, are
    loaded. Attestations, artifacts without a platform and what is no manifest are never
    chosen.

    Args:
        index: the index; only what has to be looked at is loaded.
        platform: what is wanted; its open parts are free (see `platforms.rank`).

    Raises:
        PlatformMissing: nothing suits; it lists what there is.
        NestedTooDeeply: indexes are nested without end.

    >>> from ocikit.content.image import Index
    >>> from ocikit.spec.document import make
    >>> from ocikit.spec.manifest import IndexManifest
    >>> choose(Index(document=make(IndexManifest()), children=()), platforms.LINUX_AMD64)
    Traceback (most recent call last):
    ocikit.query.select.PlatformMissing: index sha256:... has no image for linux/amd64; ...
    """
    marked = ((_platform(child), child) for child in index.children if _is_image(child))
    direct = platforms.best(((p, child) for p, child in marked if p is not None), platform)
    chosen = direct or platforms.best(_offers(index, platform, MAX_NESTING), platform)
    if chosen is None or not isinstance(chosen.content, Image):
        there = [offer for offer, _ in _offers(index, platform, MAX_NESTING) if offer is not None]
        offered = tuple(dict.fromkeys(there))
        raise PlatformMissing(index=index.digest, wanted=platform, offered=offered)
    return chosen.content


def resolve(content: Content, platform: Platform | None) -> Content:
    """
    Give the image of an index that suits a platform; leave all else as it is.

    Without a platform an index stays an index. An image stays itself, whatever its
    platform: there was nothing to choose.

    Raises:
        PlatformMissing: it is an index, and nothing in it suits.
    """
    if platform is None or not isinstance(content, Index):
        return content
    return choose(content, platform)


def _is_image(child: Child) -> bool:
    return media.is_image(child.descriptor.media_type) and not is_attestation(child.descriptor)


def _platform(child: Child) -> Platform | None:
    # An empty object says as little as none at all.
    platform = child.descriptor.platform
    return platform if platform and (platform.os or platform.architecture) else None


def _offers(
    index: Index, wanted: Platform, nesting: int
) -> Iterator[tuple[Platform | None, Child]]:
    if nesting < 1:
        raise NestedTooDeeply(digest=index.digest, limit=MAX_NESTING)
    for child in index.children:
        platform = _platform(child)
        if _is_image(child):
            yield from [(platform, child)] if platform else _from_config(child)
        elif media.is_index(child.descriptor.media_type) and not is_attestation(child.descriptor):
            if platform is not None and platforms.rank(platform, wanted) is None:
                # Named only to say what there is: it need not be loaded for that.
                yield platform, child
            elif isinstance(child.content, Index):
                yield from _offers(child.content, wanted, nesting - 1)


def _from_config(child: Child) -> Iterator[tuple[Platform | None, Child]]:
    image = child.content
    if isinstance(image, Image) and media.is_config(image.config.media_type):
        yield image.platform, child
