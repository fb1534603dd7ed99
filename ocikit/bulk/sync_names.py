"""
The names of sources and targets, as a file has them.
"""

from __future__ import annotations

import contextlib

import attrs

from ocikit.bulk.sync_entries import Named, Source, Target, Whole
from ocikit.bulk.sync_shelf import Folder, Prefix, Shelf
from ocikit.errors import Invalid, Unsupported
from ocikit.name.faults import NameInvalid
from ocikit.name.locator import PREFIXES, LayoutPlace, RegistryPlace, parse_locator
from ocikit.name.parse import parse_registry, parse_repository
from ocikit.name.records import Pinned, Repository


@attrs.frozen(kw_only=True)
class PlaceNotSynced(Unsupported):
    """
    A place that sync neither reads nor writes.
    """

    place: str

    def __str__(self) -> str:
        return (
            f"{self.place}: sync goes between registries and OCI layouts (oci:DIR); "
            "for other places use `ocikit copy`"
        )


@attrs.frozen(kw_only=True)
class PlaceUnsuited(Invalid):
    """
    A place is of another kind than the entry needs.
    """

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


def whole_or_named(kind: str, text: str) -> Source:
    """
    Read the source of an entry, of the kind that its key says.

    Raises:
        NameInvalid, PlaceNotSynced, PlaceUnsuited: it is none of that kind.
    """
    if kind == "repository":
        return _shelf(text)
    if kind == "registry":
        registry = _prefix(text)
        if registry.registry is None:
            return Whole(Folder(registry.path))
        if registry.path:
            reason = f"is more than a registry; write {str(registry.registry)!r}, and in it "
            reason += f'repositories = ["{registry.path}/**"]'
            raise PlaceUnsuited(place=text, reason=reason)
        return Whole(registry.registry)
    named = _named(text)
    if named.tag is None and named.digest is None:
        if isinstance(named.shelf, Folder):
            raise PlaceUnsuited(place=text, reason="name the image, as oci:DIR:NAME")
        return Named(named.shelf, "latest")
    return named


def targets_of(kind: str, source: Source, text: str) -> Target:
    """
    Read a target of an entry; of an image without a tag of its own it is the source's.

    Raises:
        NameInvalid, PlaceNotSynced, PlaceUnsuited: it is none of that kind.
    """
    if kind == "repository":
        return _shelf(text)
    if kind == "registry":
        return _prefix(text)
    named = _named(text)
    tag = named.tag or (source.tag if isinstance(source, Named) else None)
    if named.digest is not None or tag is None:
        raise PlaceUnsuited(place=text, reason="is written to by a tag; write it as NAME:TAG")
    return Named(named.shelf, tag)


def same_place(source: Source, target: Target) -> bool:
    """
    Tell whether a source would be copied onto itself.
    """
    if isinstance(source, Whole):
        there = target.registry if isinstance(target, Prefix) else None
        if isinstance(source.registry, Folder):
            return there is None and str(source.registry) == str(target)
        return there == source.registry and str(target) == str(there)
    return source == target


def _shelf(text: str) -> Shelf:
    bare = text.removeprefix("docker://")
    if bare != text or not text.startswith(PREFIXES):
        return parse_repository(bare)
    locator = parse_locator(text)
    if not isinstance(locator, LayoutPlace):
        raise PlaceNotSynced(place=text)
    if locator.reference is not None or locator.position is not None:
        reason = f"is one image; write oci:{locator.path} for all, or image = ... for one"
        raise PlaceUnsuited(place=text, reason=reason)
    return Folder(locator.path)


def _prefix(text: str) -> Prefix:
    bare = text.removeprefix("docker://")
    if bare == text and text.startswith(PREFIXES):
        shelf = _shelf(text)
        assert isinstance(shelf, Folder)
        return Prefix(None, shelf.path)
    host, _, path = bare.partition("/")
    registry = parse_registry(host)
    # What is no repository is no place for others below it.
    return Prefix(registry, Repository(registry, f"{path}/x").path[:-2] if path else "")


def _named(text: str) -> Named:
    bare = text.removeprefix("docker://")
    if bare != text or not text.startswith(PREFIXES):
        # Who writes no tag need not mean `latest`.
        with contextlib.suppress(NameInvalid):
            return Named(parse_repository(bare), None)
    locator = parse_locator(text)
    if isinstance(locator, RegistryPlace):
        name = locator.reference
        digest = name.digest if isinstance(name, Pinned) else None
        return Named(name.repository, name.tag, digest)
    if not isinstance(locator, LayoutPlace):
        raise PlaceNotSynced(place=text)
    if locator.position is not None:
        raise PlaceUnsuited(place=text, reason="name the image, as oci:DIR:NAME")
    return Named(Folder(locator.path), locator.reference)
