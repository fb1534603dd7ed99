"""
Verbs whose results are looked at: look, changes, surroundings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ocikit import media
from ocikit._records import FrozenMap
from ocikit.content.image import Content, Image, Index
from ocikit.crane.differ import kept_content, sides
from ocikit.crane.located import locate
from ocikit.crane.options import Options
from ocikit.crane.places import load, one_image
from ocikit.digest import Digest
from ocikit.name.locator import LayoutPlace, Locator, RegistryPlace
from ocikit.query.select import PlatformMissing

if TYPE_CHECKING:
    from ocikit.picture.changes import Changes
    from ocikit.picture.looks import Look
    from ocikit.picture.scan import Scan
    from ocikit.query.difference import Ignore
    from ocikit.spec.descriptor import Descriptor


def changes(
    left: str,
    right: str,
    options: Options,
    *,
    ignore: Iterable[Ignore] = (),
    files: bool = True,
) -> Changes:
    """
    Compare two images, or two indexes child by child, for a picture.

    See `ocikit.picture.changes`. Layers are downloaded once, into temporary files.

    Args:
        left: any place.
        right: any place.
        options: how to reach them, and which of their platforms are wanted.
        ignore: which differences not to tell; `ocikit.query.ignore` has them by name.
        files: read the layers, and compare the files that containers see.

    Raises:
        PlatformMissing: an index lacks a platform that is wanted.
        Missing, Refused, Unreachable, Corrupt: something could not be had.

    >>> from ocikit.content.synthetic import image
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> import random
    >>> options = Options(client=Client(send=registry()))
    >>> one, two = (
    ...     flush(f"localhost/app:{n}", image(random.Random(n)), options) for n in (1, 2)
    ... )
    >>> len(changes(one, two, options).files)
    2
    """
    from ocikit.picture.changes import changes as compare

    one, other = sides(left, right, options)
    return compare(kept_content(one), kept_content(other), ignore=ignore, files=files)


def look(place: str, options: Options, *, read: bool = False, referrers: bool = False) -> Look:
    """
    Gather what a person wants to see of an image, or of an index and one image of it.

    Args:
        place: any place.
        options: how to reach it, and which of its platforms is wanted.
        read: read all layers of the image, once and without keeping them; an artifact
            has none of files, and that is told.
        referrers: ask what refers to it.

    Raises:
        Missing, Refused, Unreachable, Corrupt: something could not be had.
        PlaceUnsupported: it is neither image nor index.

    >>> from ocikit.content.synthetic import index
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> import random
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", index(random.Random(1)), options)
    >>> found = look(name, options, read=True)
    >>> len(found.index.listed), found.image.platform, found.scan.waste.wasted
    (2, 'linux/amd64', 0)
    """
    from ocikit.picture.graph import graph
    from ocikit.picture.looks import Look
    from ocikit.picture.overview import index_overview, overview
    from ocikit.picture.waterfall import waterfall

    content = load(place, options)
    image = _image(place, content, options)
    scan = None if image is None or not read else _scanned(place, image, options)
    related = surroundings(place, content, options) if referrers else None
    return Look(
        name=place,
        index=index_overview(content, place) if isinstance(content, Index) else None,
        image=None if image is None else overview(image, place),
        layers=None if image is None else waterfall(image, scan=scan),
        scan=scan,
        graph=None if related is None else graph(content, place, referrers=related),
    )


def _image(place: str, content: Content, options: Options) -> Image | None:
    try:
        return one_image(content, place, options)
    except PlatformMissing:
        # An index of other platforms, or of no images at all, is to be seen too.
        return None


def _scanned(place: str, image: Image, options: Options) -> Scan | None:
    from ocikit.picture.scan import NoFiles, scan

    try:
        return scan(image)
    except NoFiles as error:
        options.notice(f"{place}: {error}")
        return None


def surroundings(
    place: str, content: Content, options: Options
) -> FrozenMap[Digest, tuple[Descriptor, ...]]:
    """
    Ask what refers to content, to the manifests that it lists, and to what refers to those.

    Args:
        place: where it is; those but registries and layouts know of no referrers.
        content: what was loaded there.
        options: how to reach a registry.

    Returns:
        Descriptions by the digest of what they are about; nothing of what has none.

    Raises:
        Refused, Unreachable: the registry said no, or nothing.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.belonging import attach
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> note = attach("localhost/app:1", [], options, artifact_type="text/plain")
    >>> [len(found) for found in surroundings(name, IMAGE, options).values()]
    [1]
    """
    locator = locate(place, options)
    found: dict[Digest, tuple[Descriptor, ...]] = {}
    todo = [*dict.fromkeys(_manifests(content))]
    for digest in todo:
        if about := tuple(_about(locator, digest, options)):
            found[digest] = about
            # What refers to a referrer: the signature of a bill of materials.
            todo += [each.digest for each in about if each.digest not in todo]
    return FrozenMap(found)


def _manifests(content: Content) -> Iterator[Digest]:
    yield content.digest
    if isinstance(content, Index):
        for listed in content.manifest.manifests:
            if media.is_manifest(listed.media_type):
                yield listed.digest


def _about(locator: Locator, digest: Digest, options: Options) -> Iterator[Descriptor]:
    if isinstance(locator, LayoutPlace):
        from ocikit.layout.related import referrers as of_layout

        yield from of_layout(locator.path, digest)
    elif isinstance(locator, RegistryPlace):
        from ocikit.registry.referrers import referrers as of_registry

        name = locator.reference.repository.pin(digest)
        yield from of_registry(name, client=options.client)
