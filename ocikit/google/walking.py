"""
All repositories below one, or of a registry, each with what is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal

import attrs

from ocikit._records import record
from ocikit.errors import Corrupt, Missing, OciError
from ocikit.google.list import list as list_
from ocikit.google.listed import Listing
from ocikit.google.listing import Want
from ocikit.name.faults import NameInvalid
from ocikit.name.parse import parse_repository
from ocikit.name.records import Registry, Repository
from ocikit.registry.client import Client
from ocikit.registry.list import catalog
from ocikit.registry.parallel import in_order

#: How many repositories a walk meets; a registry may make up any number of them.
MOST: Final = 1_000_000


@attrs.frozen(kw_only=True)
class WalkTooLong(Corrupt):
    """
    A registry has repositories below repositories without an end in sight.
    """

    where: str
    limit: int

    def __str__(self) -> str:
        return f"{self.where}: more than {self.limit} repositories are below it; refused"


@record(kw_only=True)
class Unlisted:
    """
    A repository whose list could not be had, and why; or a name that is none.
    """

    name: str
    error: OciError


Found = Listing | Unlisted


def walk(
    where: str | Repository | Registry,
    *,
    client: Client | None = None,
    want: Want = "tags",
    repositories: Iterable[str | Repository] | None = None,
    on_error: Literal["record", "raise"] = "record",
    most: int = MOST,
) -> Iterator[Found]:
    """
    List a repository and all below it, each before those below, as they are taken.

    Google's registries tell what is below a repository. Others are asked for their
    catalog, of which those are taken whose names begin with it; a registry as a whole
    always is. No repository is listed twice, whatever a registry says is below what.

    Args:
        where: a repository, as `gcr.io/project`; or a registry.
        client: how to reach it; where names are known beforehand, as many are listed
            at once as it has jobs.
        want: how much shall be known of manifests, see `list`.
        repositories: these, instead of what the registry has.
        on_error: "record" gives what cannot be listed as an `Unlisted`, and goes on;
            "raise" ends there.
        most: how many repositories there may be.

    Raises:
        NameInvalid: the name of the place cannot be read.
        WalkTooLong: there are more repositories than `most`.
        OciError: a list could not be had, and `on_error` is "raise".

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.registry.flush import flush
    >>> from ocikit.server.handler import registry
    >>> client = Client(send=registry())
    >>> names = [flush(f"localhost/{path}:1", IMAGE, client=client) for path in ("b", "a/c")]
    >>> [str(found.repository) for found in walk(Registry("localhost"), client=client)]
    ['localhost/a/c', 'localhost/b']
    """
    place = parse_repository(where) if isinstance(where, str) else where
    known = client or Client()
    if repositories is not None:
        found = _all(repositories, known, want)
    elif isinstance(place, Registry):
        found = _all(_named(place, "", known), known, want)
    else:
        found = _below(place, known, want)
    return _bounded(found, str(place), on_error, most)


def _bounded(found: Iterator[Found], where: str, on_error: str, most: int) -> Iterator[Found]:
    for count, each in enumerate(found):
        if count >= most:
            raise WalkTooLong(where=where, limit=most)
        if isinstance(each, Unlisted) and on_error == "raise":
            raise each.error
        yield each


def _all(
    names: Iterable[str | Repository | Unlisted], client: Client, want: Want
) -> Iterator[Found]:
    def look(name: str | Repository | Unlisted) -> Found:
        return name if isinstance(name, Unlisted) else _list(name, client, want)

    return in_order(look, names, client.jobs)


def _list(name: str | Repository, client: Client, want: Want) -> Found:
    try:
        return list_(name, client=client, want=want)
    except OciError as error:
        return Unlisted(name=str(name), error=error)


def _named(registry: Registry, prefix: str, client: Client) -> Iterator[Repository | Unlisted]:
    """
    Give the repositories of a registry's catalog whose paths begin so.
    """
    try:
        for path in catalog(registry, client=client):
            if path.startswith(prefix):
                yield _child(str(registry), path)
    except OciError as error:
        yield Unlisted(name=str(registry), error=error)


def _child(parent: str, name: str) -> Repository | Unlisted:
    # Strictly: what a registry says is below it must not lead anywhere else.
    try:
        return parse_repository(f"{parent}/{name}")
    except NameInvalid as error:
        return Unlisted(name=f"{parent}/{name}"[:300], error=error)


def _below(root: Repository, client: Client, want: Want) -> Iterator[Found]:
    seen = {root}
    first = _list(root, client, want)
    if isinstance(first, Listing) and first.extended:
        yield first
        yield from _down(first, seen, client, want)
        return
    others = _named(root.registry, f"{root.path}/", client)
    if isinstance(first, Listing):
        yield first
        yield from _all(others, client, want)
        return
    # Of a name that only stands before others there is no list.
    empty = isinstance(first.error, Missing)
    if not empty:
        yield first
    for each in _all(others, client, want):
        empty = False
        yield each
    if empty:
        yield first


def _down(first: Listing, seen: set[Repository], client: Client, want: Want) -> Iterator[Found]:
    # Not by recursion: a registry says how deep it goes.
    waiting = _children(first, seen)
    while waiting:
        child = waiting.pop()
        found = child if isinstance(child, Unlisted) else _list(child, client, want)
        yield found
        if isinstance(found, Listing):
            waiting += _children(found, seen)


def _children(listing: Listing, seen: set[Repository]) -> list[Repository | Unlisted]:
    """
    Give what is below a repository and was not met, the first last.
    """
    found: list[Repository | Unlisted] = []
    for name in listing.children:
        child = _child(str(listing.repository), name)
        if not isinstance(child, Repository):
            found.append(child)
        elif child not in seen:
            seen.add(child)
            found.append(child)
    return found[::-1]
