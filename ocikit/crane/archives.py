"""
Images into one file or directory: pull.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import attrs

from ocikit.content.image import Content, Image
from ocikit.crane.flow import flow
from ocikit.crane.located import NameNeeded, PlaceUnsupported, locate, reference
from ocikit.crane.options import Options
from ocikit.crane.places import flush, load, one_image
from ocikit.errors import Invalid
from ocikit.name.locator import DaemonPlace, LayoutPlace, RegistryPlace
from ocikit.name.records import Pinned, Reference, Tag

if TYPE_CHECKING:
    from ocikit.files.copy import Sink

Format = Literal["tarball", "legacy", "oci"]
#: The tag that crane gives, in an archive, to what was named by digest alone.
_UNTAGGED = "i-was-a-digest"


@attrs.frozen(kw_only=True)
class NameTaken(Invalid):
    """
    Two images of an archive would have one name.
    """

    name: str

    def __str__(self) -> str:
        return f"{self.name}: two different images would have this name; pull them apart"


def pull(
    places: Sequence[str],
    target: str | Sink,
    options: Options,
    *,
    format: Format = "tarball",
    annotate_ref: bool = False,
) -> tuple[Content, ...]:
    """
    Write images to an archive or a layout.

    An archive holds one platform of an index: the one asked for, else the preferred one,
    and says so. A layout (`oci`) holds indexes as they are. Nothing is written before
    everything was found.

    Args:
        places: what to pull.
        target: the archive, by path or as a stream; or the layout directory.
        options: how to reach the places, and which platforms are wanted.
        format: `tarball` as docker saves it, `legacy` as docker did before 1.10, `oci`.
        annotate_ref: name the entries of a layout by their full reference.

    Returns:
        What was written, in the order of `places`.

    Raises:
        NameNeeded: an archive cannot tell what to call an image.
        PlatformMissing, Missing, Refused, Unreachable, Corrupt: it could not be had.

    >>> import tempfile
    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pull([name], f"{folder}/app.tar", options) == (IMAGE,)
    True
    """
    loaded = [load(place, options) for place in places]
    if format == "oci":
        if not isinstance(target, str):
            raise PlaceUnsupported(place="a stream", reason="cannot hold a layout")
        for place, content in zip(places, loaded, strict=True):
            entry = str(_name(place, options)) if annotate_ref else None
            flush(LayoutPlace(target, entry), content, options)
        return tuple(loaded)
    images = [
        one_image(content, place, options) for place, content in zip(places, loaded, strict=True)
    ]
    named: dict[str, Image] = {}
    for place, image in zip(places, images, strict=True):
        tag = _tag(place, options)
        if named.setdefault(tag, image) != image:
            raise NameTaken(name=tag)
    _archive(target, named, format, options)
    return tuple(images)


def _archive(
    target: str | Sink, images: dict[str, Image], format: Format, options: Options
) -> None:
    flowing = flow(options)
    if format == "legacy":
        from ocikit.tarball.legacy import flush_legacy as write
    else:
        from ocikit.tarball.flush import flush as write
    write(target, images, report=flowing.report, map=flowing.map)


def _name(place: str, options: Options) -> Reference:
    locator = locate(place, options)
    match locator:
        case RegistryPlace(name) | DaemonPlace(Tag() | Pinned() as name):
            return name
        case _:
            entry = getattr(locator, "reference", None)
            if entry is None:
                raise NameNeeded(place=place)
            return entry if isinstance(entry, Tag) else reference(entry, options)


def _tag(place: str, options: Options) -> str:
    name = _name(place, options)
    return str(name if isinstance(name, Tag) else name.repository.tag(name.tag or _UNTAGGED))
