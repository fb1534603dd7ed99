"""
Lists that a registry gives page by page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from ocikit.errors import Corrupt
from ocikit.http import answers, routes
from ocikit.http.message import Request, Response
from ocikit.http.paging import pages as pages_of
from ocikit.http.redact import redact_url
from ocikit.name.parse import parse_registry, parse_repository
from ocikit.name.records import Registry, Repository
from ocikit.registry.client import Client
from ocikit.registry.session import Access, reach, reach_registry


@attrs.frozen(kw_only=True)
class ListTooLong(Corrupt):
    """
    A registry's list has no end in sight.
    """

    url: str
    limit: int

    def __str__(self) -> str:
        return f"{self.url}: it lists more than {self.limit} names"


def tags(repository: str | Repository, *, client: Client | None = None) -> Iterator[str]:
    """
    Give the tags of a repository, in the registry's order, page by page.

    Nothing is asked before the first is taken, and no page before it is needed.

    Raises:
        NameInvalid: the repository cannot be read.
        NameUnknown: there is none.
        LinkInvalid: a page leads to another server, or back.
        ListTooLong: there are more than a million.
        Refused, Unreachable: the registry said no, or nothing.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.registry.flush import flush
    >>> from ocikit.server.handler import registry
    >>> client = Client(send=registry())
    >>> pinned = flush("localhost/app:1", IMAGE, client=client)
    >>> list(tags("localhost/app", client=client))
    ['1']
    """
    named = parse_repository(repository) if isinstance(repository, str) else repository
    return _tags(named, client or Client())


def catalog(registry: str | Registry, *, client: Client | None = None) -> Iterator[str]:
    """
    Give the paths of a registry's repositories, page by page; not every registry can.

    Raises:
        NameInvalid: the registry cannot be read.
        LinkInvalid: a page leads to another server, or back.
        ListTooLong: there are more than a million.
        Refused, Missing, Unreachable: the registry does not say.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.registry.flush import flush
    >>> from ocikit.server.handler import registry
    >>> client = Client(send=registry())
    >>> pinned = flush("localhost/app:1", IMAGE, client=client)
    >>> list(catalog("localhost", client=client))
    ['app']
    """
    named = parse_registry(registry) if isinstance(registry, str) else registry
    return _catalog(named, client or Client())


def _tags(repository: Repository, client: Client) -> Iterator[str]:
    access = reach(client, repository)
    first = routes.get_tags(access.base, access.path, n=client.settings.page_size or None)
    pages = _pages(access, first)
    for name in _bounded(first, (answers.tags_of(*page) for page in pages)):
        # Artifactory lists digests too: those of the images of an index.
        if ":" not in name:
            yield name


def _catalog(registry: Registry, client: Client) -> Iterator[str]:
    access = reach_registry(client, registry)
    first = routes.get_catalog(access.base, n=client.settings.page_size or None)
    pages = _pages(access, first)
    yield from _bounded(first, (answers.repositories_of(*page) for page in pages))


def _bounded(first: Request, pages: Iterable[tuple[str, ...]]) -> Iterator[str]:
    left = answers.MAX_NAMES
    for names in pages:
        left -= len(names)
        if left < 0:
            raise ListTooLong(url=redact_url(first.url), limit=answers.MAX_NAMES)
        yield from names


def _pages(access: Access, first: Request) -> Iterator[tuple[Request, Response]]:
    return pages_of(lambda request: access.fetch(request, answers.MAX_PAGE), first)
