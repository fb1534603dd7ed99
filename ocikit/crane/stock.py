"""
What a place has beside the content that was loaded from it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ocikit._records import record
from ocikit.content.image import ContentOpener
from ocikit.content.streams import Opener
from ocikit.crane.options import Options
from ocikit.name.locator import LayoutPlace, Locator, RegistryPlace
from ocikit.name.records import Repository
from ocikit.spec.descriptor import Descriptor


def _nothing(descriptor: Descriptor) -> None:
    return None


@record(kw_only=True)
class Stock:
    """
    Finds blobs and manifests by descriptor; None for what is not there.
    """

    #: What a person calls it.
    place: str = "its place"
    blob: Callable[[Descriptor], Opener | None] = _nothing
    child: Callable[[Descriptor], ContentOpener | None] = _nothing


#: Of a place that has nothing else.
EMPTY: Final = Stock()


def stock_of(place: Locator, options: Options) -> Stock:
    """
    Give what a registry's repository, or a layout, has; of archives and engines nothing.

    >>> from ocikit.name.locator import parse_locator
    >>> stock_of(parse_locator("docker-daemon:app:1"), Options()).place
    'docker-daemon:docker.io/library/app:1'
    """
    match place:
        case RegistryPlace(reference):
            return _of_registry(reference.repository, options)
        case LayoutPlace(path):
            return _of_layout(path)
        case _:
            return Stock(place=str(place))


def _of_registry(repository: Repository, options: Options) -> Stock:
    from ocikit.registry.chunks import exists
    from ocikit.registry.manifests import probe
    from ocikit.registry.opener import source
    from ocikit.registry.session import reach

    access, there = reach(options.client, repository), source(options.client, repository)

    def blob(descriptor: Descriptor) -> Opener | None:
        return there.blob(descriptor) if exists(access, descriptor.digest) else None

    def child(descriptor: Descriptor) -> ContentOpener | None:
        found = probe(access, str(descriptor.digest))
        return None if found is None else there.child(descriptor)

    return Stock(place=str(repository), blob=blob, child=child)


def _of_layout(path: str) -> Stock:
    from ocikit.files.put import is_whole
    from ocikit.layout.store import FolderStore, StoredContent

    store = FolderStore(path)

    def blob(descriptor: Descriptor) -> Opener | None:
        opener = store.blob(descriptor.digest)
        return opener if is_whole(opener.path, descriptor) else None

    def child(descriptor: Descriptor) -> ContentOpener | None:
        return None if blob(descriptor) is None else StoredContent(store, descriptor)

    return Stock(place=store.where, blob=blob, child=child)
