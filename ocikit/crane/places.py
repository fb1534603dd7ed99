"""
Any place as source and target: text to content, and content to a place.
"""

from __future__ import annotations

from ocikit import media
from ocikit.content.blob import Blob
from ocikit.content.image import Content, Image, Index
from ocikit.crane.flow import flow
from ocikit.crane.keeping import tell_of_loss
from ocikit.crane.located import NameNeeded, PlaceUnsupported, locate
from ocikit.crane.options import Options, engine_of, read_from, writing, written_to
from ocikit.name.locator import (
    DaemonPlace,
    DirPlace,
    DockerArchivePlace,
    LayoutArchivePlace,
    LayoutPlace,
    Locator,
    RegistryPlace,
)
from ocikit.name.records import Tag
from ocikit.platforms import Platform, satisfies
from ocikit.query.select import choose


def load(place: str | Locator, options: Options) -> Content:
    """
    Load what is at a place; of an index only the wanted platforms.

    Raises:
        NameInvalid: the text names no place.
        PlatformMissing: an index has none of a wanted platform.
        Missing, Refused, Unreachable, Corrupt: the place could not give it.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> load(name, options) == IMAGE
    True
    """
    locator = locate(place, options) if isinstance(place, str) else place
    content = _load(locator, options)
    if isinstance(content, Image) and options.platforms:
        tell_of_another(content, str(place), options)
    return narrow(content, options.platforms)


def tell_of_another(image: Image, what: str, options: Options) -> None:
    """
    Say so when an image is taken as it is though another platform was asked for.
    """
    if not media.is_config(image.config.media_type):
        return
    own = image.platform
    if own is not None and not any(satisfies(own, wanted) for wanted in options.platforms):
        options.notice(f"{what}: is one image, and for {own}; a platform is chosen of an index")


def _load(locator: Locator, options: Options) -> Content:
    match locator:
        case RegistryPlace(name):
            if options.cache is not None:
                from ocikit.crane.caching import load_cached

                return load_cached(name, options.client, options.cache)
            from ocikit.registry.load import load as load_registry

            return load_registry(name, client=options.client)
        case LayoutPlace(path, entry, position):
            from ocikit.layout.load import load as load_layout

            return load_layout(path, entry, position=position)
        case LayoutArchivePlace(path, entry, position):
            from ocikit.tarball.ocilayout import load_oci

            return load_oci(read_from(path, options), entry, position=position)
        case DockerArchivePlace(path, tag, position):
            from ocikit.tarball.load import load as load_archive

            return load_archive(
                read_from(path, options),
                tag,
                position=position,
                compression=options.compression,
                map=flow(options).map,
            )
        case DaemonPlace(image):
            from ocikit.daemon.images import load as load_engine

            return load_engine(
                str(image),
                engine=engine_of(options),
                compression=options.compression,
                map=flow(options).map,
            )
        case DirPlace(path):
            from ocikit.layout.plain import load_plain

            return load_plain(path)


def narrow(content: Content, platforms: tuple[Platform, ...]) -> Content:
    """
    Keep the wanted platforms of an index: one gives its image, several an index of them.

    No platform leaves content as it is, and so does content that is not an index.

    Raises:
        PlatformMissing: the index has no image for one of them.
    """
    if not isinstance(content, Index) or not platforms:
        return content
    if len(platforms) == 1:
        return choose(content, platforms[0])
    return narrow_index(content, platforms)


def narrow_index(index: Index, platforms: tuple[Platform, ...]) -> Index:
    """
    Keep the images of an index that suit some platforms best, and their attestations.

    Raises:
        PlatformMissing: the index has no image for one of them.
    """
    from ocikit.mutate.children import add, keep

    images = {image.digest: image for image in (choose(index, each) for each in platforms)}
    kept = keep(index, lambda descriptor: descriptor.digest in images)
    listed = {child.descriptor.digest for child in kept.children}
    # What lay in an index within moves up, for that index is not kept whole.
    return add(kept, *(image for digest, image in images.items() if digest not in listed))


def one_image(content: Content, what: str, options: Options) -> Image:
    """
    Give the one image that a verb or place needs, and say so when that means a choice.

    Raises:
        PlatformMissing: it is an index without an image for the preferred platform.
        PlaceUnsupported: it is neither image nor index.
    """
    if isinstance(content, Image):
        return content
    if isinstance(content, Index):
        image = choose(content, options.preferred)
        there = len(content.children)
        what = f"{what}: an index of {there}; took {options.preferred}"
        options.notice(f"{what}, choose another with --platform")
        return image
    raise PlaceUnsupported(place=what, reason=f"is a {content.media_type}, not an image")


def flush(place: str | Locator, content: Content, options: Options) -> str:
    """
    Write content to a place, and give the name by which it is found there.

    Raises:
        NameInvalid: the text names no place.
        PlaceUnsupported: the place cannot hold such content.
        Refused, Unreachable, Corrupt: the place did not take it, or a source failed.

    >>> import tempfile
    >>> from ocikit.content.empty import IMAGE
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     name = flush(f"oci:{folder}:1", IMAGE, Options())
    ...     load(name, Options()) == IMAGE
    True
    """
    locator = locate(place, options) if isinstance(place, str) else place
    match locator:
        case RegistryPlace(name):
            from ocikit.registry.flush import flush as flush_registry

            client, foreign = writing(options), options.foreign
            pinned = flush_registry(
                name, content, client=client, report=options.report, foreign=foreign
            )
            return str(pinned.repository.pin(pinned.digest))
        case DaemonPlace(Tag() as tag):
            from ocikit.daemon.images import flush as flush_engine

            image = one_image(content, str(locator), options)
            flush_engine(tag, image, engine=engine_of(options), report=options.report)
            tell_of_loss(image, str(locator), options)
        case DaemonPlace():
            raise NameNeeded(place=str(locator))
        case _:
            _to_files(locator, content, options)
    return str(locator)


def _to_files(
    locator: LayoutPlace | LayoutArchivePlace | DockerArchivePlace | DirPlace,
    content: Content,
    options: Options,
) -> None:
    if not isinstance(locator, DirPlace) and locator.position is not None:
        raise PlaceUnsupported(place=str(locator), reason="is written by name, not by position")
    flowing = flow(options)
    report, several = flowing.report, flowing.map
    match locator:
        case LayoutPlace(path, entry):
            from ocikit.layout.flush import flush as flush_layout

            flush_layout(
                path,
                content,
                reference=entry,
                foreign=options.foreign,
                link=options.link,
                report=report,
                map=several,
            )
        case DirPlace(path):
            from ocikit.layout.plain_flush import flush_plain

            if not media.is_manifest(content.media_type):
                raise _no_bare_blob(locator, content)
            flush_plain(
                path,
                content,
                foreign=options.foreign,
                link=options.link,
                report=report,
                map=several,
            )
        case LayoutArchivePlace(path, entry):
            from ocikit.tarball.ocilayout import flush_oci

            if isinstance(content, Blob):
                raise _no_bare_blob(locator, content)
            to = written_to(path, options)
            flush_oci(to, content, reference=entry, report=report, map=several)
        case DockerArchivePlace(path, tag):
            from ocikit.tarball.flush import flush as flush_archive

            image = one_image(content, str(locator), options)
            to = written_to(path, options)
            flush_archive(to, image, reference=tag, report=report, map=several)


def _no_bare_blob(locator: Locator, content: Content) -> PlaceUnsupported:
    reason = f"cannot hold a bare {content.media_type}"
    return PlaceUnsupported(place=str(locator), reason=reason)
