"""
Registries and layouts kept in sync, as a file says.

What it costs when nothing has changed: the lists of tags, and one HEAD a tag at the source. Of
the target its list tells that a tag is there; that it still names what the source names is
remembered from the run that put it there (`state`), and asked by one more HEAD a tag without
that, or with `verify`.
"""

from __future__ import annotations

import functools
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor

from ocikit._records import evolve
from ocikit.bulk.mapping import map as map_many
from ocikit.bulk.outcome import Ok
from ocikit.bulk.sync_actions import Action, Memory, Result, Summary
from ocikit.bulk.sync_entries import SyncFile
from ocikit.bulk.sync_limits import paced
from ocikit.bulk.sync_look import Workers
from ocikit.bulk.sync_shelf import bare, identifier, shelf_of
from ocikit.bulk.sync_state import State
from ocikit.bulk.sync_survey import Choice
from ocikit.bulk.sync_survey import survey as look_around
from ocikit.bulk.sync_work import carry_out, take_away, told, works_of
from ocikit.crane.options import Options
from ocikit.registry.parallel import one_at_a_time


def survey_sync(
    file: SyncFile,
    options: Options | None = None,
    *,
    state: str | os.PathLike[str] | None = None,
    choice: Choice | None = None,
    executor: Executor | None = None,
) -> tuple[Action, ...]:
    """
    Tell what would be done to have all in sync, and do nothing of it.

    Args, and what is raised, are those of `sync`.

    >>> from ocikit.bulk.sync_file import read_sync
    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> file = read_sync('''
    ... [[sync]]
    ... repository = "localhost/app"
    ... targets = "localhost/mirror"
    ... ''')
    >>> [(action.kind, str(action.target)) for action in survey_sync(file, options)]
    [('copy', 'docker://localhost/mirror:1')]
    """
    known = _paced(file, options or Options(), executor)
    memory = State(None if state is None or not os.path.exists(state) else os.fspath(state))
    try:
        workers = Workers(executor=executor, jobs=known.client.jobs)
        return look_around(file, known, choice or Choice(), memory.recall, workers)
    finally:
        memory.close()


def sync(
    file: SyncFile,
    options: Options | None = None,
    *,
    state: str | os.PathLike[str] | None = None,
    choice: Choice | None = None,
    executor: Executor | None = None,
) -> Iterator[Result]:
    """
    Give targets what sources have, and tell what became of each tag as soon as that is known.

    Tags come last, so that none names what is not whole; a run that ended in the middle is gone
    on with by the next. An index stays an index. What fails is a result, and keeps nothing else
    back, but that nothing is deleted from a target to which something could not be copied.

    Args:
        file: what is to be in sync; see `read_sync`.
        options: how to reach registries. Platforms are those of the entries.
        state: a file that remembers what was put where, so that the next run need not ask; what
            others have put under tags of targets since is then seen only when `choice` verifies.
        choice: which entries, and how carefully.
        executor: where work is done: any `concurrent.futures.Executor`; threads, as many as
            the client has jobs, when None. Rate limits are those of each process.

    Raises:
        EntryUnknown: an entry is asked for that is not there.
        JournalInUse, NotAJournal, JournalOfAnother: the state is not for this.
        OSError: the state cannot be written.

    >>> from ocikit.bulk.sync_file import read_sync
    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> file = read_sync('''
    ... [[sync]]
    ... repository = "localhost/app"
    ... targets = "localhost/mirror"
    ... ''')
    >>> [result.outcome for result in sync(file, options)]
    ['done']
    >>> [result.outcome for result in sync(file, options)]
    ['same']
    """
    known = _paced(file, options or Options(), executor)
    memory = State(None if state is None else os.fspath(state))
    try:
        workers = Workers(executor=executor, jobs=known.client.jobs)
        actions = look_around(file, known, choice or Choice(), memory.recall, workers)
        done = list(told(actions))
        memory.keep(_new(done, memory))
        yield from done
        broken = {shelf_of(each.action.target) for each in done if each.outcome == "failed"}
        for results in _copied(known, actions, workers):
            memory.keep(_new(results, memory))
            broken |= {shelf_of(each.action.target) for each in results if each.outcome == "failed"}
            yield from results
        for result in _deleted(known, actions, broken, workers):
            if result.outcome in ("done", "same"):
                memory.keep([(bare(result.action.target), None)])
            yield result
    finally:
        memory.close()


def summary(results: Iterable[Result]) -> Summary:
    """
    Count what became of tags.

    >>> print(summary([]))
    nothing
    """
    found = [(_counted_as(each), each.bytes) for each in results]
    counts = Counter(name for name, _ in found)
    return Summary(**counts, bytes=sum(moved for _, moved in found))


def _counted_as(result: Result) -> str:
    if result.outcome == "failed":
        return "failed"
    if result.action.kind == "conflict":
        return "conflicts"
    if result.outcome == "done":
        return {"tag": "tagged", "delete": "deleted"}.get(result.action.kind, "copied")
    return result.outcome


def _paced(file: SyncFile, options: Options, executor: Executor | None) -> Options:
    # Reports of several threads come one at a time; to other processes a lock cannot go.
    report = options.report if executor is not None else one_at_a_time(options.report)
    target = options.target
    return evolve(
        options,
        client=paced(options.client, file.limits, options.notice),
        target=None if target is None else paced(target, file.limits, options.notice),
        report=report,
        platforms=(),
    )


def _copied(
    options: Options, actions: tuple[Action, ...], workers: Workers
) -> Iterator[tuple[Result, ...]]:
    outcomes = map_many(
        functools.partial(carry_out, options),
        works_of(actions),
        executor=workers.executor,
        jobs=workers.jobs,
        chunk=1,
    )
    for outcome in outcomes:
        if isinstance(outcome, Ok):
            yield outcome.value
        else:
            yield tuple(
                Result(action=action, outcome="failed", error=outcome.error)
                for action in outcome.reference.actions
            )


def _deleted(
    options: Options, actions: tuple[Action, ...], broken: set[str], workers: Workers
) -> Iterator[Result]:
    gone: list[Action] = []
    for action in actions:
        if action.kind == "delete" and shelf_of(action.target) in broken:
            reason = "it is kept, for not all was copied to that target"
            yield Result(action=evolve(action, kind="skip", reason=reason), outcome="skipped")
        elif action.kind == "delete":
            gone.append(action)
    for action, result in workers.each(functools.partial(take_away, options), gone):
        if isinstance(result, Exception):
            result = Result(action=action, outcome="failed", error=result)
        yield result


def _new(results: Iterable[Result], memory: State) -> Iterator[tuple[str, Memory | None]]:
    """
    Give what of results is to be remembered, and is not yet.
    """
    for each in results:
        action = each.action
        if each.outcome not in ("done", "same") or action.source is None or each.digest is None:
            continue
        place = bare(action.target)
        found = Memory(
            source=identifier(action.source), target=str(each.digest), how=action.how.key
        )
        if memory.recall(place) != found:
            yield place, found
