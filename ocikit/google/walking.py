"""
All repositories below one, or of a registry, each with what is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal, TypeVar

import attrs

from ocikit._records import record
from ocikit.errors import Corrupt, Invalid, Missing, OciError
from ocikit.google.list import list as list_
from ocikit.google.listed import Listing
from ocikit.google.listing import Want
from ocikit.name import grammar
from ocikit.name.faults import NameInvalid
from ocikit.name.parse import parse_registry, parse_repository
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
F = TypeVar("F")


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
            at once as it has jobs, a few ahead.
        want: how much shall be known of manifests, see `list`.
        repositories: these, instead of what the registry has; see `belongs`.
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
    place = read_place(where) if isinstance(where, str) else where
    known = client or Client()

    def look(each: Found | Repository) -> Found:
        return _list(each, known, want) if isinstance(each, Repository) else each

    met = _met(place, known, want, repositories)
    return _bounded(in_order(look, met, known.jobs), str(place), on_error, most)


def repositories(
    where: str | Repository | Registry,
    *,
    client: Client | None = None,
    among: Iterable[str | Repository] | None = None,
    most: int = MOST,
) -> Iterator[Repository | Unlisted]:
    """
    Name a repository and all below it, as `walk` meets them, and list as few as that takes.

    Args:
        where: a repository or a registry.
        client: how to reach it.
        among: these, instead of what the registry has; see `belongs`.
        most: how many there may be.

    Raises:
        NameInvalid: the name of the place cannot be read.
        WalkTooLong: there are more repositories than `most`.

    >>> from ocikit.server.handler import registry
    >>> client = Client(send=registry())
    >>> [str(name) for name in repositories("r.example", client=client, among=["a", "r.example/b"])]
    ['r.example/a', 'r.example/b']
    """
    for each in encountered(where, client=client, among=among, most=most):
        yield each.repository if isinstance(each, Listing) else each


def encountered(
    where: str | Repository | Registry,
    *,
    client: Client | None = None,
    among: Iterable[str | Repository] | None = None,
    most: int = MOST,
) -> Iterator[Found | Repository]:
    """
    Give what `repositories` names, with the lists that had to be asked for to find it.

    Args, and what is raised, are those of `repositories`.
    """
    place = read_place(where) if isinstance(where, str) else where
    met = _met(place, client or Client(), "tags", among)
    return _bounded(met, str(place), "record", most)


def read_place(text: str, *, weak: bool = False) -> Repository | Registry:
    """
    Read the name of a repository, or of a registry as a whole.

    Raises:
        NameInvalid: it is neither.

    >>> read_place("localhost:5000"), str(read_place("debian"))
    (Registry(host='localhost:5000'), 'docker.io/library/debian')
    """
    bare = text.removeprefix("docker://").removesuffix("/")
    if "/" not in bare and grammar.names_a_host(bare):
        return parse_registry(bare, weak=weak)
    return parse_repository(bare, weak=weak)


@attrs.frozen(kw_only=True)
class NotBelow(Invalid):
    """
    A repository was named that is not below the place that is meant.
    """

    name: str
    where: str

    def __str__(self) -> str:
        return f"{self.name}: is not below {self.where}; leave it out, or name another place"


def belongs(name: str | Repository, place: Repository | Registry) -> Repository | Unlisted:
    """
    Find a repository below a place by its full name, or by its path in the registry.
    """
    registry = place.registry if isinstance(place, Repository) else place
    if isinstance(name, str):
        path = name.removeprefix("docker://").removeprefix(f"{registry}/")
        found = _child(str(registry), path)
        first, slash, _ = path.partition("/")
        if slash and grammar.names_a_host(first):
            # It is the full name of something at another registry.
            found = Unlisted(name=name, error=NotBelow(name=name, where=str(place)))
    else:
        found = name
    if isinstance(found, Unlisted) or _is_below(found, place):
        return found
    return Unlisted(name=str(found), error=NotBelow(name=str(found), where=str(place)))


def _is_below(repository: Repository, place: Repository | Registry) -> bool:
    if isinstance(place, Registry):
        return repository.registry == place
    return repository == place or str(repository).startswith(f"{place}/")


def _bounded(found: Iterator[F], where: str, on_error: str, most: int) -> Iterator[F]:
    for count, each in enumerate(found):
        if count >= most:
            raise WalkTooLong(where=where, limit=most)
        if isinstance(each, Unlisted) and on_error == "raise":
            raise each.error
        yield each


def _met(
    place: Repository | Registry,
    client: Client,
    want: Want,
    among: Iterable[str | Repository] | None,
) -> Iterator[Found | Repository]:
    """
    Give what a walk meets; listed where only a list tells what is below.
    """
    if among is not None:
        return (belongs(name, place) for name in among)
    if isinstance(place, Registry):
        return _named(place, "", client)
    return _below(place, client, want)


def _list(name: Repository, client: Client, want: Want) -> Found:
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


def _below(root: Repository, client: Client, want: Want) -> Iterator[Found | Repository]:
    seen = {root}
    first = _list(root, client, want)
    if isinstance(first, Listing) and first.extended:
        yield first
        yield from _down(first, seen, client, want)
        return
    others = _named(root.registry, f"{root.path}/", client)
    if isinstance(first, Listing):
        yield first
        yield from others
        return
    # Of a name that only stands before others there is no list.
    empty = isinstance(first.error, Missing)
    if not empty:
        yield first
    for each in others:
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
