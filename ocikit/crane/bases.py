"""
Which base an image was built on, and which it is to be on.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Final

import attrs

from ocikit import media
from ocikit._records import FrozenMap, evolve, record
from ocikit.content.image import Content, Image, Index
from ocikit.crane.located import locate, reference
from ocikit.crane.options import Options
from ocikit.crane.places import load, one_image
from ocikit.digest import Digest
from ocikit.errors import Invalid, Missing
from ocikit.name.locator import Locator, RegistryPlace
from ocikit.query.select import choose

#: The annotations that say which base an image was built on (image-spec, annotations.md).
BASE_DIGEST: Final = "org.opencontainers.image.base.digest"
BASE_NAME: Final = "org.opencontainers.image.base.name"


@attrs.frozen(kw_only=True)
class BaseUnknown(Invalid):
    """
    Nobody says which base an image is built on, or is to be built on.
    """

    image: str
    #: "old" or "new".
    which: str

    def __str__(self) -> str:
        key = BASE_NAME if self.which == "new" else f"{BASE_NAME} and {BASE_DIGEST}"
        return (
            f"{self.image}: which {self.which} base? It has no annotation {key};"
            f" name one with --{self.which}-base"
        )


@record(kw_only=True)
class Bases:
    """
    The base that an image was built on and the one it is to be on, for its platform.
    """

    old: Image
    new: Image
    #: What the image is to say of the new one.
    said: FrozenMap[str, str | None]


class Finder:
    """
    Finds the bases of images; each place is asked once.
    """

    def __init__(
        self, place: str, content: Content, options: Options, old: str | None, new: str | None
    ) -> None:
        """
        Begin to look.

        Args:
            place: what a person calls the images.
            content: the index, or image, that says it for images that do not.
            options: how to reach bases; all their platforms are wanted.
            old: the old base, any place; None for the one that is said.
            new: the new base, likewise.
        """
        self._place = place
        self._content = content
        self._options = evolve(options, platforms=())
        self._old = None if old is None else locate(old, options)
        self._new = None if new is None else locate(new, options)
        self._load = functools.cache(lambda where: load(where, self._options))

    def of(self, image: Image) -> Bases:
        """
        Find the bases of an image.

        Raises:
            BaseUnknown: nobody says which they are.
            PlatformMissing: a base is an index without an image for the same platform.
            Missing, Refused, Unreachable, Corrupt: a base could not be had.
        """
        said = _said(image) or _said(self._content)
        named = self._named(said)
        new = self._new or named
        if new is None:
            raise BaseUnknown(image=self._place, which="new")
        old = self._old or self._before(named or new, said)
        wanted: Content = self._load(new)
        name = str(new.reference) if isinstance(new, RegistryPlace) else None
        return Bases(
            old=self._for(image, old),
            new=self._for(image, new),
            said=FrozenMap({BASE_DIGEST: str(wanted.digest), BASE_NAME: name}),
        )

    def _named(self, said: Mapping[str, str]) -> RegistryPlace | None:
        # Whoever made the image wrote this: it is a name, and nothing of this machine.
        name = said.get(BASE_NAME)
        return None if name is None else RegistryPlace(reference(name, self._options))

    def _before(self, place: Locator, said: Mapping[str, str]) -> RegistryPlace:
        if BASE_DIGEST not in said or not isinstance(place, RegistryPlace):
            raise BaseUnknown(image=self._place, which="old")
        digest = Digest.parse(said[BASE_DIGEST])
        pinned = RegistryPlace(place.reference.repository.pin(digest))
        try:
            self._load(pinned)
        except Missing as error:
            error.add_note("Its annotations say that is its base; name another: --old-base.")
            raise
        return pinned

    def _for(self, image: Image, where: Locator) -> Image:
        base: Content = self._load(where)
        platform = image.platform
        if isinstance(base, Index) and platform is not None:
            return choose(base, platform)
        return one_image(base, str(where), self._options)


def _said(content: Content) -> Mapping[str, str]:
    """
    Give what annotations, or else labels, say of a base.
    """
    if not isinstance(content, Image | Index):
        return {}
    said = [content.manifest.annotations]
    if isinstance(content, Image) and media.is_config(content.config.media_type):
        said.append(content.config_file.config.labels)
    return next((found for found in said if BASE_NAME in found or BASE_DIGEST in found), {})
