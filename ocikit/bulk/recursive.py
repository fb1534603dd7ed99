"""
Verbs over all repositories of a registry, or below one: copy, and collect garbage.

A repository that fails does not stop the others; each has an outcome of its own.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from typing import TypeVar

import attrs

from ocikit._records import evolve, record
from ocikit.bulk.journal import Journal
from ocikit.bulk.lacking import Lack, of_json, to_json
from ocikit.bulk.mapping import map as over
from ocikit.bulk.outcome import Failed, Ok
from ocikit.bulk.repository_copy import Copying
from ocikit.crane.options import Options, writing
from ocikit.errors import Invalid
from ocikit.google.collecting import Removal, find, remove
from ocikit.google.garbage import UNTAGGED, Garbage, Retention
from ocikit.google.listed import Listing
from ocikit.google.walking import Found, Unlisted, encountered, read_place, repositories
from ocikit.name.records import Registry, Repository
from ocikit.query.tagged import EVERY, TagFilter
from ocikit.registry.parallel import one_at_a_time

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class IntoItself(Invalid):
    """
    Repositories were to be copied below themselves, and the copies again.
    """

    source: str
    target: str

    def __str__(self) -> str:
        return f"{self.target}: is, or is below, {self.source}, which would be copied into itself"


def copy_recursive(
    source: str,
    target: str,
    options: Options,
    *,
    tags: TagFilter = EVERY,
    clobber: bool = True,
    referrers: bool = False,
    among: Iterable[str] | None = None,
    dry_run: bool = False,
    executor: Executor | None = None,
    jobs: int | None = None,
    journal: str | os.PathLike[str] | None = None,
) -> Iterator[Ok[str, Lack] | Failed[str]]:
    """
    Copy a repository and all below it, or a whole registry; tell for each what it lacked.

    Only what differs is copied, each digest once and then its other tags; from registries
    that list them also manifests without a tag. What is interrupted is run again.

    Args:
        source: a repository, as `gcr.io/project`, or a registry, as `gcr.io`.
        target: a repository that takes its place; or a registry, which takes all under the
            paths that they have.
        options: how to reach both, and which platforms are wanted; then what has no tag
            is left out.
        tags: which tags are copied; with any but all of them what has no tag is left out.
        clobber: whether tags that name something else there are overwritten.
        referrers: whether what belongs to images goes along, as `crane.copy` has it.
        among: these repositories, instead of all that the registry tells of.
        dry_run: copy nothing, only tell.
        executor: where repositories are worked on; threads when None.
        jobs: how many at once, when there is no executor; as many as the client has.
        journal: a file by which a run that ended is gone on with: repositories that are
            finished in it are not looked at again.

    Raises:
        NameInvalid: a name cannot be read.
        IntoItself: the target is below the source.
        JournalInUse, NotAJournal: the journal is not for this run.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> names = [flush(f"localhost/a/{path}:1", IMAGE, options) for path in ("x", "y/z")]
    >>> for outcome in copy_recursive("localhost/a", "localhost/b", options, jobs=1):
    ...     assert isinstance(outcome, Ok)
    ...     print(outcome.reference, outcome.value.target)
    localhost/a/x localhost/b/x
    localhost/a/y/z localhost/b/y/z
    """
    origin, goal = (read_place(text, weak=options.weak) for text in (source, target))
    if _is_within(goal, origin) and among is None:
        raise IntoItself(source=str(origin), target=str(goal))
    if executor is None:
        options = evolve(options, report=one_at_a_time(options.report))
    copying = Copying(
        source=origin,
        target=goal,
        options=options,
        tags=tags,
        clobber=clobber,
        referrers=referrers,
    )
    kept = None
    if journal is not None and not dry_run:
        # What was finished of other tags or platforms says nothing here.
        only = "" if tags == EVERY else f", only {tags}"
        only += "".join(f", {platform}" for platform in options.platforms)
        title = f"copy of {origin} to {goal}{only}"
        kept = Journal(path=os.fspath(journal), name=title, write=to_json, read=of_json)
    found = encountered(origin, client=options.client, among=among)
    do: Callable[[str], Lack] = copying.lack if dry_run else copying
    # Other processes ask for themselves: a list may be longer than what is told of it.
    listings = copying.listings if executor is None else None
    return _each(found, do, executor, jobs or options.client.jobs, kept, listings)


def _is_within(place: Repository | Registry, other: Repository | Registry) -> bool:
    if isinstance(other, Registry):
        return place == other or (isinstance(place, Repository) and place.registry == other)
    return place == other or str(place).startswith(f"{other}/")


@record(kw_only=True)
class Collected:
    """
    What a repository has that nobody needs, and what of it was deleted.
    """

    garbage: Garbage
    #: None when nothing was to be.
    removal: Removal | None = None


@record(kw_only=True)
class Collecting:
    """
    Finds, and deletes, what of a repository nobody needs; called with its name.
    """

    options: Options
    retention: Retention = UNTAGGED
    delete: bool = False

    def __call__(self, name: str) -> Collected:
        """
        Look at one repository.

        Raises:
            OciError: something that is needed to know could not be read.
        """
        client = writing(self.options)
        garbage = find(name, self.retention, client=client)
        removal = remove(garbage, self.retention, client=client) if self.delete else None
        return Collected(garbage=garbage, removal=removal)


def collect(
    where: str,
    options: Options,
    *,
    retention: Retention = UNTAGGED,
    delete: bool = False,
    recursive: bool = False,
    among: Iterable[str] | None = None,
    executor: Executor | None = None,
    jobs: int | None = None,
) -> Iterator[Ok[str, Collected] | Failed[str]]:
    """
    Find what nobody needs in a repository, or in many, and delete it if that is asked.

    Args:
        where: a repository; or a registry, which is as a whole only with `recursive`.
        options: how to reach it.
        retention: what may go: manifests without a tag, and tags by name, age and number.
        delete: whether it is deleted; else it is only told.
        recursive: whether all repositories below are looked at.
        among: these repositories, instead of all that the registry tells of.
        executor: where repositories are worked on; threads when None.
        jobs: how many at once, when there is no executor; as many as the client has.

    Raises:
        NameInvalid: the name cannot be read.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry(extended=True)))
    >>> name = flush(f"localhost/app@{IMAGE.digest}", IMAGE, options)
    >>> [outcome] = collect("localhost/app", options, delete=True)
    >>> len(outcome.value.removal.manifests)
    1
    """
    place = read_place(where, weak=options.weak)
    alone = isinstance(place, Repository) and not recursive and among is None
    found: Iterable[Repository | Unlisted]
    if alone and isinstance(place, Repository):
        found = [place]
    else:
        found = repositories(place, client=options.client, among=among)
    do = Collecting(options=options, retention=retention, delete=delete)
    return _each(found, do, executor, jobs or options.client.jobs, None)


def _each(
    found: Iterable[Found | Repository],
    do: Callable[[str], T],
    executor: Executor | None,
    jobs: int,
    journal: Journal | None,
    listings: dict[str, Listing] | None = None,
) -> Iterator[Ok[str, T] | Failed[str]]:
    """
    Do something with each repository; what was not even found has failed.

    What was listed to find it is kept in `listings` until it was worked on.
    """
    lost = deque[Failed[str]]()

    def names() -> Iterator[str]:
        for each in found:
            if isinstance(each, Unlisted):
                lost.append(Failed(reference=each.name, error=each.error))
            elif isinstance(each, Listing):
                name = str(each.repository)
                if listings is not None:
                    listings[name] = each
                yield name
            else:
                yield str(each)

    for outcome in over(do, names(), executor=executor, jobs=jobs, journal=journal):
        while lost:
            yield lost.popleft()
        if listings:
            # Who had finished it in an earlier run had no use for it.
            listings.pop(outcome.reference, None)
        yield outcome
    yield from lost
