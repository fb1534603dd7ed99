"""
What there is: lists of repositories and tags, and what tags name.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from typing import TypeVar

import attrs

from ocikit._records import EMPTY, record
from ocikit.bulk.mapping import map as map_many
from ocikit.bulk.outcome import Ok
from ocikit.bulk.sync_entries import Whole
from ocikit.bulk.sync_shelf import Folder, Shelf
from ocikit.digest import Digest
from ocikit.errors import Missing
from ocikit.name import grammar
from ocikit.name.records import Registry, Repository, Tag
from ocikit.query.pattern import pattern
from ocikit.registry.client import Client
from ocikit.spec.layout import MARKER_FILE, REF_NAME

R = TypeVar("R")
T = TypeVar("T")

_WILD = frozenset("*?")


@record(kw_only=True)
class Listing:
    """
    The tags of a repository or layout.
    """

    tags: tuple[str, ...] = ()
    #: What they name, where the list says that as well.
    digests: Mapping[str, Digest] = attrs.field(default=EMPTY, eq=False)


@record(kw_only=True)
class Workers:
    """
    Where questions are asked, and work is done.
    """

    #: Any executor; threads when None.
    executor: Executor | None = None
    #: How many threads.
    jobs: int = 4

    def each(
        self, function: Callable[[R], T], things: Iterable[R]
    ) -> Iterator[tuple[R, T | Exception]]:
        """
        Call a function with each of the things, and give what it gave or raised, in their order.
        """
        outcomes = map_many(function, things, executor=self.executor, jobs=self.jobs, ordered=True)
        for outcome in outcomes:
            yield (
                outcome.reference,
                outcome.value if isinstance(outcome, Ok) else outcome.error,
            )


def list_shelf(client: Client, shelf: Shelf) -> Listing:
    """
    List the tags of a repository or layout.

    Raises:
        Missing: it is not there.
        Refused, Unreachable, Corrupt: it cannot be told.
    """
    if isinstance(shelf, Repository):
        from ocikit.registry.list import tags

        return Listing(tags=tuple(tags(shelf, client=client)))
    from ocikit.layout.load import entries

    named = {
        entry.annotations[REF_NAME]: entry.digest
        for entry in entries(shelf.path)
        if entry.annotations.get(REF_NAME)
    }
    return Listing(tags=tuple(named), digests=named)


def list_target(client: Client, shelf: Shelf) -> Listing:
    """
    List the tags of what is written to; what is not there yet has none.

    Raises:
        Refused, Unreachable, Corrupt: it cannot be told.
    """
    try:
        return list_shelf(client, shelf)
    except Missing:
        return Listing()


def look(client: Client, tag: tuple[Shelf, str]) -> Digest:
    """
    Tell what a tag names: one HEAD where a registry is asked.

    Raises:
        Missing: it is not there.
        Refused, Unreachable: the registry said no, or nothing.
    """
    shelf, name = tag
    if isinstance(shelf, Folder):
        found = list_shelf(client, shelf).digests.get(name)
        if found is None:
            raise TagMissing(place=str(shelf), tag=name)
        return found
    from ocikit.registry.head import head

    return head(Tag(shelf, name), client=client).digest


@attrs.frozen(kw_only=True)
class TagMissing(Missing):
    """
    A layout lists nothing of a name.
    """

    place: str
    tag: str

    def __str__(self) -> str:
        return f"{self.place}: lists nothing named {self.tag!r}"


def repositories(client: Client, source: Whole) -> tuple[str, ...]:
    """
    Give the paths of the repositories that are meant, in order.

    Names that are written out are taken as they are; for globs the registry is asked for
    its list, or the folder is walked.

    Raises:
        Refused, Missing, Unreachable: the registry does not say.
    """
    plain = [each for each in source.repositories if not _WILD.intersection(each)]
    wild = [glob(each) for each in source.repositories if _WILD.intersection(each)]
    excluded = [glob(each) for each in source.exclude]
    listed = _all(client, source.registry) if wild else ()
    found = {*plain, *(path for path in listed if _any(wild, path))}
    return tuple(sorted(path for path in found if not _any(excluded, path)))


def _any(globs: Iterable[Callable[[str], bool]], path: str) -> bool:
    return any(matches(path) for matches in globs)


def _all(client: Client, registry: Registry | Folder) -> Iterator[str]:
    if isinstance(registry, Registry):
        from ocikit.registry.list import catalog

        yield from catalog(registry, client=client)
        return
    for folder, below, files in os.walk(registry.path):
        if MARKER_FILE in files:
            path = os.path.relpath(folder, registry.path)
            below[:] = [name for name in below if name != "blobs"]
            if grammar.is_path(path):
                yield path


@functools.cache
def glob(text: str) -> Callable[[str], bool]:
    """
    Make a predicate of a glob of paths: `*` and `?` are within a component, `**` are any.

    >>> [glob("team/**")(path) for path in ("team/a", "team/a/b", "teams/a")]
    [True, True, False]
    """
    parts: list[str] = []
    rest = text
    while rest:
        if rest.startswith("**/"):
            parts, rest = [*parts, "(?:.*/)?"], rest[3:]
        elif rest.startswith("**"):
            parts, rest = [*parts, ".*"], rest[2:]
        else:
            letter, rest = rest[0], rest[1:]
            parts.append({"*": "[^/]*", "?": "[^/]"}.get(letter, _escaped(letter)))
    return pattern("".join(parts)).matches


def _escaped(letter: str) -> str:
    return letter if letter.isalnum() else f"\\{letter}"
