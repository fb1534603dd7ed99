"""
Carrying out what was decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ocikit._records import evolve, record
from ocikit.bulk.sync_actions import Action, Outcome, Result
from ocikit.bulk.sync_shelf import Place, shelf_of
from ocikit.content.image import Content
from ocikit.crane.copying import copy_related
from ocikit.crane.options import Options, writing
from ocikit.crane.places import flush, load
from ocikit.digest import Digest
from ocikit.errors import Missing, OciError
from ocikit.name.locator import LayoutPlace, RegistryPlace
from ocikit.name.parse import parse_reference
from ocikit.name.records import Tag
from ocikit.progress import Event, Report, Update

#: What happens to pieces that were not there.
_NEW: Final = frozenset({Event.DONE, Event.MOUNTED})


@record
class Work:
    """
    Actions with the same image, one after the other: it is loaded once, copied once to each
    target, and tagged there.
    """

    actions: tuple[Action, ...]

    def __str__(self) -> str:
        return " ".join(f"{action.kind} {action.target}" for action in self.actions)


def works_of(actions: Iterable[Action]) -> tuple[Work, ...]:
    """
    Put together what belongs together; in the order of the first of each.

    >>> works_of([])
    ()
    """
    groups: dict[object, list[Action]] = {}
    for action in actions:
        if action.kind in ("copy", "tag", "refresh"):
            groups.setdefault((str(action.source), action.how.key), []).append(action)
    return tuple(Work(tuple(group)) for group in groups.values())


class _Moved:
    """
    Counts what moves, and passes it on.
    """

    def __init__(self, action: Action, report: Report) -> None:
        # A layout tags again what it has; who only looks for more takes that for nothing.
        self._news = _NEW if action.kind == "refresh" else _NEW | {Event.TAGGED}
        self._report = report
        self.new = False
        self.bytes = 0

    def __call__(self, update: Update) -> None:
        self.new = self.new or update.event in self._news
        if update.event is Event.MOVED:
            self.bytes += update.bytes
        self._report(update)


def carry_out(options: Options, work: Work) -> tuple[Result, ...]:
    """
    Do what is to be done with an image; what fails at one target does not keep others back.
    """
    doing = _Doing(options)
    return tuple(doing.result(action) for action in work.actions)


class _Doing:
    def __init__(self, options: Options) -> None:
        self._options = options
        self._content: Content | None = None
        #: What each target holds of the image, by now.
        self._held: dict[str, Digest] = {}

    def result(self, action: Action) -> Result:
        moved = _Moved(action, self._options.report)
        try:
            digest = self._do(action, evolve(self._options, report=moved))
        except (OciError, OSError) as error:
            return Result(action=action, outcome="failed", error=error, bytes=moved.bytes)
        outcome: Outcome = "done" if moved.new or action.kind == "tag" else "same"
        return Result(action=action, outcome=outcome, digest=digest, bytes=moved.bytes)

    def _do(self, action: Action, options: Options) -> Digest:
        assert not isinstance(action.target, str)
        shelf = shelf_of(action.target)
        held = action.held or self._held.get(shelf)
        if action.kind == "tag" and held is not None:
            try:
                return _tag(action.target, held, options)
            except Missing:
                # The list was older than what has become of it.
                pass
        digest = self._copy(action, options)
        self._held[shelf] = digest
        return digest

    def _copy(self, action: Action, options: Options) -> Digest:
        assert action.source is not None
        assert not isinstance(action.target, str)
        chosen = evolve(options, platforms=action.how.platforms)
        content = self._loaded(action, chosen)
        if action.how.referrers != "none":
            copy_related(action.source, action.target, content, chosen)
        name = flush(action.target, content, chosen)
        if isinstance(action.target, RegistryPlace):
            return Digest.parse(parse_reference(name).identifier)
        return content.digest

    def _loaded(self, action: Action, options: Options) -> Content:
        # All actions of a work have one source.
        if self._content is None:
            assert action.source is not None
            self._content = load(action.source, options)
        return self._content


def _tag(target: Place, held: Digest, options: Options) -> Digest:
    if isinstance(target, RegistryPlace):
        from ocikit.registry.tag import tag

        name = target.reference
        assert isinstance(name, Tag)
        tag(name.repository.pin(held), name.tag, client=writing(options))
        return held
    content = load(LayoutPlace(target.path, str(held)), evolve(options, platforms=()))
    flush(target, content, options)
    return held


def take_away(options: Options, action: Action) -> Result:
    """
    Delete a tag of a target, and nothing else.
    """
    try:
        if isinstance(action.target, RegistryPlace):
            from ocikit.crane.write import delete

            # Where tags go only with their manifests, and all other tags of these, another
            # manifest is put under this one, and goes with it.
            delete(str(action.target), options, swap=True)
        else:
            from ocikit.layout.change import remove

            assert isinstance(action.target, LayoutPlace)
            remove(action.target.path, action.target.reference)
    except Missing:
        return Result(action=action, outcome="same")
    except (OciError, OSError) as error:
        return Result(action=action, outcome="failed", error=error)
    return Result(action=action, outcome="done")


def told(actions: Iterable[Action]) -> Iterator[Result]:
    """
    Give the results of actions that do nothing.
    """
    for action in actions:
        if action.kind == "skip":
            outcome: Outcome = "same" if action.digest is not None else "skipped"
            yield Result(action=action, outcome=outcome, digest=action.digest)
        elif action.kind == "conflict":
            yield Result(action=action, outcome="skipped")
        elif action.kind == "fault":
            yield Result(action=action, outcome="failed", error=action.error)
