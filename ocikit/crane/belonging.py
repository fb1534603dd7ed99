"""
Verbs for what belongs to an image without being part of it: referrers, attach.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ocikit._records import FrozenMap
from ocikit.content.blob import Blob
from ocikit.content.partial import artifact
from ocikit.crane.located import locate, reference
from ocikit.crane.options import Options, writing
from ocikit.crane.places import load
from ocikit.name.locator import LayoutPlace, RegistryPlace
from ocikit.name.records import Reference

if TYPE_CHECKING:
    from ocikit.spec.descriptor import Descriptor


def referrers(
    place: str, options: Options, *, artifact_types: Sequence[str] = ()
) -> Iterator[tuple[str, Descriptor]]:
    """
    Give what refers to a manifest of a registry or layout: its name, and its description.

    With a platform it is the image of an index that is asked about.

    Args:
        place: the manifest, by tag or digest, or by the name of a layout's entry.
        options: how to reach the registry.
        artifact_types: give those of these types only; all when there are none.

    Raises:
        ManifestUnknown: there is no such tag.
        PlaceUnsupported: the place cannot tell.
        Refused, Unreachable: the registry said no, or nothing.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> note = attach("localhost/app:1", [], options, artifact_type="text/plain")
    >>> [found == note for found, _ in referrers("localhost/app:1", options)]
    [True]
    """
    locator = locate(place, options)
    for kind in artifact_types or ("",):
        if isinstance(locator, LayoutPlace):
            from ocikit.layout.related import referrers as list_layout

            subject = load(locator, options).digest
            for found in list_layout(locator.path, subject, artifact_type=kind):
                yield str(LayoutPlace(locator.path, str(found.digest))), found
        else:
            yield from _of_registry(place, kind, options)


def _of_registry(place: str, kind: str, options: Options) -> Iterator[tuple[str, Descriptor]]:
    from ocikit.registry.referrers import referrers as list_registry

    name = _meant(place, options)
    for found in list_registry(name, artifact_type=kind, client=options.client):
        yield str(name.repository.pin(found.digest)), found


def attach(
    place: str,
    files: Sequence[Blob],
    options: Options,
    *,
    artifact_type: str,
    annotations: Mapping[str, str] = FrozenMap(),
) -> str:
    """
    Put files beside a manifest of a registry, as an artifact about it; give its name.

    With a platform it is about the image of an index.

    Args:
        place: the manifest, by tag or digest.
        files: what to attach; none for an artifact that says all by its annotations.
        options: how to reach the registry.
        artifact_type: the media type that says what this is.
        annotations: of the artifact.

    Raises:
        ManifestUnknown: there is nothing to be about.
        Refused, Unreachable: the registry did not take it.

    >>> from ocikit.content.blob import of_bytes
    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> file = of_bytes(b"well made", "text/plain")
    >>> attach(name, [file], options, artifact_type="text/plain")[:21]
    'localhost/app@sha256:'
    """
    from ocikit.registry.attach import attach as attach_registry

    made = artifact(artifact_type, files, annotations=FrozenMap(annotations))
    name = _meant(place, options)
    pinned = attach_registry(name, made, client=writing(options), report=options.report)
    return str(pinned)


def _meant(place: str, options: Options) -> Reference:
    name = reference(place, options)
    if not options.platforms:
        return name
    return name.repository.pin(load(RegistryPlace(name), options).digest)
