"""
Verbs that only look: digest, digests, manifest, config, ls, catalog, validate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ocikit import media
from ocikit.crane.located import locate, of_registry
from ocikit.crane.options import Options
from ocikit.name.locator import RegistryPlace
from ocikit.name.parse import parse_registry, parse_repository
from ocikit.name.records import Repository
from ocikit.spec.descriptor import Descriptor

# A tag's digest is one HEAD: neither images nor what loads them are needed for that.
if TYPE_CHECKING:
    from ocikit.content.blob import Blob
    from ocikit.content.image import Content
    from ocikit.query.finding import Finding


def digest(place: str, options: Options) -> Descriptor:
    """
    Describe what a place holds: one HEAD where a registry is asked.

    Raises:
        Missing: there is nothing of that name.
        PlatformMissing: a platform was asked for that the index lacks.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> digest(flush("localhost/app:1", IMAGE, options), options).digest == IMAGE.digest
    True
    """
    locator = locate(place, options)
    if isinstance(locator, RegistryPlace) and not options.platforms:
        from ocikit.registry.head import head

        return head(locator.reference, client=options.client)
    from ocikit.crane.places import load

    return load(locator, options).descriptor


def digests(places: Sequence[str], options: Options) -> Iterator[Descriptor]:
    """
    Describe what many places hold, as many at once as the client has jobs.

    They are given in the order of the places, over connections and tokens that all share.
    The first that cannot be described ends it, when its turn comes.

    Raises:
        Missing: there is nothing of one of the names.
        PlatformMissing: a platform was asked for that an index lacks.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> names = [flush(f"localhost/app:{tag}", IMAGE, options) for tag in (1, 2)]
    >>> [found.digest == IMAGE.digest for found in digests(names, options)]
    [True, True]
    """
    from ocikit.registry.parallel import in_order

    jobs = min(options.client.jobs, len(places)) or 1
    return in_order(lambda place: digest(place, options), places, jobs)


def raw_of(content: Content) -> bytes:
    """
    Give the exact bytes of a document.
    """
    from ocikit.content.blob import Blob

    return content.content if isinstance(content, Blob) else content.document.raw


def manifest(place: str, options: Options) -> bytes:
    """
    Give the exact bytes of a manifest or index; of a platform's when one is wanted.

    Raises:
        Missing: there is nothing of that name.
        PlatformMissing: a platform was asked for that the index lacks.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> manifest(flush("localhost/app:1", IMAGE, options), options) == IMAGE.document.raw
    True
    """
    from ocikit.crane.places import load

    return raw_of(load(place, options))


def config(place: str, options: Options) -> Blob:
    """
    Give the configuration of an image, or of an artifact.

    Raises:
        PlatformMissing: an index has no image for the platform that is wanted, or for
            the preferred one when none is.
        PlaceUnsupported: it is neither image nor index.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> config(name, options).content[:18]
    b'{"architecture":""'
    """
    from ocikit.crane.places import load, one_image

    return one_image(load(place, options), place, options).config


def ls(repository: str | Repository, options: Options) -> Iterator[str]:
    """
    List the tags of a repository, page by page as they are taken.

    Raises:
        NameUnknown: there is no such repository.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> list(ls("localhost/app", options))
    ['1']
    """
    from ocikit.registry.list import tags

    if isinstance(repository, str):
        text = of_registry(repository)
        repository = parse_repository(text, weak=options.weak)
    return tags(repository, client=options.client)


def catalog(registry: str, options: Options) -> Iterator[str]:
    """
    List the repositories of a registry, page by page as they are taken.

    Raises:
        Refused, Missing: the registry does not say.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> list(catalog("localhost", options))
    ['app']
    """
    from ocikit.registry.list import catalog as pages

    return pages(parse_registry(registry, weak=options.weak), client=options.client)


def validate(place: str, options: Options, *, deep: bool = True) -> tuple[Finding, ...]:
    """
    Find everything that is wrong with what a place holds.

    Args:
        place: any place.
        options: how to reach it, and which platforms are looked at.
        deep: read every blob; else only documents, and ask a registry whether the rest
            is there.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> validate(name, options)
    ()
    """
    from ocikit.crane.places import load
    from ocikit.query.validate import validate as find

    locator = locate(place, options)
    content = load(locator, options)
    if deep or not isinstance(locator, RegistryPlace):
        return find(content, deep=deep)
    from ocikit.registry.chunks import exists
    from ocikit.registry.manifests import probe
    from ocikit.registry.session import reach

    access = reach(options.client, locator.reference.repository)

    def is_there(descriptor: Descriptor) -> bool:
        if media.is_manifest(descriptor.media_type):
            return probe(access, str(descriptor.digest)) is not None
        return exists(access, descriptor.digest)

    return find(content, deep=False, exists=is_there)
