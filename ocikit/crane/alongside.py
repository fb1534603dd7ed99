"""
What belongs to content without being part of it: where it is, and where it goes with it.
"""

from __future__ import annotations

from ocikit._records import record
from ocikit.content.image import Content
from ocikit.crane.located import PlaceUnsupported
from ocikit.crane.options import Options
from ocikit.digest import Digest
from ocikit.name.locator import LayoutPlace, Locator, RegistryPlace
from ocikit.name.records import Tag
from ocikit.query.cosign import is_tag
from ocikit.spec.layout import REF_NAME


@record
class Beside:
    """
    Something that belongs to content: where it is, by digest, and its name if it has one.
    """

    place: Locator
    digest: Digest
    name: str | None = None


def alongside(source: Locator, content: Content, options: Options) -> tuple[Beside, ...]:
    """
    Find what belongs to content that was loaded from a place.

    Raises:
        PlaceUnsupported: the place cannot tell.
    """
    if isinstance(source, RegistryPlace):
        from ocikit.registry.related import related

        repository = source.reference.repository
        return tuple(
            Beside(
                RegistryPlace(each.reference),
                each.digest,
                each.reference.tag if isinstance(each.reference, Tag) else None,
            )
            for each in related(repository, content, client=options.client)
        )
    if isinstance(source, LayoutPlace):
        from ocikit.layout.related import related as related_in

        return tuple(
            Beside(
                LayoutPlace(source.path, str(entry.digest)),
                entry.digest,
                entry.annotations.get(REF_NAME),
            )
            for entry in related_in(source.path, content)
        )
    reason = "cannot tell what refers to an image; a registry or a layout can"
    raise PlaceUnsupported(place=str(source), reason=reason)


def check_target(target: Locator) -> None:
    """
    See that a place can hold what refers to an image.

    Raises:
        PlaceUnsupported: it cannot.
    """
    if not isinstance(target, RegistryPlace | LayoutPlace):
        reason = "cannot hold what refers to an image; a registry or a layout can"
        raise PlaceUnsupported(place=str(target), reason=reason)


def beside(target: Locator, each: Beside) -> Locator:
    """
    Say where what belongs to content goes, which goes to `target`.

    A layout keeps the names that entries have. To a registry only cosign's names mean
    something; another would be a tag that nobody asked for.
    """
    if isinstance(target, LayoutPlace):
        return LayoutPlace(target.path, each.name)
    assert isinstance(target, RegistryPlace)
    repository = target.reference.repository
    if each.name is not None and is_tag(each.name):
        return RegistryPlace(repository.tag(each.name))
    return RegistryPlace(repository.pin(each.digest))
