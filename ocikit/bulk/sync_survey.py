"""
From a file to what has to be done: entries become tags that are wanted, places are asked for no
more than has to be known, and the rest is decided purely.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Iterator
from fnmatch import fnmatchcase

import attrs

from ocikit._records import evolve, record
from ocikit.bulk.sync_actions import Action, How, Memory, Scope, Seen, Want
from ocikit.bulk.sync_delete import Care, deletions
from ocikit.bulk.sync_entries import Entry, Named, SyncFile, Target, Whole
from ocikit.bulk.sync_look import Listing, Workers, list_shelf, list_target, look, repositories
from ocikit.bulk.sync_plan import Key, key_of, plan, sources_to_ask, targets_to_ask
from ocikit.bulk.sync_shelf import Folder, Prefix, Shelf
from ocikit.crane.options import Options, writing
from ocikit.digest import Digest
from ocikit.errors import Invalid, Missing, OciError
from ocikit.query.cosign import belongs
from ocikit.query.tagged import TagFilter, select
from ocikit.registry.client import Client

#: What a target's tag was, by its text, if it is remembered.
Recall = Callable[[str], Memory | None]


@attrs.frozen(kw_only=True)
class EntryUnknown(Invalid):
    """
    A file has no entry of a name.
    """

    name: str
    there: tuple[str, ...]

    def __str__(self) -> str:
        return f"there is no entry {self.name!r}; there are {', '.join(self.there)}"


@record(kw_only=True)
class Choice:
    """
    What of a file is carried out, and how carefully.
    """

    #: The names of entries; all when there are none.
    only: tuple[str, ...] = ()
    #: Whether what is remembered of targets is looked at as well.
    verify: bool = False
    #: Whether entries delete, in place of what they say.
    delete: bool | None = None
    #: Whether more may be deleted than entries allow.
    force_delete: bool = False


@record(kw_only=True)
class _Pair:
    """
    A repository or layout of an entry, and where it goes.
    """

    entry: Entry
    source: Shelf
    targets: tuple[Shelf, ...]


def survey(
    file: SyncFile,
    options: Options,
    choice: Choice,
    recall: Recall,
    workers: Workers,
) -> tuple[Action, ...]:
    """
    Decide what has to be done; nothing is written.

    Raises:
        EntryUnknown: an entry is asked for that is not there.
    """
    entries = _chosen(file, choice)
    pairs, faults = _pairs(entries, options, workers)
    known = {entry.name for entry in entries} - {fault.entry for fault in faults}
    lists = dict(workers.each(functools.partial(list_shelf, options.client), _sources(pairs)))
    wants, unknown = list[Want](), list[tuple[Shelf, str]]()
    for entry in entries:
        wants += _single(entry)
        for pair in (each for each in pairs if each.entry is entry):
            listing = lists[pair.source]
            if isinstance(listing, Listing):
                wants += _wants(pair, listing)
                continue
            faults += [_fault(entry, str(target), listing) for target in pair.targets]
            unknown += [(each, f"{pair.source} could not be listed") for each in pair.targets]
    scopes = [scope for pair in pairs for scope in _scopes(pair)]
    seen = _see(wants, scopes, options, choice, recall, workers)
    care = Care(
        unknown=tuple(unknown),
        others=tuple(_others(file, known, scopes)),
        forced=choice.force_delete,
    )
    return (*faults, *plan(wants, seen), *deletions(wants, scopes, seen, care))


def _chosen(file: SyncFile, choice: Choice) -> list[Entry]:
    names = [entry.name for entry in file.entries]
    for name in choice.only:
        if name not in names:
            raise EntryUnknown(name=name, there=tuple(names))
    return [
        entry if choice.delete is None else evolve(entry, delete=choice.delete)
        for entry in file.entries
        if not choice.only or entry.name in choice.only
    ]


def _pairs(
    entries: Iterable[Entry], options: Options, workers: Workers
) -> tuple[list[_Pair], list[Action]]:
    entries = list(entries)
    wholes = dict.fromkeys(each.source for each in entries if isinstance(each.source, Whole))
    found = dict(workers.each(functools.partial(repositories, options.client), wholes))
    pairs: list[_Pair] = []
    faults: list[Action] = []
    for entry in entries:
        if isinstance(entry.source, Whole):
            paths = found[entry.source]
            if isinstance(paths, Exception):
                faults += [_fault(entry, str(target), paths) for target in entry.targets]
                continue
            for path in paths:
                pairs += _of_path(entry, path, faults)
        elif not isinstance(entry.source, Named):
            targets = tuple(t for t in entry.targets if not isinstance(t, Named | Prefix))
            pairs.append(_Pair(entry=entry, source=entry.source, targets=targets))
    return pairs, faults


def _of_path(entry: Entry, path: str, faults: list[Action]) -> Iterator[_Pair]:
    assert isinstance(entry.source, Whole)
    registry = entry.source.registry
    whole = Prefix(None, registry.path) if isinstance(registry, Folder) else Prefix(registry, "")
    try:
        targets = tuple(t.shelf(path) for t in entry.targets if isinstance(t, Prefix))
        yield _Pair(entry=entry, source=whole.shelf(path), targets=targets)
    except OciError as error:
        faults.append(_fault(entry, f"{whole}/{path}", error))


def _sources(pairs: Iterable[_Pair]) -> Iterator[Shelf]:
    return iter(dict.fromkeys(pair.source for pair in pairs))


def _single(entry: Entry) -> Iterator[Want]:
    source = entry.source
    if not isinstance(source, Named):
        return
    for target in entry.targets:
        assert isinstance(target, Named)
        assert target.tag is not None
        yield Want(
            entry=entry.name,
            source=source.shelf,
            tag=source.tag,
            digest=source.digest,
            target=target.shelf,
            name=target.tag,
            how=_how(entry, source.tag or ""),
        )


def _wants(pair: _Pair, listing: Listing) -> Iterator[Want]:
    # What belongs to an image goes along with it, and is no image that a filter could mean.
    tags = select(pair.entry.tags, (tag for tag in listing.tags if not belongs(tag)))
    for tag in tags:
        how = _how(pair.entry, tag)
        for target in pair.targets:
            yield Want(
                entry=pair.entry.name,
                source=pair.source,
                tag=tag,
                digest=listing.digests.get(tag),
                target=target,
                name=tag,
                how=how,
            )


def _how(entry: Entry, tag: str) -> How:
    return How(
        platforms=entry.platforms,
        referrers=entry.referrers,
        overwrite=entry.overwrite,
        immutable=any(fnmatchcase(tag, glob) for glob in entry.immutable),
    )


def _scopes(pair: _Pair) -> Iterator[Scope]:
    if pair.entry.delete:
        for target in pair.targets:
            yield _scope(pair.entry, target)


def _scope(entry: Entry, target: Shelf) -> Scope:
    return Scope(entry=entry.name, target=target, tags=entry.tags, at_most=entry.delete_at_most)


def _others(file: SyncFile, known: Collection[str], scopes: Iterable[Scope]) -> Iterator[Scope]:
    """
    Give the filters of entries of which it is not known what they want, for they do not take
    part or their registry does not tell, on targets of those that delete.
    """
    targets = dict.fromkeys(scope.target for scope in scopes)
    for entry in file.entries:
        if entry.name in known:
            continue
        for target in targets:
            if any(_may_write(each, target) for each in entry.targets):
                yield _scope(evolve(entry, tags=_meant(entry, target)), target)


def _may_write(target: Target, shelf: Shelf) -> bool:
    if isinstance(target, Prefix):
        return target.holds(shelf)
    return (target.shelf if isinstance(target, Named) else target) == shelf


def _meant(entry: Entry, target: Shelf) -> TagFilter:
    named = [t.tag for t in entry.targets if isinstance(t, Named) and t.shelf == target]
    # A tag has no letter that means something in a glob.
    return TagFilter(include=tuple(filter(None, named))) if named else entry.tags


def _see(
    wants: list[Want],
    scopes: list[Scope],
    options: Options,
    choice: Choice,
    recall: Recall,
    workers: Workers,
) -> Seen:
    target = writing(options)
    tags, known = _targets(wants, scopes, target, workers)
    memory = {key_of(want): found for want in wants if (found := recall(place_of(want)))}
    seen = Seen(tags=tags, targets=known, memory=memory)
    ask = functools.partial(look, options.client)
    seen = evolve(seen, sources=dict(workers.each(ask, sources_to_ask(wants, seen))))
    asked = targets_to_ask(wants, seen, verify=choice.verify)
    answers = dict(workers.each(functools.partial(look, target), asked))
    return evolve(seen, targets=known | answers)


def _targets(
    wants: list[Want], scopes: list[Scope], client: Client, workers: Workers
) -> tuple[dict[Shelf, frozenset[str] | Exception], dict[Key, Digest | Exception]]:
    """
    Give the tags of targets, and what they name as far as that is told with them.
    """
    several: dict[Shelf, set[str]] = {scope.target: set() for scope in scopes}
    for want in wants:
        several.setdefault(want.target, set()).add(want.name)
    deleting = {scope.target for scope in scopes}
    # Where one tag is wanted, it is looked at: a list may have pages and pages of others.
    alone: list[Key] = [
        (shelf, next(iter(names)))
        for shelf, names in several.items()
        if len(names) == 1 and shelf not in deleting and not isinstance(shelf, Folder)
    ]
    for shelf, _ in alone:
        del several[shelf]
    tags: dict[Shelf, frozenset[str] | Exception] = {}
    known: dict[Key, Digest | Exception] = {}
    for key, found in workers.each(functools.partial(look, client), alone):
        known[key] = found
        if isinstance(found, Exception) and not isinstance(found, Missing):
            tags[key[0]] = found
        else:
            tags[key[0]] = frozenset() if isinstance(found, Missing) else frozenset([key[1]])
    for shelf, listing in workers.each(functools.partial(list_target, client), several):
        if isinstance(listing, Exception):
            tags[shelf] = listing
            continue
        tags[shelf] = frozenset(listing.tags)
        known |= {(shelf, tag): digest for tag, digest in listing.digests.items()}
    return tags, known


def place_of(want: Want) -> str:
    """
    Give the text by which a tag of a target is remembered.
    """
    return f"{want.target}:{want.name}"


def _fault(entry: Entry, target: str, error: Exception) -> Action:
    return Action(kind="fault", entry=entry.name, target=target, reason=str(error), error=error)
