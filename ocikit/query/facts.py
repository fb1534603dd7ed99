"""
Differences of what manifests and indexes say of what they list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from ocikit import media
from ocikit.content.image import Image, Index
from ocikit.content.layer import Layer
from ocikit.query.difference import Difference, Level, text
from ocikit.query.values import Place, blanked, values
from ocikit.spec.descriptor import Descriptor

#: Members of a descriptor that what it names is compared by.
_OWN: Final = frozenset(["mediaType", "size", "digest"])
_FACTS: Final[dict[str, Callable[[Descriptor], Any]]] = {
    "digest": lambda descriptor: str(descriptor.digest),
    "size": lambda descriptor: descriptor.size,
    "mediaType": lambda descriptor: descriptor.media_type,
}


def facts(
    level: Level, path: tuple[str, ...], left: Descriptor, right: Descriptor, *names: str
) -> Iterator[Difference]:
    """
    Tell which of digest, size and media type differ, or of those that are named.
    """
    place = Place(level, path)
    for name, fact in _FACTS.items():
        if fact(left) != fact(right) and (not names or name in names):
            yield place.difference(name, fact(left), fact(right))


def missing(
    level: Level, path: tuple[str, ...], left: Descriptor | None, right: Descriptor | None
) -> Difference:
    """
    Tell what is on one side only, by its digest.
    """
    sides = (None if side is None else text(str(side.digest)) for side in (left, right))
    return Difference(level, path, "digest", *sides)


def listings(
    place: Place, left: Descriptor, right: Descriptor, member: str = ""
) -> Iterator[Difference]:
    """
    Tell what else differs in what is said of something: annotations, platform, URLs.
    """
    from ocikit.spec.encode import unstructure

    one, other = unstructure(left), unstructure(right)
    # Inline data goes with the digest.
    own = _OWN | ({"data"} if "data" in one and "data" in other else set())
    # The order of all members counts.
    yield from values(place, blanked(one, own), blanked(other, own), member)


def own_types(left: Image | Index, right: Image | Index) -> frozenset[str]:
    """
    Name the member "mediaType" where it says no more than what documents go as.
    """
    sides = (left, right)
    told = all(side.manifest.media_type == side.media_type for side in sides)
    return frozenset(["mediaType"] if told else [])


def lists_layers(image: Image) -> bool:
    """
    Tell whether a configuration lists a diff ID for each layer.
    """
    from ocikit.spec.gojson import loads

    value = loads(image.config.content)
    rootfs = value.get("rootfs") if isinstance(value, dict) else None
    listed = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    return isinstance(listed, list) and len(listed) == len(image.layers)


def compressions(place: Place, left: Layer, right: Layer) -> Difference:
    """
    Tell, in one difference, of layers that are the same but for how they are compressed.
    """
    sides = (
        {"mediaType": side.media_type, "size": side.size, "digest": str(side.digest)}
        for side in (left, right)
    )
    return place.difference("compression", *sides)


def families(place: Place, left: Layer, right: Layer) -> Iterator[Difference]:
    """
    Tell whether the media types of layers differ in more than their compression.
    """
    one, other = left.media_type, right.media_type
    if one == other:
        return
    names = media.compression_of(one), media.compression_of(other)
    # Docker's manifests list zstd by OCI's name.
    docker = "zstd" not in names and media.is_docker(one) != media.is_docker(other)
    foreign = media.is_foreign(one) != media.is_foreign(other)
    if names[0] == names[1] or None in names or docker or foreign:
        yield place.difference("mediaType", one, other)


def promises(place: Place, left: Layer, right: Layer) -> Iterator[Difference]:
    """
    Tell whether media types promise different compressions.
    """
    names = [media.compression_of(side.media_type) for side in (left, right)]
    if names[0] != names[1] and None not in names:
        yield place.difference("compression", *names)
