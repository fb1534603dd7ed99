"""
Indexes at places, and the entries they list: what verbs over indexes share.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from ocikit import media
from ocikit._records import evolve
from ocikit.content.image import Content, Image, Index
from ocikit.crane.located import PlaceUnsupported
from ocikit.crane.options import Options
from ocikit.crane.places import load
from ocikit.errors import Missing
from ocikit.spec.attestation import is_attestation
from ocikit.spec.descriptor import Descriptor


@attrs.frozen(kw_only=True)
class NoSuchChild(Missing):
    """
    An index has no child such as is wanted.
    """

    place: str
    wanted: str
    #: What there is, each by its platform, or by its digest where it names none.
    there: tuple[str, ...]

    def __str__(self) -> str:
        listed = ", ".join(self.there) or "nothing"
        return f"{self.place}: no child is {self.wanted}; there is {listed}"


def index_at(source: str | Content, options: Options) -> Index:
    """
    Give an index as it is, with all its platforms.

    Raises:
        PlaceUnsupported: it is none.
    """
    content = whole(source, options)
    if isinstance(content, Index):
        return content
    kind = "an image" if isinstance(content, Image) else f"a {content.media_type}"
    raise PlaceUnsupported(place=called(source), reason=f"is {kind}, not an index")


def whole(source: str | Content, options: Options) -> Content:
    """
    Give content as it is, whichever platforms are wanted.
    """
    return load(source, evolve(options, platforms=())) if isinstance(source, str) else source


def called(source: str | Content) -> str:
    """
    Give what a person calls a place or content.
    """
    return source if isinstance(source, str) else f"index {source.digest}"


def unmarked(said: Descriptor) -> bool:
    """
    Tell whether an entry names no platform; an empty object says as little as none.
    """
    platform = said.platform
    return platform is None or not (platform.os or platform.architecture)


def runs(said: Descriptor) -> bool:
    """
    Tell whether an entry is an image that is listed for a platform.
    """
    return media.is_image(said.media_type) and not unmarked(said) and not is_attestation(said)


def labels(index: Index) -> tuple[str, ...]:
    """
    Name what an index lists by platform, and by digest where there is none.
    """
    said = index.manifest.manifests
    names = (str(each.digest if unmarked(each) else each.platform) for each in said)
    return tuple(dict.fromkeys(names))


def tell_gone(what: str, why: str, gone: Iterable[Descriptor], options: Options) -> None:
    """
    Say what went though nobody named it.
    """
    if digests := ", ".join(str(said.digest) for said in gone):
        options.notice(f"{what}: also went, {why}: {digests}")
