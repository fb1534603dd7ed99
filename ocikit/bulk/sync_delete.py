"""
Which tags of targets are to go: pure, and careful.

A tag goes only when an entry that deletes has a filter about it, and nobody wants it there. It
stays when it could not be found out what is wanted there, when it belongs to a manifest (a
signature, a list of referrers), and when so many would go at once that the source is more
likely to have told less than it has: an account that may no longer see a project, or a
registry that moved, lists nothing, and an empty list must not empty a mirror.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from ocikit._records import record
from ocikit.bulk.sync_actions import Action, Scope, Seen, Want
from ocikit.bulk.sync_plan import key_of
from ocikit.bulk.sync_shelf import Shelf, tagged
from ocikit.query.cosign import belongs
from ocikit.query.tagged import covers


@record(kw_only=True)
class Care:
    """
    What is to be left alone.
    """

    #: Targets of which it is not known what is wanted there, and why.
    unknown: tuple[tuple[Shelf, str], ...] = ()
    #: Filters of entries that do not take part, on targets of theirs.
    others: tuple[Scope, ...] = ()
    #: Whether more may go than the share that entries name.
    forced: bool = False


def deletions(
    wants: Iterable[Want], scopes: Iterable[Scope], seen: Seen, care: Care | None = None
) -> tuple[Action, ...]:
    """
    Decide which tags of targets go.

    Args:
        wants: all that is wanted, by whichever entry.
        scopes: where entries may delete.
        seen: what is there.
        care: what is to be left alone besides.
    """
    care = care or Care()
    wanted: dict[Shelf, set[str]] = defaultdict(set)
    for want in wants:
        wanted[key_of(want)[0]].add(want.name)
    unknown = dict(care.unknown)
    actions: list[Action] = []
    gone: dict[Shelf, set[str]] = defaultdict(set)
    for scope in scopes:
        there = seen.tags.get(scope.target)
        if not isinstance(there, frozenset):
            continue
        extra = sorted(_extra(scope, there, wanted[scope.target], care) - gone[scope.target])
        if not extra:
            continue
        if scope.target in unknown:
            actions.append(_conflict(scope, f"nothing is deleted: {unknown[scope.target]}"))
            continue
        about = set(covers(scope.tags, there | wanted[scope.target]))
        if not care.forced and len(extra) > scope.at_most * len(about):
            actions.append(_too_many(scope, len(extra), len(about)))
            continue
        gone[scope.target].update(extra)
        actions += _gone(scope, extra)
    return tuple(actions)


def _extra(scope: Scope, there: Collection[str], wanted: Collection[str], care: Care) -> set[str]:
    about = {tag for tag in covers(scope.tags, there) if not belongs(tag)}
    for other in care.others:
        if other.target == scope.target:
            about -= set(covers(other.tags, there))
    return about - set(wanted)


def _gone(scope: Scope, tags: Iterable[str]) -> Iterator[Action]:
    for tag in tags:
        yield Action(
            kind="delete",
            entry=scope.entry,
            target=tagged(scope.target, tag),
            reason="the filter is about it, and the source has it not, or has newer ones",
        )


def _conflict(scope: Scope, reason: str) -> Action:
    return Action(kind="conflict", entry=scope.entry, target=str(scope.target), reason=reason)


def _too_many(scope: Scope, extra: int, about: int) -> Action:
    return _conflict(
        scope,
        f"{extra} of {about} tags would be deleted, more than {scope.at_most:.0%}; does the "
        "source still list all it has? Then raise delete-at-most, or use --force-delete",
    )
