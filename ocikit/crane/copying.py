"""
Verbs that copy content as it is, with what belongs to it, or tell what that would do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ocikit._records import evolve
from ocikit.content.image import Content
from ocikit.crane.alongside import alongside, beside, check_target
from ocikit.crane.located import locate, of_registry
from ocikit.crane.options import Options, for_target, writing
from ocikit.crane.places import flush, load
from ocikit.crane.write import TagExists, named_as, refuse_clobber
from ocikit.name.locator import DirPlace, LayoutPlace, Locator, RegistryPlace
from ocikit.name.parse import parse_repository
from ocikit.name.records import Repository, Tag

if TYPE_CHECKING:
    from ocikit.query.plan import Operation


def any_tag(tag: str) -> bool:
    """
    Keep every tag.
    """
    return True


def copy(
    source: str,
    target: str,
    options: Options,
    *,
    clobber: bool = True,
    referrers: bool = False,
) -> str:
    """
    Copy content from any place to any place, byte for byte; give its name there.

    An image that goes into a docker archive without a name keeps the one it has. Layers
    that an engine has unpacked, or saved so, are compressed on their way to a registry.

    Args:
        source: where from.
        target: where to.
        options: how to reach the places, and which platforms are wanted.
        clobber: whether a tag that is there is overwritten.
        referrers: whether what belongs to the content goes along: what refers to it or
            to an image in it, what refers to that, and cosign's tags. It is there before
            the tag is.

    Raises:
        TagExists: the target is there and `clobber` is false.
        PlaceUnsupported: the places cannot give or hold referrers.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> copy(name, "localhost/copied:1", options) == name.replace("app", "copied")
    True
    """
    origin, locator = locate(source, options), locate(target, options)
    if not clobber:
        refuse_clobber(locator, options)
    content = load(origin, for_target(locator, options))
    if referrers:
        count = copy_related(origin, locator, content, options)
        options.notice(f"{source}: copied {count} that belong to it")
    return flush(named_as(origin, locator), content, options)


def copy_related(source: Locator, target: Locator, content: Content, options: Options) -> int:
    """
    Copy what belongs to content that was loaded from a place, and give how many that were.

    The content itself is there before it, but under no tag.

    Raises:
        PlaceUnsupported: the places cannot give or hold what refers to it.
    """
    found = alongside(source, content, options)
    check_target(target)
    if found and isinstance(target, RegistryPlace):
        # What they are about comes first, under no tag yet.
        repository = target.reference.repository
        flush(RegistryPlace(repository.pin(content.digest)), content, options)
    whole = evolve(options, platforms=())
    for each in found:
        flush(beside(target, each), load(each.place, whole), whole)
    return len(found)


def copy_repository(
    source: str,
    target: str,
    options: Options,
    *,
    clobber: bool = True,
    referrers: bool = False,
    keep: Callable[[str], bool] = any_tag,
) -> Iterator[tuple[str, str]]:
    """
    Copy the tags of a repository to another; give each new name, and by digest, when done.

    Tags that the target has are skipped, with a notice, unless `clobber`.

    Args:
        source: the repository.
        target: the other.
        options: how to reach them, and which platforms are wanted.
        clobber: whether tags that are there are overwritten.
        referrers: whether what belongs to each goes along, as `copy` has it.
        keep: says of a tag whether it is wanted.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> [tag for tag, _ in copy_repository("localhost/app", "localhost/copied", options)]
    ['localhost/copied:1']
    """
    for old, new in _pairs(source, target, options, keep):
        try:
            pinned = copy(str(old), str(new), options, clobber=clobber, referrers=referrers)
        except TagExists:
            options.notice(f"{new}: exists already; skipped")
        else:
            yield str(new), pinned


def _pairs(
    source: str, target: str, options: Options, keep: Callable[[str], bool]
) -> Iterator[tuple[Tag, Tag]]:
    from ocikit.registry.list import tags

    old, new = (_repository(text, options) for text in (source, target))
    meant = False
    for name in tags(old, client=options.client):
        if keep(name):
            meant = True
            yield old.tag(name), new.tag(name)
    if not meant:
        options.notice(f"{old}: has no tag that is meant; nothing was copied")


def _repository(text: str, options: Options) -> Repository:
    return parse_repository(of_registry(text), weak=options.weak)


def survey_copy(
    source: str, target: str, options: Options, *, referrers: bool = False
) -> tuple[Operation, ...]:
    """
    Tell what a copy would do, step by step, and do nothing of it.

    Both places are only read: of a registry, a layout and a plain directory it is told
    what they have.

    Raises:
        PlaceUnsupported: the places cannot give or hold what is asked.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.crane.places import flush
    >>> from ocikit.registry.client import Client
    >>> from ocikit.server.handler import registry
    >>> options = Options(client=Client(send=registry()))
    >>> name = flush("localhost/app:1", IMAGE, options)
    >>> [step.action for step in survey_copy(name, "localhost/copied:1", options)]
    ['mount', 'put', 'tag']
    """
    origin, locator = locate(source, options), locate(target, options)
    content = load(origin, for_target(locator, options))
    steps: list[Operation] = []
    if referrers:
        check_target(locator)
        for each in alongside(origin, content, options):
            artifact = load(each.place, evolve(options, platforms=()))
            steps += _survey(beside(locator, each), artifact, options)
    steps += _survey(named_as(origin, locator), content, options)
    return tuple(dict.fromkeys(steps))


def survey_repository(
    source: str,
    target: str,
    options: Options,
    *,
    referrers: bool = False,
    keep: Callable[[str], bool] = any_tag,
) -> Iterator[Operation]:
    """
    Tell what the copy of a repository would do, tag by tag, each step once.
    """
    seen: set[Operation] = set()
    for old, new in _pairs(source, target, options, keep):
        for step in survey_copy(str(old), str(new), options, referrers=referrers):
            if step not in seen:
                seen.add(step)
                yield step


def _survey(target: Locator, content: Content, options: Options) -> tuple[Operation, ...]:
    if isinstance(target, RegistryPlace):
        from ocikit.registry.flush import plan_for
        from ocikit.registry.survey import survey

        name = target.reference
        return survey(plan_for(content, name, options.foreign), name, client=writing(options))
    from ocikit.query.plan import plan

    if isinstance(target, LayoutPlace):
        from ocikit.layout.survey import survey as survey_layout

        named = (target.reference,) if target.reference else ()
        return survey_layout(target.path, plan(content, *named, foreign=options.foreign))
    todo = plan(content, foreign=options.foreign)
    if isinstance(target, DirPlace):
        from ocikit.layout.survey import survey_plain

        return survey_plain(target.path, todo)
    return tuple(step.written for step in todo.steps)
