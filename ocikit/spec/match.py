"""
Predicates over descriptors: which children of an index are meant.

They are records that are called: they print, compare and pickle, and so can stand in a
step of a pipeline. Any function from a descriptor to a bool serves as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from ocikit import platforms
from ocikit._records import record
from ocikit.digest import Digest
from ocikit.platforms import Platform
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.layout import REF_NAME

Match: TypeAlias = Callable[[Descriptor], bool]


@record
class Annotated:
    """
    Matches by an annotation of the descriptor; by its key alone when `value` is None.
    """

    key: str
    value: str | None = None

    def __call__(self, descriptor: Descriptor) -> bool:
        """
        Tell whether the descriptor has the annotation.
        """
        found = descriptor.annotations.get(self.key)
        return found is not None and self.value in (None, found)


@record
class Satisfies:
    """
    Matches what a platform asks for; what it leaves open is free.
    """

    wanted: Platform

    def __call__(self, descriptor: Descriptor) -> bool:
        """
        Tell whether the descriptor names such a platform.
        """
        given = descriptor.platform
        return given is not None and platforms.satisfies(given, self.wanted)


@record
class IsFor:
    """
    Matches one of some platforms exactly, in whatever way each is spelt.
    """

    platforms: tuple[Platform, ...]

    def __call__(self, descriptor: Descriptor) -> bool:
        """
        Tell whether the descriptor names one of the platforms.
        """
        given = descriptor.platform
        return given is not None and _plain(given) in map(_plain, self.platforms)


@record
class OfType:
    """
    Matches one of some media types.
    """

    media_types: frozenset[str]

    def __call__(self, descriptor: Descriptor) -> bool:
        """
        Tell whether the descriptor has one of the types.
        """
        return descriptor.media_type in self.media_types


@record
class WithDigest:
    """
    Matches one of some digests.
    """

    digests: frozenset[Digest]

    def __call__(self, descriptor: Descriptor) -> bool:
        """
        Tell whether the descriptor names one of the digests.
        """
        return descriptor.digest in self.digests


@record
class AllOf:
    """
    Matches what all of some predicates match.
    """

    matches: tuple[Match, ...]

    def __call__(self, descriptor: Descriptor) -> bool:
        """
        Tell whether all predicates match; true when there are none.
        """
        return all(match(descriptor) for match in self.matches)


@record
class AnyOf:
    """
    Matches what one of some predicates matches.
    """

    matches: tuple[Match, ...]

    def __call__(self, descriptor: Descriptor) -> bool:
        """
        Tell whether one predicate matches; false when there are none.
        """
        return any(match(descriptor) for match in self.matches)


@record
class Not:
    """
    Matches what a predicate does not match.
    """

    match: Match

    def __call__(self, descriptor: Descriptor) -> bool:
        """
        Tell whether the predicate does not match.
        """
        return not self.match(descriptor)


#: The predicates by the names that they have in text, which are those of what makes them.
PREDICATES: Final[Mapping[str, type[Any]]] = {
    "annotation": Annotated,
    "platform": Satisfies,
    "exactly": IsFor,
    "media-type": OfType,
    "digest": WithDigest,
    "all-of": AllOf,
    "any-of": AnyOf,
    "not": Not,
}


def annotation(key: str, value: str | None = None) -> Annotated:
    """
    Match by an annotation; by its key alone without a value.

    >>> annotation("a")(Descriptor(media_type="", size=0, digest=Digest.of(b"")))
    False
    """
    return Annotated(key, value)


def name(name: str) -> Annotated:
    """
    Match by the name that a layout gives its manifests (image-spec, annotations.md).

    >>> name("v1")
    Annotated(key='org.opencontainers.image.ref.name', value='v1')
    """
    return Annotated(REF_NAME, name)


def platform(wanted: Platform | str) -> Satisfies:
    """
    Match what suits a platform: `linux` is any Linux, `linux/arm` any 32-bit ARM one.

    Raises:
        PlatformInvalid: the text is not a platform.

    >>> platform("linux")(Descriptor(media_type="", size=0, digest=Digest.of(b"")))
    False
    """
    return Satisfies(_platform(wanted))


def exactly(*wanted: Platform | str) -> IsFor:
    """
    Match one of some platforms exactly: `arm64` is `arm64/v8`, but `linux` only itself.

    Raises:
        PlatformInvalid: the text is not a platform.
    """
    return IsFor(tuple(_platform(each) for each in wanted))


def media_type(*media_types: str) -> OfType:
    """
    Match one of some media types.
    """
    return OfType(frozenset(media_types))


def digest(*digests: Digest | str) -> WithDigest:
    """
    Match one of some digests.

    Raises:
        DigestInvalid: the text is not a digest.
    """
    parsed = (each if isinstance(each, Digest) else Digest.parse(each) for each in digests)
    return WithDigest(frozenset(parsed))


def all_of(*matches: Match) -> AllOf:
    """
    Match what all of these match.

    >>> all_of(platform("linux"), not_(platform("linux/arm"))).matches[1]
    Not(match=Satisfies(wanted=Platform(architecture='arm', os='linux', ...)))
    """
    return AllOf(matches)


def any_of(*matches: Match) -> AnyOf:
    """
    Match what one of these matches.
    """
    return AnyOf(matches)


def not_(match: Match) -> Not:
    """
    Match what this does not match.
    """
    return Not(match)


def _platform(wanted: Platform | str) -> Platform:
    return platforms.parse(wanted) if isinstance(wanted, str) else wanted


def _plain(platform: Platform) -> tuple[object, ...]:
    same = platforms.normalise(platform)
    features = (frozenset(same.os_features), frozenset(same.features))
    return same.os, same.architecture, same.variant, same.os_version, features
