"""
From what is wanted and what is there to what has to be done: pure, so that a plan can be shown
and tested before anything moves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ocikit._records import evolve, record
from ocikit.bulk.sync_actions import Action, Kind, Seen, Want
from ocikit.bulk.sync_shelf import Shelf, pinned, tagged
from ocikit.digest import Digest
from ocikit.errors import Missing, OciError

#: A tag of a target.
Key = tuple[Shelf, str]


def key_of(want: Want) -> Key:
    """
    Give the tag of the target that a want is about.
    """
    return want.target, want.name


def sources_to_ask(wants: Iterable[Want], seen: Seen) -> tuple[Key, ...]:
    """
    Give the tags of sources of which it has to be known what they name: one HEAD each.

    Of a tag that never changes, and that the target has, nothing has to be known.
    """
    asked: dict[Key, None] = {}
    for want in wants:
        if want.digest is None and want.tag is not None and not _is_settled(want, seen):
            asked[want.source, want.tag] = None
    return tuple(asked)


def targets_to_ask(wants: Iterable[Want], seen: Seen, *, verify: bool = False) -> tuple[Key, ...]:
    """
    Give the tags of targets of which it has to be known what they name.

    None when it is remembered that they were made of what the source still is; with `verify`
    these too, for somebody else may have changed them.
    """
    asked: dict[Key, None] = {}
    for want in wants:
        key = key_of(want)
        if not _is_listed(want, seen) or _is_settled(want, seen) or key in seen.targets:
            continue
        source = _source(want, seen)
        if not isinstance(source, Digest):
            continue
        known = _is_remembered(want, source, seen)
        # What is made of parts of an index has another digest: to compare says nothing.
        if verify if known else not want.how.platforms and key not in seen.memory:
            asked[key] = None
    return tuple(asked)


def plan(wants: Iterable[Want], seen: Seen) -> tuple[Action, ...]:
    """
    Decide what to do about each tag that is wanted.

    Of what is copied, the first tag in a target is a `copy`, the others with the same content
    are a `tag` each; so they are when the target has it under another name already.

    >>> plan([], Seen())
    ()
    """
    several: dict[Key, list[Want]] = defaultdict(list)
    for want in wants:
        several[key_of(want)].append(want)
    judged: list[_Judged] = []
    for same in several.values():
        judged += _judge_all(same, seen)
    held = {
        (each.want.target, each.source, each.want.how.key): each.there
        for each in judged
        if each.there is not None and each.source is not None
    }
    begun: set[tuple[Shelf, Digest, str, Kind]] = set()
    actions: list[Action] = []
    for each in judged:
        action = each.action
        if each.source is not None and action.kind in ("copy", "refresh"):
            content = (each.want.target, each.source, each.want.how.key)
            again = (*content, action.kind) in begun
            begun.add((*content, action.kind))
            if action.kind == "copy" and (again or content in held):
                action = evolve(action, kind="tag", held=held.get(content))
            elif again:
                action = evolve(action, kind="skip", reason="is the same", digest=each.there)
        actions.append(action)
    return tuple(actions)


@record
class _Judged:
    want: Want
    action: Action
    source: Digest | None = None
    #: What the target is known to have for this source, of what is up to date.
    there: Digest | None = None


def _judge_all(wants: list[Want], seen: Seen) -> Iterator[_Judged]:
    first = wants[0]
    if (
        len({_said(want) for want in wants}) == 1
        or len({_meant(want, seen) for want in wants}) == 1
    ):
        yield _judge(first, seen)
        return
    names = " and ".join(dict.fromkeys(repr(want.entry) for want in wants))
    reason = f"{names} want different images there; let one of them leave it out"
    for want in wants:
        yield _Judged(want, _action(want, "conflict", reason))


def _said(want: Want) -> object:
    return want.source, want.tag, want.digest, want.how.key


def _meant(want: Want, seen: Seen) -> object:
    # Equal digests are one image, wherever they come from. What was not asked for, or has no
    # answer, is only equal to itself.
    source = want.digest or seen.sources.get((want.source, want.tag or ""))
    return (source, want.how.key) if isinstance(source, Digest) else _said(want)


def _judge(want: Want, seen: Seen) -> _Judged:
    there = seen.tags.get(want.target)
    if isinstance(there, Exception):
        return _fault(want, there)
    if _is_settled(want, seen):
        return _Judged(want, _action(want, "skip", "is there, and never changes"))
    source = _source(want, seen)
    if not isinstance(source, Digest):
        return _fault(want, source)
    found = seen.targets.get(key_of(want))
    if isinstance(found, Missing):
        found, listed = None, False
    elif isinstance(found, Exception):
        return _fault(want, found)
    else:
        listed = _is_listed(want, seen)
    if not listed:
        return _Judged(want, _to_do(want, "copy", source, "is not there"), source)
    known = seen.memory.get(key_of(want))
    if _is_remembered(want, source, seen) and known is not None:
        if found is None or str(found) == known.target:
            return _same(want, source, Digest.parse(known.target))
        reason = "the target was changed by somebody else"
    elif found == source and not want.how.platforms:
        return _same(want, source, source)
    elif known is not None and known.how == want.how.key:
        reason = "the source has changed"
    elif found is not None:
        reason = "names something else"
    else:
        reason = "is there, and not known to be of this source"
    if not want.how.overwrite:
        return _Judged(want, _action(want, "skip", f"{reason}; it is not overwritten"))
    return _Judged(want, _to_do(want, "copy", source, reason), source)


def _same(want: Want, source: Digest, there: Digest) -> _Judged:
    if want.how.referrers == "all":
        reason = "is the same; what belongs to it may be new"
        return _Judged(want, _to_do(want, "refresh", source, reason), source, there)
    action = evolve(_action(want, "skip", "is the same"), digest=there)
    return _Judged(want, evolve(action, source=pinned(want.source, source)), source, there)


def _fault(want: Want, error: Exception) -> _Judged:
    return _Judged(want, evolve(_action(want, "fault", str(error)), error=error))


def _action(want: Want, kind: Kind, reason: str) -> Action:
    try:
        target = tagged(want.target, want.name)
    except OciError as error:
        where = f"{want.target}:{want.name}"
        return Action(kind="fault", entry=want.entry, target=where, reason=str(error), error=error)
    return Action(kind=kind, entry=want.entry, target=target, reason=reason, how=want.how)


def _to_do(want: Want, kind: Kind, source: Digest, reason: str) -> Action:
    action = _action(want, kind, reason)
    return evolve(action, source=pinned(want.source, source), digest=source)


def _source(want: Want, seen: Seen) -> Digest | Exception:
    if want.digest is not None:
        return want.digest
    assert want.tag is not None
    return seen.sources[want.source, want.tag]


def _is_listed(want: Want, seen: Seen) -> bool:
    there = seen.tags.get(want.target)
    return isinstance(there, frozenset) and want.name in there


def _is_settled(want: Want, seen: Seen) -> bool:
    return want.how.immutable and _is_listed(want, seen)


def _is_remembered(want: Want, source: Digest, seen: Seen) -> bool:
    known = seen.memory.get(key_of(want))
    return known is not None and known.source == str(source) and known.how == want.how.key
