"""
Verbs over many images: copy, scan, delete.

What goes to workers are names and `crane.Options`: how to reach places, never a
connection or a secret. Each process keeps connections and tokens of its own, for all
work that is given it with equal options.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from os import PathLike, fspath
from typing import Any, Literal, TypedDict, TypeVar, Unpack, overload

from ocikit._records import evolve, record
from ocikit.bulk.inventory import Facts, facts, read, written
from ocikit.bulk.journal import Journal, name_of
from ocikit.bulk.mapping import map as over
from ocikit.bulk.outcome import Failed, Ok
from ocikit.content.image import Content
from ocikit.crane.copying import copy as copy_one
from ocikit.crane.options import Options
from ocikit.crane.places import load
from ocikit.crane.write import delete as delete_one
from ocikit.errors import Missing
from ocikit.name.records import Reference

T = TypeVar("T")
Name = TypeVar("Name", str, Reference)


class How(TypedDict, total=False):
    """
    What `bulk.map` may be told, as it has it.
    """

    executor: Executor | None
    jobs: int
    chunk: int | None
    window: int
    journal: str | PathLike[str] | Journal | None
    on_error: Literal["collect", "raise"]
    ordered: bool


@record(kw_only=True)
class Copy:
    """
    Copies one thing: called with where from and where to, it gives its name there.
    """

    options: Options
    clobber: bool = True
    referrers: bool = False

    def __call__(self, pair: tuple[str, str]) -> str:
        """
        Copy it, as `crane.copy` does.
        """
        source, target = pair
        return copy_one(
            source, target, self.options, clobber=self.clobber, referrers=self.referrers
        )


@record(kw_only=True)
class Scan:
    """
    Asks one thing a question: called with its name, it gives the answer.
    """

    options: Options
    question: Callable[[Content], Any]

    def __call__(self, reference: str | Reference) -> Any:
        """
        Load it, and ask.
        """
        return self.question(load(str(reference), self.options))


@record(kw_only=True)
class Delete:
    """
    Deletes one thing: called with its name, it tells whether it was there.
    """

    options: Options
    swap: bool = False

    def __call__(self, reference: str | Reference) -> bool:
        """
        Delete it, as `crane.delete` does.
        """
        try:
            delete_one(str(reference), self.options, swap=self.swap)
        except Missing:
            return False
        return True


def copy(
    pairs: Iterable[tuple[str, str]],
    options: Options | None = None,
    *,
    clobber: bool = True,
    referrers: bool = False,
    **how: Unpack[How],
) -> Iterator[Ok[tuple[str, str], str] | Failed[tuple[str, str]]]:
    """
    Copy many things, each from any place to any place, byte for byte.

    Args:
        pairs: where from and where to, for each.
        options: how to reach the places, and which platforms are wanted.
        clobber: whether a tag that is there is overwritten.
        referrers: whether what belongs to each goes along.
        how: as `bulk.map` has it: executor, jobs, chunk, window, journal, on_error, ordered.

    Returns:
        For each pair its name where it went to, in a registry by digest; or why not.

    Raises:
        BoundInvalid, JournalInUse, JournalOfAnother, NotAJournal, OSError: as `bulk.map`.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> pairs = [("localhost/app:1", f"localhost/copied:{tag}") for tag in range(3)]
    >>> {outcome.value == name.replace("app", "copied") for outcome in copy(pairs, options)}
    {True}
    """
    options = options or Options()
    function = Copy(options=options, clobber=clobber, referrers=referrers)
    kept = _journal(how, "copy with referrers" if referrers else "copy", options)
    return over(function, pairs, key=shlex.join, **kept)


@overload
def scan(
    references: Iterable[Name], options: Options | None = None, **how: Unpack[How]
) -> Iterator[Ok[Name, Facts] | Failed[Name]]: ...


@overload
def scan(
    references: Iterable[Name],
    options: Options | None = None,
    *,
    question: Callable[[Content], T],
    **how: Unpack[How],
) -> Iterator[Ok[Name, T] | Failed[Name]]: ...


def scan(
    references: Iterable[Any],
    options: Options | None = None,
    *,
    question: Callable[[Content], Any] = facts,
    **how: Unpack[How],
) -> Iterator[Any]:
    """
    Ask many images and indexes a question.

    Args:
        references: names in registries, or other places.
        options: how to reach the places, and which platforms are wanted of an index.
        question: is called with each `Image`, `Index` or `Blob` where it is loaded, and may open
            what it needs. What it gives travels: plain values, not images. `bulk.facts`,
            which gives what most ask of a fleet, when it is not given.
        how: as `bulk.map` has it: executor, jobs, chunk, window, journal, on_error, ordered.

    Returns:
        For each reference the answer, or why there is none.

    Raises:
        BoundInvalid, JournalInUse, JournalOfAnother, NotAJournal, OSError: as `bulk.map`.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> [(each.reference, each.value.kind) for each in scan(["localhost/app:1"], options)]
    [('localhost/app:1', 'image')]
    """
    options = options or Options()
    function = Scan(options=options, question=question)
    kept = _journal(how, f"scan {name_of(question)}", options)
    journal = kept.get("journal")
    if question is facts and isinstance(journal, Journal) and journal.write is None:
        kept["journal"] = evolve(journal, write=written, read=read)
    return over(function, references, **kept)


def delete(
    references: Iterable[Name],
    options: Options | None = None,
    *,
    swap: bool = False,
    **how: Unpack[How],
) -> Iterator[Ok[Name, bool] | Failed[Name]]:
    """
    Delete many tags, or manifests by their digests, from their registries.

    What is not there need not be deleted: so a run may be done again.

    Args:
        references: what to delete; with a manifest go all its tags.
        options: how to reach the registries.
        swap: where a registry deletes manifests only, put something else under a tag, and
            delete that.
        how: as `bulk.map` has it: executor, jobs, chunk, window, journal, on_error, ordered.

    Returns:
        For each reference whether it was there, or why it still is.

    Raises:
        BoundInvalid, JournalInUse, JournalOfAnother, NotAJournal, OSError: as `bulk.map`.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> found = delete(["localhost/app:1", "localhost/app:2"], options, ordered=True)
    >>> [outcome.value for outcome in found]
    [True, False]
    """
    options = options or Options()
    kept = _journal(how, "delete", evolve(options, platforms=()))
    return over(Delete(options=options, swap=swap), references, **kept)


def _journal(how: How, name: str, options: Options) -> How:
    """
    Name the journal after what is done, so that it is not taken for that of something else.
    """
    given = how.get("journal")
    if given is None:
        return how
    journal = given if isinstance(given, Journal) else Journal(path=fspath(given))
    if not journal.name:
        wanted = " ".join([f"ocikit {name}", *map(str, options.platforms)])
        journal = evolve(journal, name=wanted)
    return {**how, "journal": journal}
